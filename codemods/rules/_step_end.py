"""``training_step_end`` and its kin: what they did is done where the step returns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._hook_owner import name_span
from ._hook_removed import called_by_name, calls_parent
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function


def wrapped_returns(cls: Class, end: Function) -> list[Edit] | None:
    """The edits that hand each return of the step through the method, under a name of its own.

    None where that would not be every output and nothing else: the step belongs to another class,
    may end without a return, or is called by the project itself.
    """
    file = cls.file
    step_name = end.name.removesuffix("_end")
    step, shape = cls.methods.get(step_name), shape_of(end)
    if step is None or shape is None or len(shape.args) != 1 or shape.required_keywords:
        return None
    family = [c for c in (*cls.mro, *file.project.heirs(cls)) if c is not cls]
    if any(name in c.methods for c in family for name in (step_name, end.name, f"_{end.name}")):
        return None
    if called_by_name(cls, step_name) or calls_parent(end) or f"_{end.name}" in cls.methods:
        return None
    if not isinstance(step, ast.FunctionDef) or not _always_returns(step.body):
        return None
    place = name_span(file, end)
    start = place.end - len(end.name.encode())
    edits = [Edit(Span(start, start), "_")]
    call = f"{self_name(step)}._{end.name}"
    for node in own_nodes(step):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return None
        if isinstance(node, ast.Return):
            if node.value is None:
                return None
            edits += _through(file, node.value, call)
    return edits


def _through(file: File, value: ast.expr, call: str) -> list[Edit]:
    span = file.span(value)
    bare = isinstance(value, ast.Tuple) and not file.text(value).startswith("(")
    left, right = ("((", "))") if bare else ("(", ")")
    return [
        Edit(Span(span.start, span.start), call + left),
        Edit(Span(span.end, span.end), right),
    ]


def _always_returns(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always_returns(last.body) and _always_returns(last.orelse)
    return isinstance(last, (ast.With, ast.AsyncWith)) and _always_returns(last.body)
