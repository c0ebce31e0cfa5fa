"""Arguments that changed, by the callable that takes them; methods are in a second file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .keywords_methods import METHOD_KEYWORDS
from .row import Keyword

if TYPE_CHECKING:
    from collections.abc import Iterator

_PL = "lightning.pytorch."
_CHECKPOINT = _PL + "callbacks.ModelCheckpoint"
_LAMBDA = _PL + "callbacks.LambdaCallback"
_COMET = _PL + "loggers.CometLogger"
_TENSORBOARD = _PL + "loggers.TensorBoardLogger"
_NEPTUNE = _PL + "loggers.NeptuneLogger"
_DEVICE_STATS = _PL + "callbacks.DeviceStatsMonitor"
_DDP = _PL + "strategies.DDPStrategy"
_DEEPSPEED = _PL + "strategies.DeepSpeedStrategy"
_TORCH_PROFILER = _PL + "profilers.PyTorchProfiler"
_SUMMARY = _PL + "utilities.model_summary.ModelSummary"

#: What the two modes of a summary are as depths. Source: ``core/memory.py`` of 1.4.9.
DEPTHS = (("None", ""), ('"top"', "1"), ('"full"', "-1"))

_UNIT = "it was a number per second and is one of batches"
_EACH_STAGE = "it ran in validation and testing too; that is on_{0}_epoch_{1} of each"
_BEFORE_FIT = (
    "on_fit_start comes before the first sanity check, as this one did not in all releases"
)
_STATS = "DeviceStatsMonitor logs what the device tells by itself; there is no choice"
_WRAPPER = "a wrapper of the module is not needed any more: derive from DDPStrategy"
_LOOK_UP = "with on_exception it gets the exception too, as a third argument"
_BATCH = "with on_{0} it gets the batch too; give it those arguments"


def _dropped(
    owner: str,
    names: str,
    removed: str,
    *,
    deprecated: str = "",
    pull: int | None = None,
    doubt: str = "",
    idle: tuple[str, ...] = (),
) -> Iterator[Keyword]:
    """A row for each of ``names`` that is left away; without doubt for ``idle`` values."""
    values = tuple((value, "") for value in idle)
    for name in names.split():
        yield Keyword(name, removed, deprecated, pull, owner, doubt=doubt, values=values)


def _hook(old: str, new: str, doubt: str) -> Keyword:
    return Keyword(old, "1.8", "1.6", 14834, _LAMBDA, new, doubt=doubt, values=(("None", ""),))


def _lost(old: str, way_out: str) -> Keyword:
    none = (("None", ""),)
    return Keyword(old, "1.8", "1.6", 14834, _LAMBDA, way_out=way_out, values=none)


_BELOW = (
    "a negative number raises as every_n_epochs: 0 saves nothing, as 1.0 to 1.2 did with -1; left "
    "away, it saves after every validation"
)
_NEVER = (
    "0 saved after every validation until 0.9, and nothing at all since: leave it away for the "
    "one, write every_n_epochs=0 for the other"
)

KEYWORDS: tuple[Keyword, ...] = (
    *METHOD_KEYWORDS,
    # callbacks
    Keyword(
        "period",
        "1.5",
        "1.3",
        6146,
        _CHECKPOINT,
        "every_n_epochs",
        values=(("None", ""),),
        refused=(("-1", _BELOW), ("0", _NEVER)),
        place=7,
    ),
    Keyword("every_n_val_epochs", "1.6", "1.4", 8383, _CHECKPOINT, "every_n_epochs"),
    Keyword("round", "1.5", "", None, _PL + "callbacks.BackboneFinetuning", "rounding"),
    Keyword(
        "refresh_rate_per_second",
        "1.6",
        "",
        10497,
        _PL + "callbacks.RichProgressBar",
        "refresh_rate",
        doubt=_UNIT,
        values=(("0", "0"),),
    ),
    *_dropped(
        _DEVICE_STATS,
        "memory_utilization gpu_utilization intra_step_time inter_step_time fan_speed temperature",
        "1.7",
        deprecated="1.5",
        pull=9924,
        doubt=_STATS,
        idle=("False",),
    ),
    _hook("on_epoch_start", "on_train_epoch_start", _EACH_STAGE.format("validation", "start")),
    _hook("on_epoch_end", "on_train_epoch_end", _EACH_STAGE.format("validation", "end")),
    _hook("on_pretrain_routine_start", "on_fit_start", _BEFORE_FIT),
    _hook("on_pretrain_routine_end", "on_fit_start", _BEFORE_FIT),
    _hook("on_before_accelerator_backend_setup", "setup", "setup gets the stage too"),
    _hook("on_configure_sharded_model", "setup", "setup gets the stage too"),
    _lost("on_batch_start", _BATCH.format("train_batch_start")),
    _lost("on_batch_end", _BATCH.format("train_batch_end")),
    _lost("on_init_start", "do it before the Trainer is made"),
    _lost("on_init_end", "do it after the Trainer is made, or in setup"),
    Keyword(
        "on_keyboard_interrupt",
        "1.7",
        "1.5",
        9260,
        _LAMBDA,
        way_out=_LOOK_UP,
        values=(("None", ""),),
    ),
    # summaries
    Keyword(
        "mode", "1.6", "1.4", 10449, _SUMMARY, "max_depth", values=DEPTHS, strict=True, place=1
    ),
    Keyword(
        "mode",
        "1.6",
        "1.4",
        10449,
        _PL + "utilities.model_summary.summarize",
        "max_depth",
        values=DEPTHS,
        strict=True,
        place=1,
    ),
    # loggers
    *_dropped(
        _PL + "loggers.Logger",
        "agg_key_funcs agg_default_func",
        "1.8",
        deprecated="1.6",
        pull=11871,
        doubt="",
    ),
    *_dropped(
        _TENSORBOARD,
        "description debug create_git_tag",
        "1.7",
        deprecated="1.5",
        pull=9065,
    ),
    Keyword("api_key", "2.5", "", 20275, _COMET, "api_key", place=0),
    Keyword("save_dir", "", "2.5", 20275, _COMET, "offline_directory", place=1),
    Keyword("project_name", "", "2.5", 20275, _COMET, "project", place=2),
    Keyword("rest_api_key", "2.5", "", 20275, _COMET, place=3),
    Keyword("experiment_name", "", "2.5", 20275, _COMET, "name", place=4),
    Keyword("experiment_key", "2.5", "", 20275, _COMET, "experiment_key", place=5),
    # 2.5 and 2.6 read offline=True as online=True (loggers/comet.py), so it is not only renamed.
    Keyword(
        "offline",
        "2.5",
        "",
        20275,
        _COMET,
        "online",
        value="not ({0})",
        values=(("True", "False"), ("False", "True")),
        place=6,
    ),
    *_dropped(
        _PL + "loggers.WandbLogger", "sync_step", "1.5", deprecated="1.2", pull=8763, idle=("None",)
    ),
    Keyword("project_name", "1.5", "", 6867, _NEPTUNE, "project"),
    Keyword("experiment_name", "1.5", "", 6867, _NEPTUNE, "name"),
    Keyword(
        "offline_mode",
        "1.5",
        "",
        6867,
        _NEPTUNE,
        "mode",
        values=(("True", '"offline"'), ("False", "")),
        strict=True,
    ),
    *_dropped(_NEPTUNE, "close_after_fit", "1.5", pull=6867, idle=("True",), doubt="call stop()"),
    # profilers
    *_dropped(
        _TORCH_PROFILER, "profiled_functions", "1.5", deprecated="1.3", pull=6349, idle=("None",)
    ),
    *_dropped(_TORCH_PROFILER, "record_functions", "1.6", pull=11254, idle=("None",)),
    # strategies and plugins
    *_dropped(
        _DDP,
        "num_nodes",
        "1.6",
        deprecated="1.4",
        pull=7026,
        doubt="hand it to the Trainer: Trainer(num_nodes=...)",
        idle=("None", "1"),
    ),
    *_dropped(
        _DDP,
        "sync_batchnorm",
        "1.6",
        deprecated="1.4",
        pull=7026,
        doubt="hand it to the Trainer: Trainer(sync_batchnorm=True)",
        idle=("None", "False"),
    ),
    Keyword("cpu_offload", "1.5", "1.4", 9244, _DEEPSPEED, "offload_optimizer"),
    Keyword("cpu_offload_params", "1.5", "1.4", 9244, _DEEPSPEED, "offload_parameters"),
    Keyword("cpu_offload_use_pin_memory", "1.5", "1.4", 9244, _DEEPSPEED, "pin_memory"),
    *_dropped(_DEEPSPEED, "save_full_weights partition_module", "1.5", pull=9244),
    *_dropped(
        _DEEPSPEED,
        "num_nodes",
        "1.6",
        pull=7026,
        doubt="hand it to the Trainer: Trainer(num_nodes=...)",
        idle=("None", "1"),
    ),
    Keyword(
        "dtype",
        "2.2",
        "",
        19082,
        _PL + "plugins.TransformerEnginePrecision",
        "weights_dtype",
        place=0,
    ),
    *(
        Keyword(
            "pl_module",
            "2.0",
            "1.8",
            16386,
            f"{_PL}overrides.{name}",
            way_out=_WRAPPER,
        )
        for name in (
            "base._LightningModuleWrapperBase",
            "distributed.LightningDistributedModule",
            "data_parallel.LightningParallelModule",
        )
    ),
)
