"""What is asked of `trainer.amp_backend`: whether the precision is mixed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning.objects import CLASSES, TRAINER
from ..model import Fix
from ._templates import fill
from ._variables import literal

if TYPE_CHECKING:
    from ..engine.file import File
    from ..lightning.changes.row import Member
    from ._members import Use

_MIXED = "isinstance({0}.precision_plugin, <lightning.pytorch.plugins.MixedPrecision>)"


def of_backend(file: File, use: Use, row: Member) -> Fix | None:
    """The fix for a comparison with None; None for any other use.

    It was None wherever the precision was not mixed (``accelerator_connector.py``, 1.9).
    """
    parent = file.tree.parents[use.node]
    if use.name != "amp_backend" or row.owner != CLASSES[TRAINER] or use.guessed:
        return None
    if not isinstance(parent, ast.Compare) or len(parent.ops) != 1 or parent.left is not use.node:
        return None
    operator = parent.ops[0]
    if literal(parent.comparators[0]) is not None or not isinstance(operator, (ast.Is, ast.IsNot)):
        return None
    filled = fill(file, parent, _MIXED, file.text(use.node.value))
    text = filled.text if isinstance(operator, ast.IsNot) else f"(not {filled.text})"
    return Fix(f"write {text}", (file.replace(parent, text),), needs=filled.needs)
