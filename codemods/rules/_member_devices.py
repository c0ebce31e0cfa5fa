"""What `trainer.gpus` and its like are, by what the code does with them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning.objects import CLASSES, TRAINER
from ..model import Fix, Safety
from ._templates import fill

if TYPE_CHECKING:
    from ..engine.file import File
    from ..lightning.changes.row import Member
    from ._members import Use

_ACCELERATOR = "isinstance({0}.accelerator, <lightning.pytorch.accelerators.%sAccelerator>)"
#: The accelerator that each is about; none where it is about any.
_NAMES = {"gpus": "CUDA", "num_gpus": "CUDA", "tpu_cores": "XLA", "devices": ""}
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def of_devices(file: File, use: Use, row: Member) -> Fix | None:
    """The fix for a use as a number, as a list or as a condition; None for any other."""
    if use.name not in _NAMES or row.owner != CLASSES[TRAINER] or not use.is_read:
        return None
    node: ast.expr = use.node
    parent = file.tree.parents[node]
    if isinstance(parent, ast.Call) and file.canonical(parent.func) == "len":
        node, template = parent, "{0}.num_devices"
    elif _is_number(parent, node):
        template = "{0}.num_devices"
    elif _is_list(parent, node) and use.name != "num_gpus":
        template = "{0}.device_ids"
    elif _is_condition(parent, node) and _NAMES[use.name]:
        template = _ACCELERATOR % _NAMES[use.name]
    elif use.name == "num_gpus":
        # It was a number at all times, the others also what the Trainer had been given.
        template = "{0}.num_devices"
    else:
        return None
    filled = fill(file, node, template, file.text(use.node.value))
    edits = (file.replace(node, filled.text),)
    return Fix(f"write {filled.text}", edits, Safety.UNSAFE, filled.needs)


def _is_number(parent: ast.AST, node: ast.expr) -> bool:
    if isinstance(parent, ast.BinOp):
        return True
    if isinstance(parent, ast.AugAssign):
        return parent.value is node
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name):
        # Of several values: what is compared with numbers is one.
        return parent.func.id in ("max", "min") and len(parent.args) > 1 and node in parent.args
    return isinstance(parent, ast.Compare) and all(isinstance(op, _ORDER) for op in parent.ops)


def _is_list(parent: ast.AST, node: ast.expr) -> bool:
    if isinstance(parent, ast.Subscript):
        return parent.value is node
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node
    return (
        isinstance(parent, ast.Compare)
        and parent.left is not node
        and all(isinstance(op, (ast.In, ast.NotIn)) for op in parent.ops)
    )


def _is_condition(parent: ast.AST, node: ast.expr) -> bool:
    if isinstance(parent, (ast.If, ast.IfExp, ast.While)):
        return parent.test is node
    if isinstance(parent, ast.BoolOp):
        return isinstance(parent.op, ast.And) and parent.values[-1] is not node
    return isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not)
