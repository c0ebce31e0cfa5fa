"""``on_post_move_to_device``, which only tied weights again after a move to a TPU."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.statements import remove
from ..model import Edit
from ._hook_merge import whole

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.scopes import Function


def only_ties(function: Function) -> bool:
    """Whether a body does nothing but to make one parameter of the module another one."""
    return not function.decorator_list and all(_tie(s, function) for s in function.body)


def ties_in_init(cls: Class, function: Function) -> bool:
    """Whether all that is tied is tied, in one direction or the other, when the module is made."""
    init = cls.methods.get("__init__")
    if init is None:
        return False
    made = {_tie(s, init) for s in ast.walk(init) if isinstance(s, ast.stmt)}
    return all(_tie(s, function) in made for s in function.body)


def removal(cls: Class, function: Function) -> list[Edit] | None:
    """The edits that take the method away; None where a comment would go with it."""
    file = cls.file
    if len(cls.node.body) == 1:
        return list(remove(file, [function]))
    span = whole(file, function)
    return [Edit(span, "")] if span is not None else None


def _tie(statement: ast.stmt, function: Function) -> frozenset[str] | None:
    """The two attributes of ``self`` that an assignment makes one."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target, value = statement.targets[0], statement.value
    pair = [node for node in (target, value) if _of_self(node, self_name(function))]
    return frozenset(ast.unparse(node) for node in pair) if len(pair) == 2 else None  # noqa: PLR2004


def _of_self(node: ast.expr, own: str | None) -> bool:
    if not isinstance(node, ast.Attribute):
        return False
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == own
