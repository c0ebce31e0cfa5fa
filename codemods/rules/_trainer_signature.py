"""Classes whose fields become arguments of a Trainer because its signature has their names."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lightning.trainer import (
    GONE_ARGUMENTS,
    OLD_PRECISION_ARGUMENTS,
    REMOVED_ARGUMENTS,
    RENAMED_ARGUMENTS,
    TRAINER_PARAMETERS,
)
from ._trainer_remedy import INSTEAD
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File

_ASKING = ("inspect.signature", "inspect.getfullargspec")
_TRAINER = "lightning.pytorch.Trainer"
#: So many fields are called like arguments of the Trainer where a class is about it.
_ENOUGH = 4
_NOT_NONE = ("devices", "strategy")
_DEVICES = "write accelerator= and devices="
_PRECISION = "leave it away; precision= says all"


@dataclass(frozen=True, eq=False)
class Field:
    """A field that a Trainer does not get any more, or gets with a value that it rejects."""

    node: ast.AST
    message: str
    reason: str


def fields_by_signature(file: File) -> Iterator[Field]:
    """Such fields of the classes of a file, where the project asks for the Trainer's signature."""
    for cls in file.tree.classes:
        named = {
            s.target.id: s
            for s in cls.body
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        }
        if len(named.keys() & TRAINER_PARAMETERS) < _ENOUGH or not _is_asked_for(file):
            continue
        for name, statement in named.items():
            if name in GONE_ARGUMENTS and name not in TRAINER_PARAMETERS:
                message = (
                    f"Trainer has no argument {name}: what picks options by the Trainer's "
                    "signature leaves it out without a word"
                )
                yield Field(statement, message, instead(name))
            elif name in _NOT_NONE and _is_none(statement.value):
                message = f"the default None of {name} reaches the Trainer by its signature"
                reason = 'Lightning rejects it: make the default "auto", or map None to it'
                yield Field(statement, message, reason)


def instead(name: str) -> str:
    """What to do about an argument that is gone, as half a sentence."""
    if name in RENAMED_ARGUMENTS:
        return f"it is called {RENAMED_ARGUMENTS[name]} now"
    if name in OLD_PRECISION_ARGUMENTS:
        return _PRECISION
    row = REMOVED_ARGUMENTS.get(name)
    return row.instead if row else INSTEAD.get(name, _DEVICES)


def _is_none(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        value = next((k.value for k in value.keywords if k.arg == "default"), None)
    return value is not None and literal(value) is None


def _is_asked_for(file: File) -> bool:
    """Whether a file of the project asks for the parameters of the Trainer."""
    for other in file.project.holding(b"inspect", file.path, beside=(b"Trainer",)):
        for call in other.tree.calls:
            if other.canonical(call.func) not in _ASKING or not call.args:
                continue
            asked = call.args[0]
            if isinstance(asked, ast.Attribute) and asked.attr == "__init__":
                asked = asked.value
            if other.canonical(asked) == _TRAINER:
                return True
    return False
