"""Whether a stage of a module may have several dataloaders, as its step tells.

What the module's own ``val_dataloader`` returns decides nothing: the Trainer may be given others.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._hook_shape import shape_of
from ._variables import literal

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ._epoch_end import Stage

_INDEX = "dataloader_idx"
_PLAIN = 2


@dataclass(frozen=True)
class Loaders:
    """A step that may serve several dataloaders: the expression of their index in it.

    None if it is unclear what it is called, empty if only the hooks around the step know it.
    """

    index: str | None


def loaders(cls: Class, stage: Stage) -> Loaders | None:
    """What is known of the dataloaders of a stage; None where there can be only one."""
    found = cls.method(stage.step)
    shape = shape_of(found[1]) if found is not None else None
    if stage.name == "train" or shape is None:
        return None
    if len(shape.args) <= _PLAIN and not shape.starred:
        return None
    plain = _INDEX not in shape.names and not shape.starred
    if plain and all(_is_no_index(d) for d in shape.defaults[_PLAIN:]):
        return None
    if shape.starred:
        return Loaders("" if _INDEX not in shape.names else None)
    # Another name is one that Lightning refuses; the rule on parameters mends it first.
    if shape.names[_PLAIN] != _INDEX:
        return Loaders(None)
    default = shape.defaults[_PLAIN]
    if default is None or literal(default) in (0, -1):
        return Loaders(_INDEX)
    # With a single dataloader the step is not told its index.
    return Loaders(f"{_INDEX} or 0" if literal(default) is None else None)


def _is_no_index(default: ast.expr | None) -> bool:
    """Whether a parameter has a default that shows that it is the author's own, not an index."""
    return isinstance(default, ast.Constant) and isinstance(default.value, (str, bool))
