"""``training_step_end`` and its kin: what they did is done where the step returns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.statements import append_to
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._hook_body import before_return
from ._hook_owner import name_span
from ._hook_removed import called_by_name, calls_parent
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function


def wrapped_returns(cls: Class, end: Function) -> list[Edit] | None:
    """The edits that hand each return of the step through the method, under a name of its own.

    A method that returns nothing is called before the step returns: since 1.6 the output stayed
    what it was then. A step that never returns anything calls it at its end. None where that would
    not be every output and nothing else: the step belongs to another class, may end without a
    return, or is called by the project itself, or the method returns something on some of its ways
    only.
    """
    file, step = cls.file, _own_step(cls, end)
    if step is None:
        return None
    silent = not any(isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom)) for n in own_nodes(step))
    returns = returns_value(end)
    if returns is None or not (silent or _always_returns(step.body)):
        return None
    place = name_span(file, end)
    start = place.end - len(end.name.encode())
    edits = [Edit(Span(start, start), "_")]
    call = f"{self_name(step)}._{end.name}"
    if silent:
        last = append_to(file, step.body, f"{'return ' if returns else ''}{call}(None)")
        return [*edits, last] if last is not None and not _ends(step.body) else None
    for node in own_nodes(step):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return None
        if isinstance(node, ast.Return):
            if node.value is None:
                return None
            if returns:
                edits += _through(file, node.value, call)
                continue
            before = before_return(file, step, node, lambda name: f"{call}({name})")
            if before is None:
                return None
            edits += before
    return edits


def _own_step(cls: Class, end: Function) -> ast.FunctionDef | None:
    """The step that goes with a method, if both are a class's own alone and nobody calls it."""
    step_name = end.name.removesuffix("_end")
    step, shape = cls.methods.get(step_name), shape_of(end)
    if step is None or shape is None or len(shape.args) != 1 or shape.required_keywords:
        return None
    family = [c for c in (*cls.mro, *cls.file.project.heirs(cls)) if c is not cls]
    if any(name in c.methods for c in family for name in (step_name, end.name, f"_{end.name}")):
        return None
    if called_by_name(cls, step_name) or calls_parent(end) or f"_{end.name}" in cls.methods:
        return None
    if not isinstance(step, ast.FunctionDef):
        return None
    return step


def returns_value(end: Function) -> bool | None:
    """Whether a method returns something, on all its ways or on none; None where it depends."""
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(end)):
        return None
    values = [n.value for n in own_nodes(end) if isinstance(n, ast.Return)]
    given = [v is not None and not _is_none(v) for v in values]
    if not any(given):
        return False
    return True if all(given) and _always_returns(end.body) else None


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _through(file: File, value: ast.expr, call: str) -> list[Edit]:
    span = file.span(value)
    bare = isinstance(value, ast.Tuple) and not file.text(value).startswith("(")
    left, right = ("((", "))") if bare else ("(", ")")
    return [
        Edit(Span(span.start, span.start), call + left),
        Edit(Span(span.end, span.end), right),
    ]


def _ends(body: list[ast.stmt]) -> bool:
    """Whether nothing behind a block is reached."""
    return isinstance(body[-1], ast.Raise)


def _always_returns(body: list[ast.stmt]) -> bool:
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always_returns(last.body) and _always_returns(last.orelse)
    return isinstance(last, (ast.With, ast.AsyncWith)) and _always_returns(last.body)
