"""The Trainer arguments of one harmless step: what is forced, what of the user's own stays."""

from __future__ import annotations

import importlib
import re
from typing import Any, Callable, Mapping, Tuple

from .device import Device

# What Lightning says when an argument is right but this machine lacks what it names. Messages of
# 1.5 to 2.6: "can not run on your system", "No supported gpu backend found!", "But your machine
# only has: []", "Requested DeepSpeed strategy, but it is not installed".
_ABSENT_HERE = re.compile(
    r"can not run on your system|no supported gpu backend|machine only has|not compiled with"
    r"|not available|no cuda|(requires?|requested) .*install|pip install",
    re.IGNORECASE | re.DOTALL,
)

# Callbacks that write checkpoints, or that run training steps of their own before the first batch.
_DROPPED_CALLBACKS = ("Checkpoint", "ModelCheckpoint", "LearningRateFinder", "BatchSizeFinder")

# Device arguments of old releases and their like: back to the installed release's own default.
_RESET = (
    "amp_backend",
    "amp_level",
    "auto_lr_find",
    "auto_scale_batch_size",
    "auto_select_gpus",
    "barebones",
    "checkpoint_callback",
    "distributed_backend",
    "fast_dev_run",
    "gpus",
    "ipus",
    "max_time",
    "min_epochs",
    "min_steps",
    "num_nodes",
    "num_processes",
    "overfit_batches",
    "profiler",
    "resume_from_checkpoint",
    "strategy",
    "sync_batchnorm",
    "tpu_cores",
    "val_check_interval",
    "weights_save_path",
)


def is_absent_here(error: BaseException) -> bool:
    """Whether Lightning refuses its arguments for want of hardware or of an optional package."""
    return _ABSENT_HERE.search(str(error)) is not None


def one_step(
    given: Mapping[str, Any],
    defaults: Mapping[str, Any],
    device: Device,
    lightning: str,
    folder: str,
    batches: int = 1,
    together: Tuple[int, str] = (1, ""),
) -> tuple[dict[str, Any], list[str]]:
    """The arguments to build the Trainer with, and what of the user's was left out.

    ``given`` are the user's own, ``defaults`` the installed release's, by parameter name;
    ``lightning`` is the namespace (``pytorch_lightning`` or ``lightning.pytorch``); ``folder``
    takes whatever the step writes, ``batches`` is how many are trained,
    ``together`` how many processes train, and by which strategy.

    ``max_epochs`` and ``max_steps`` stay as given, because schedules are computed from them: the
    probe ends the run after its batch instead.
    """
    wanted: dict[str, Any] = {name: defaults[name] for name in _RESET if name in defaults}
    wanted.update(
        limit_train_batches=batches,
        limit_val_batches=_at_most(min(batches, 2), given.get("limit_val_batches")),
        limit_test_batches=_at_most(1, given.get("limit_test_batches")),
        limit_predict_batches=1,
        num_sanity_val_steps=0,
        check_val_every_n_epoch=1,
        log_every_n_steps=1,
        default_root_dir=folder,
        logger=False if given.get("logger") is False else null_logger(lightning, folder),
    )
    wanted.update(_length(given))
    wanted.update(_devices(device, defaults, *together))
    if "enable_checkpointing" in defaults:
        wanted["enable_checkpointing"] = False
    else:
        wanted["checkpoint_callback"] = False
    callbacks, notes = _callbacks(given.get("callbacks"), lightning)
    wanted["callbacks"] = callbacks
    if "plugins" in given:
        wanted["plugins"] = _plugins(given["plugins"]) or defaults["plugins"]
    if device.kind != "cuda" and _needs_cuda(given.get("precision")):
        wanted["precision"] = defaults["precision"]
        notes.append(f"precision={given['precision']!r} needs a GPU: one step in full precision")
    arguments = dict(given)
    arguments.update((name, value) for name, value in wanted.items() if name in defaults)
    return arguments, notes


def null_logger(lightning: str, folder: str) -> Any:
    """A logger that accepts every call and writes nothing, as ``fast_dev_run`` uses it.

    ``False`` would break code that is right: ``self.logger.experiment.add_image(...)``.
    """
    for module in ("loggers.logger", "loggers.base"):
        try:
            base = importlib.import_module(f"{lightning}.{module}").DummyLogger
        except (ImportError, AttributeError):
            continue
        where = property(lambda _: folder)
        # 1.6 and 1.7 take a logger that can be iterated over for a list of loggers, an empty one.
        parts = {"save_dir": where, "log_dir": where, "__iter__": None}
        return type("NullLogger", (base,), parts)()
    return False


def _at_most(most: int, limit: Any) -> int:
    return 0 if limit is not None and limit == 0 else most


def _length(given: Mapping[str, Any]) -> dict[str, Any]:
    epochs, steps = given.get("max_epochs"), given.get("max_steps")
    if isinstance(epochs, int) and epochs >= 1:
        return {}
    if epochs is None and isinstance(steps, int) and steps >= 1:
        return {}
    return {"max_epochs": 1}


def _devices(
    device: Device, defaults: Mapping[str, Any], number: int, strategy: str
) -> dict[str, Any]:
    """The devices in the words of the installed release; ``devices`` is new in 1.5."""
    if "devices" in defaults:
        name = "gpu" if device.kind == "cuda" else device.kind
        if number > 1:
            return {"accelerator": name, "devices": number, "strategy": strategy or "ddp"}
        return {"accelerator": name, "devices": [device.number] if device.kind == "cuda" else 1}
    return {"accelerator": None, "gpus": [device.number] if device.kind == "cuda" else None}


def _callbacks(given: Any, lightning: str) -> tuple[Any, list[str]]:
    base: Any = importlib.import_module(f"{lightning}.callbacks").Callback
    listed = [given] if isinstance(given, base) else given
    if not isinstance(listed, (list, tuple)):
        return listed, []
    kept, notes = [], []
    for callback in listed:
        names = {parent.__name__ for parent in type(callback).__mro__}
        if isinstance(callback, base) and names.intersection(_DROPPED_CALLBACKS):
            notes.append(f"callback {type(callback).__name__} was left out")
        else:
            kept.append(callback)
    return kept, notes


def _plugins(given: Any) -> list[Any]:
    """Plugins that do not decide where the step runs."""
    listed = given if isinstance(given, (list, tuple)) else [given]
    kinds = ("Precision", "PrecisionPlugin", "CheckpointIO", "LayerSync")
    return [
        plugin
        for plugin in listed
        if any(parent.__name__ in kinds for parent in type(plugin).__mro__)
    ]


def _needs_cuda(precision: Any) -> bool:
    text = str(precision)
    return ("16" in text and "bf16" not in text) or text.startswith(("transformer", "nf4", "int8"))


def accepts(build: Callable[..., None], cls: Any, given: Mapping[str, Any]) -> Any:
    """Try the user's own arguments on a Trainer that is thrown away.

    Forcing the device would hide a wrong ``accelerator`` or ``strategy``, so Lightning is asked
    about them first. Returns the error if it is only this machine that lacks something.

    Raises:
        Exception: what Lightning raises on arguments it does not accept anywhere.
    """
    own = dict(given)
    if isinstance(own.get("callbacks"), list):
        own["callbacks"] = list(own["callbacks"])
    try:
        build(cls.__new__(cls), **own)
    except Exception as error:
        if not is_absent_here(error):
            raise
        return error
    return None
