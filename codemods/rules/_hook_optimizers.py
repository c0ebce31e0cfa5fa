"""How many optimizers a LightningModule makes, and who drives them."""

from __future__ import annotations

import ast
from enum import Enum
from typing import TYPE_CHECKING

from ..engine.values import infer, own_nodes

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.kinds import Type, Types


_HOOK = "configure_optimizers"


class Count(Enum):
    """How many optimizers ``configure_optimizers`` returns."""

    ONE = "one"
    SEVERAL = "several"
    UNKNOWN = "unknown"


def optimizer_count(cls: Class) -> Count:
    """What every return of the nearest ``configure_optimizers`` agrees on.

    Where there is none, what those of the heirs agree on.
    """
    if cls.method(_HOOK) is not None:
        return _returned(cls)
    heirs = [heir for heir in cls.file.project.heirs(cls) if heir.method(_HOOK) is not None]
    counts = {_returned(heir) for heir in heirs}
    return counts.pop() if len(counts) == 1 else Count.UNKNOWN


def _returned(cls: Class) -> Count:
    found = cls.method(_HOOK)
    assert found is not None
    owner, function = found
    counts = {
        _count(infer(owner.file, node.value))
        for node in own_nodes(function)
        if isinstance(node, ast.Return) and node.value is not None
    }
    if Count.SEVERAL in counts:
        return Count.SEVERAL
    return counts.pop() if len(counts) == 1 else Count.UNKNOWN


def _count(types: Types) -> Count:
    counts = {_count_one(type_) for type_ in types}
    if Count.SEVERAL in counts:
        return Count.SEVERAL
    return counts.pop() if len(counts) == 1 else Count.UNKNOWN


def _count_one(type_: Type) -> Count:
    if type_.kind in ("optimizer", "dict", "none"):
        return Count.ONE
    if type_.kind not in ("list", "tuple") or type_.uniform:
        return Count.UNKNOWN
    first = type_.items[0] if type_.items else frozenset()
    # ``return [optimizer], [scheduler]``: the first list counts.
    if type_.kind == "tuple" and first and all(t.kind == "list" for t in first):
        return _count(first)
    return Count.ONE if len(type_.items) == 1 else Count.SEVERAL


def declares_manual(cls: Class) -> bool:
    """Whether a class switches automatic optimization off, or the nearest base that decides it."""
    name = "automatic_optimization"
    given = [(home, v) for home, _, v, _ in cls.self_assignments(name) if v is not None]
    if not given:
        given = cls.class_values(name)
        found = cls.method(name)
        if found is not None:
            given += [
                (found[0], node.value)
                for node in own_nodes(found[1])
                if isinstance(node, ast.Return) and node.value is not None
            ]
    nearest = next((base for base in cls.mro if any(home is base for home, _ in given)), None)
    return any(
        isinstance(v, ast.Constant) and v.value is False for home, v in given if home is nearest
    )
