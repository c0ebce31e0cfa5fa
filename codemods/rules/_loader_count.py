"""How many dataloaders a stage of a module may have, as its step and its loaders tell."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.values import infer, own_nodes
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ._epoch_end import Stage

_LOADERS = {"validation": "val_dataloader", "test": "test_dataloader"}
_PLAIN = 2


@dataclass(frozen=True)
class Loaders:
    """A step that may serve several dataloaders.

    ``index`` is what it calls their index, None where it cannot be told; ``maybe_one`` says that
    there may be only one, whose outputs Lightning did not nest.
    """

    index: str | None
    maybe_one: bool


def loaders(cls: Class, stage: Stage) -> Loaders | None:
    """What is known of the dataloaders of a stage; None where there surely is one."""
    found = cls.method(stage.step)
    shape = shape_of(found[1]) if found is not None else None
    if stage.name not in _LOADERS or shape is None:
        return None
    count = _written(cls, _LOADERS[stage.name])
    if count == 1 or (len(shape.args) <= _PLAIN and not shape.starred):
        return None
    if shape.starred or shape.names[_PLAIN] != "dataloader_idx":
        # Another name is one that Lightning refuses; the rule on parameters mends it first.
        return Loaders(None, maybe_one=True)
    return Loaders("dataloader_idx", maybe_one=count is None)


def _written(cls: Class, name: str) -> int | None:
    """How many loaders the module's own method returns; None where that is not to be seen."""
    found = cls.method(name)
    if found is None:
        return None
    owner, function = found
    counts: set[int | None] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Return) and node.value is not None:
            for type_ in infer(owner.file, node.value):
                if type_.kind == "DataLoader":
                    counts.add(1)
                elif type_.kind in ("list", "tuple") and not type_.uniform and type_.items:
                    counts.add(len(type_.items))
                else:
                    counts.add(None)
    return counts.pop() if len(counts) == 1 else None
