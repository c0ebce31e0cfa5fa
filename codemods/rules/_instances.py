"""Classes given where an instance belongs: whether calling them without arguments makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.classes import Class, Role, role_of_name

if TYPE_CHECKING:
    from ..engine.kinds import Type

#: Classes of 2.6.6 whose ``__init__`` needs arguments, with how a call may look.
_WITH_ARGUMENTS = {
    "EarlyStopping": 'EarlyStopping(monitor="val_loss")',
    "GradientAccumulationScheduler": "GradientAccumulationScheduler(scheduling={0: 2})",
    "ModelPruning": 'ModelPruning("l1_unstructured")',
    "OnExceptionCheckpoint": 'OnExceptionCheckpoint("checkpoints")',
    "StochasticWeightAveraging": "StochasticWeightAveraging(swa_lrs=1e-2)",
    "ThroughputMonitor": "ThroughputMonitor(batch_size_fn=…)",
    "BasePredictionWriter": "an instance of your subclass",
    "BaseFinetuning": "an instance of your subclass",
    "CSVLogger": 'CSVLogger("logs")',
    "TensorBoardLogger": 'TensorBoardLogger("logs")',
    "Logger": "an instance of one of its subclasses",
    "Callback": "an instance of your subclass",
    "LightningDataModule": "an instance of your subclass",
}


def plays(made: Type, role: Role) -> bool:
    """Whether a class, known by a type of kind ``class``, has a role."""
    if made.cls is not None:
        return made.cls.has(role)
    return made.name is not None and role_of_name(made.name) is role


def needs_nothing(made: Type) -> bool:
    """Whether a class can surely be called without arguments."""
    if made.cls is not None:
        return _class_needs_nothing(made.cls)
    name = made.name or ""
    return name.startswith("lightning.pytorch.") and name.rpartition(".")[2] not in _WITH_ARGUMENTS


def _class_needs_nothing(cls: Class) -> bool:
    if cls.unknown_bases or any(c.node.decorator_list for c in cls.mro):
        return False
    found = cls.method("__init__")
    if found is None:
        known = ("lightning.pytorch.Callback", "lightning.pytorch.LightningDataModule")
        return all(name in known for name in cls.foreign_bases)
    arguments = found[1].args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    return required <= 1 and all(d is not None for d in arguments.kw_defaults)


def example(made: Type) -> str:
    """A call that makes an instance, to be told."""
    last = made.cls.name if made.cls is not None else (made.name or "").rpartition(".")[2]
    return _WITH_ARGUMENTS.get(last, f"{last}(…)")
