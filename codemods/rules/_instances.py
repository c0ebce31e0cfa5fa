"""Classes given where an instance belongs: whether calling them without arguments makes one."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role, role_of_name
from ..engine.values import infer
from ..model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.kinds import Type
    from ..engine.rule import Rule
    from ..model import Finding

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


def class_given(
    rule: Rule, file: File, node: ast.expr, method: str, role: Role
) -> Iterator[Finding]:
    """The finding at an argument that is a class of a role, where an instance belongs."""
    types = infer(file, node)
    made = next(iter(types)) if len(types) == 1 else None
    if made is None or made.kind != "class" or not plays(made, role):
        return
    message = f"{method} is given the class {file.text(node)}, not an instance"
    if needs_nothing(made) and isinstance(node, (ast.Name, ast.Attribute)):
        fix = Fix("make an instance", (file.replace(node, f"{file.text(node)}()"),))
        yield file.finding(rule, node, message, fix=fix)
    else:
        yield file.finding(rule, node, message, reason=f"make an instance: {example(made)}")


def model_of(call: ast.Call) -> ast.expr | None:
    """What a method of the Trainer is given as the model, by position or by name."""
    if call.args:
        return None if isinstance(call.args[0], ast.Starred) else call.args[0]
    return next((k.value for k in call.keywords if k.arg == "model"), None)
