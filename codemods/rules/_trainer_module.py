"""The module that a Trainer fits, and the Trainers that fit a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._construction import class_of
from ._trainer_calls import trainer_calls
from ._trainer_uses import model_of, uses
from ._variables import literal

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ._trainer_calls import TrainerCall

_FLAG = "automatic_optimization"


def module_of(call: TrainerCall) -> Class | None:
    """The class of the one module that the Trainer fits."""
    used = uses(call.file, call.node) if call.kind == "Trainer" else None
    models = [model_of(fit) for fit in used.of("fit")] if used is not None else []
    found = {class_of(call.file, model) for model in models if model is not None}
    return found.pop() if len(found) == 1 else None


def is_by_hand(cls: Class) -> bool:
    """Whether every assignment of the flag switches automatic optimization off."""
    values = [value for _, value in cls.class_values(_FLAG)]
    values += [value for _, _, value, path in cls.self_assignments(_FLAG) if value and not path]
    return bool(values) and all(literal(value) is False for value in values)


def trainers_of(cls: Class, argument: str) -> list[TrainerCall]:
    """The Trainers with an argument that fit a class or an heir of it, as far as that is seen."""
    family = [cls, *cls.file.project.heirs(cls)]
    words = [c.name.encode() for c in family]
    files = cls.file.project.holding(argument.encode(), cls.file.path, beside=words)
    return [
        call
        for file in files
        for call in trainer_calls(file)
        if call.get(argument) is not None and module_of(call) in family
    ]
