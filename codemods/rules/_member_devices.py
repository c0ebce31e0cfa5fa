"""What `trainer.gpus` and its like are, by what the code does with them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning.objects import CLASSES, TRAINER
from ..model import Fix, Safety
from ._templates import fill
from ._variables import literal

if TYPE_CHECKING:
    from ..engine.file import File
    from ..lightning.changes.row import Member
    from ._members import Use

_ACCELERATOR = "isinstance({0}.accelerator, <lightning.pytorch.accelerators.%sAccelerator>)"
#: The accelerator that each is about; none where it is about any.
_NAMES = {"gpus": "CUDA", "num_gpus": "CUDA", "tpu_cores": "XLA", "devices": ""}
_ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def of_devices(file: File, use: Use, row: Member) -> Fix | None:
    """The fix for a use as a number, as a list or as a condition; None for any other.

    It was a number, a list, a text or None, as it had been given: what the code does with it tells.
    """
    if use.name not in _NAMES or row.owner != CLASSES[TRAINER] or not use.is_read:
        return None
    node: ast.expr = use.node
    parent = file.tree.parents[node]
    accelerator = _ACCELERATOR % _NAMES[use.name]
    defaulted = _defaulted(file, node) if _NAMES[use.name] else None
    if defaulted is not None:
        node, instead = defaulted
        template = f"{{0}}.num_devices if {accelerator} else {instead}"
    elif isinstance(parent, ast.Call) and file.canonical(parent.func) == "len":
        node, template = parent, "{0}.num_devices"
    elif _is_number(parent, node):
        template = "{0}.num_devices"
    elif _is_list(parent, node) and use.name != "num_gpus":
        template = "{0}.device_ids"
    elif _is_condition(parent, node) and _NAMES[use.name]:
        template = accelerator
    elif use.name == "num_gpus":
        # It was a number at all times, the others also what the Trainer had been given.
        template = "{0}.num_devices"
    else:
        return None
    filled = fill(file, node, template, file.text(use.node.value))
    edits = (file.replace(node, filled.text),)
    return Fix(f"write {filled.text}", edits, Safety.UNSAFE, filled.needs)


def _defaulted(file: File, node: ast.expr) -> tuple[ast.expr, str] | None:
    """The expression that puts a number in the place of None, and the number."""
    parent = file.tree.parents[node]
    if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or):
        value, *others = parent.values
        return (parent, file.text(others[0])) if value is node and _are_numbers(others) else None
    whole = file.tree.parents[parent] if isinstance(parent, ast.Compare) else parent
    if not isinstance(whole, ast.IfExp) or not isinstance(whole.test, ast.Compare):
        return None
    test = whole.test
    if len(test.ops) != 1 or literal(test.comparators[0]) is not None:
        return None
    given, instead = whole.body, whole.orelse
    if isinstance(test.ops[0], ast.Is):
        given, instead = instead, given
    elif not isinstance(test.ops[0], ast.IsNot):
        return None
    is_same = file.text(given) == file.text(test.left) == file.text(node)
    return (whole, file.text(instead)) if is_same and _are_numbers([instead]) else None


def _are_numbers(values: list[ast.expr]) -> bool:
    return len(values) == 1 and type(literal(values[0])) is int


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
