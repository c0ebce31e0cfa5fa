"""What the attributes of Lightning's own objects are, and what its hooks are handed.

Kinds are the last names of classes: ``Trainer``, ``LightningModule``. Sources: the properties of
``trainer/trainer.py``, ``core/module.py``, ``core/hooks.py`` and ``cli.py``, 1.0.8 to 2.6.6.
"""

from __future__ import annotations

TRAINER = "Trainer"
MODULE = "LightningModule"
DATAMODULE = "LightningDataModule"
CALLBACK = "Callback"
LOGGER = "Logger"
FABRIC = "Fabric"
CLI = "LightningCLI"
STRATEGY = "Strategy"
ACCELERATOR = "Accelerator"
PRECISION = "Precision"
FIT_LOOP = "FitLoop"
ACCELERATORS = "AcceleratorConnector"
CHECKPOINTS = "CheckpointConnector"

#: The canonical class of a kind.
CLASSES = {
    TRAINER: "lightning.pytorch.Trainer",
    MODULE: "lightning.pytorch.LightningModule",
    DATAMODULE: "lightning.pytorch.LightningDataModule",
    CALLBACK: "lightning.pytorch.Callback",
    LOGGER: "lightning.pytorch.loggers.Logger",
    FABRIC: "lightning.fabric.Fabric",
    CLI: "lightning.pytorch.cli.LightningCLI",
    STRATEGY: "lightning.pytorch.strategies.Strategy",
    ACCELERATOR: "lightning.pytorch.accelerators.Accelerator",
    PRECISION: "lightning.pytorch.plugins.PrecisionPlugin",
    FIT_LOOP: "lightning.pytorch.loops.FitLoop",
    ACCELERATORS: "lightning.pytorch.trainer.connectors.accelerator_connector.AcceleratorConnector",
    CHECKPOINTS: "lightning.pytorch.trainer.connectors.checkpoint_connector.CheckpointConnector",
}

_ATTRIBUTES = {
    (MODULE, "trainer"): TRAINER,
    (MODULE, "logger"): LOGGER,
    (MODULE, "fabric"): FABRIC,
    (DATAMODULE, "trainer"): TRAINER,
    (TRAINER, "model"): MODULE,
    (TRAINER, "lightning_module"): MODULE,
    (TRAINER, "datamodule"): DATAMODULE,
    (TRAINER, "logger"): LOGGER,
    (TRAINER, "checkpoint_callback"): CALLBACK,
    (TRAINER, "early_stopping_callback"): CALLBACK,
    (TRAINER, "progress_bar_callback"): CALLBACK,
    (TRAINER, "strategy"): STRATEGY,
    (TRAINER, "training_type_plugin"): STRATEGY,
    (TRAINER, "accelerator"): ACCELERATOR,
    (TRAINER, "precision_plugin"): PRECISION,
    (TRAINER, "fit_loop"): FIT_LOOP,
    (TRAINER, "accelerator_connector"): ACCELERATORS,
    (TRAINER, "checkpoint_connector"): CHECKPOINTS,
    (CLI, "trainer"): TRAINER,
    (CLI, "model"): MODULE,
    (CLI, "datamodule"): DATAMODULE,
}
_LISTS = {
    (TRAINER, "callbacks"): CALLBACK,
    (TRAINER, "loggers"): LOGGER,
    (MODULE, "loggers"): LOGGER,
}

#: Kinds of objects whose members are not all known: an attribute holds some subclass of theirs.
ABSTRACT = frozenset({STRATEGY, ACCELERATOR, PRECISION, CALLBACK, LOGGER, FIT_LOOP})

#: Hooks of a Callback that are not handed a trainer and a module.
_BARE = frozenset({"state_dict", "load_state_dict", "on_init_start", "on_init_end"})


def attribute(kind: str, name: str) -> str | None:
    """The kind of an attribute of an object of a kind; None where it is none of Lightning's."""
    return _ATTRIBUTES.get((kind, name))


def listed(kind: str, name: str) -> str | None:
    """The kind of the elements of an attribute that is a list."""
    return _LISTS.get((kind, name))


def handed(kind: str, hook: str, index: int) -> str | None:
    """The kind of what a hook is handed at a place (``self`` is 0): callbacks get two objects."""
    if kind != CALLBACK or hook.startswith("__"):
        return None
    if hook in ("on_init_start", "on_init_end"):
        return TRAINER if index == 1 else None
    if hook in _BARE or not hook.startswith(("on_", "setup", "teardown")):
        return None
    return {1: TRAINER, 2: MODULE}.get(index)
