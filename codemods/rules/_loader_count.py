"""Whether a stage of a module may have several dataloaders, as its step tells.

What the module's own ``val_dataloader`` returns decides nothing: the Trainer may be given others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ._epoch_end import Stage

_INDEX = "dataloader_idx"
_PLAIN = 2


@dataclass(frozen=True)
class Loaders:
    """A step that may serve several dataloaders: what it calls their index, None if unclear."""

    index: str | None


def loaders(cls: Class, stage: Stage) -> Loaders | None:
    """What is known of the dataloaders of a stage; None where there can be only one."""
    found = cls.method(stage.step)
    shape = shape_of(found[1]) if found is not None else None
    if stage.name == "train" or shape is None:
        return None
    if len(shape.args) <= _PLAIN and not shape.starred:
        return None
    # Another name is one that Lightning refuses; the rule on parameters mends it first.
    clear = not shape.starred and shape.names[_PLAIN] == _INDEX
    return Loaders(_INDEX if clear else None)
