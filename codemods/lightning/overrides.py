"""Lightning's extension points besides modules and callbacks, and their methods that changed.

Strategies, precision plugins, accelerators, cluster environments and loggers are classes that
projects derive from; Lightning calls their methods by name. Sources: ``strategies/strategy.py``,
``plugins/precision/precision.py``, ``plugins/environments``, ``accelerators/accelerator.py`` and
``loggers/logger.py`` of 1.2 to 2.6.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

PRECISION = "Precision"
STRATEGY = "Strategy"
ACCELERATOR = "Accelerator"
ENVIRONMENT = "ClusterEnvironment"
LOGGER = "Logger"
FINETUNING = "BaseFinetuning"

_PLUGINS = ("lightning.pytorch.plugins.", "lightning.fabric.plugins.")
_STRATEGIES = ("lightning.pytorch.strategies.",)
#: What 1.2 to 1.5 had among the plugins and is a strategy since 1.6.
_STRATEGY_PLUGINS = (
    "DDPPlugin", "DDP2Plugin", "DDPSpawnPlugin", "DDPShardedPlugin", "DDPSpawnShardedPlugin",
    "DDPFullyShardedPlugin", "DeepSpeedPlugin", "DataParallelPlugin", "HorovodPlugin", "IPUPlugin",
    "ParallelPlugin", "SingleDevicePlugin", "SingleTPUPlugin", "TPUSpawnPlugin",
    "TrainingTypePlugin",
)  # fmt: skip
_FINETUNING = ("BaseFinetuning", "BackboneFinetuning")


def kind_of(name: str) -> str | None:
    """Which extension point a class of Lightning is, by its canonical name."""
    package, _, last = name.rpartition(".")
    if not last[:1].isupper():
        return None
    if package == "lightning.pytorch.callbacks":
        return FINETUNING if last in _FINETUNING else None
    if package == "lightning.pytorch.loggers":
        return LOGGER
    if package in ("lightning.pytorch.accelerators", "lightning.fabric.accelerators"):
        return ACCELERATOR
    if name.startswith(_STRATEGIES) or last in _STRATEGY_PLUGINS:
        return STRATEGY if name.startswith((*_STRATEGIES, *_PLUGINS)) else None
    if not name.startswith(_PLUGINS):
        return None
    if last.endswith("Environment"):
        return ENVIRONMENT
    # Fabric's precision plugins are called with other arguments.
    return PRECISION if "Precision" in last and name.startswith(_PLUGINS[0]) else None


@dataclass(frozen=True)
class Override:
    """A method that Lightning does not call any more, or calls otherwise.

    ``becomes`` is today's name, ``parameters`` what that is given (without ``self``),
    ``as_property`` whether it is a property now. ``parent`` is the call of the parent's method that
    an override needs because that does work of its own, ``{trainer}`` for the first parameter, and
    ``first`` says that this comes before the old method's body. ``doubt`` is in what the new one
    differs. Without ``becomes`` there is a ``way_out`` only. ``removed`` is the first release that
    does not call it, ``warns`` says that it only warns.
    """

    owner: str
    old: str
    removed: str
    becomes: str = ""
    parameters: tuple[str, ...] = ()
    as_property: bool = False
    parent: str = ""
    first: bool = False
    doubt: str = ""
    way_out: str = ""
    warns: bool = False
    pull: int | None = None


_ROWS = (
    Override(LOGGER, "close", "1.7", "finalize", ("status",), pull=9422,
             doubt="finalize runs at the end of every stage, also when it failed"),
    Override(LOGGER, "agg_and_log_metrics", "1.8", "log_metrics", ("metrics", "step"), pull=11832),
    Override(ENVIRONMENT, "creates_children", "1.6", "creates_processes_externally",
             as_property=True, pull=10106),
    Override(ENVIRONMENT, "master_address", "1.7", "main_address", as_property=True, pull=13458),
    Override(ENVIRONMENT, "master_port", "1.7", "main_port", as_property=True, pull=13458),
    Override(PRECISION, "on_load_checkpoint", "1.8", "load_state_dict", ("state_dict",),
             pull=11978),
    Override(PRECISION, "on_save_checkpoint", "1.8", "state_dict", pull=11978),
    Override(PRECISION, "dispatch", "2.0", pull=16618,
             way_out="override connect(self, model, optimizers, lr_schedulers), or "
             "convert_module(self, module) for what concerns the module"),
    Override(ACCELERATOR, "setup_environment", "2.0", "setup_device", ("device",), pull=16436),
    Override(STRATEGY, "dispatch", "2.0", pull=16618,
             way_out="override setup(self, trainer), and call super().setup(trainer) there"),
    Override(STRATEGY, "post_dispatch", "1.7", "teardown", parent="super().teardown()",
             doubt="teardown also runs when the run failed", pull=13461),
    Override(STRATEGY, "pre_dispatch", "1.6", "setup", ("trainer",),
             parent="super().setup({trainer})", first=True,
             doubt="setup runs for every stage, before a checkpoint is restored"),
    Override(STRATEGY, "post_training_step", "2.1", warns=True, pull=17531,
             way_out="it is still called, with a warning: do this in on_train_batch_end of a "
             "callback"),
)  # fmt: skip


@lru_cache(maxsize=1)
def overrides() -> dict[tuple[str, str], Override]:
    """The methods by extension point and old name."""
    return {(row.owner, row.old): row for row in _ROWS}
