"""Two hooks that have become one: the body of the one that is gone moves into the other."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.rewrite import names_used
from ..engine.scopes import FUNCTIONS
from ..engine.statements import indent, insert_after, stands_alone, whole_lines
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._hook_body import has_head, insert_first
from ._hook_removed import calls_parent
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function


def merged(
    cls: Class, gone: Function, into: Function, *, first: bool, unread: tuple[str, ...] = ()
) -> list[Edit] | None:
    """The edits that move a method's body to the head or the end of another of the same class.

    ``unread`` are parameters of the one that goes which its body does not use.

    None where the two bodies are not simply one after the other: one of them returns, a name
    means something else in the other, or something has to be dropped on the way.
    """
    file = cls.file
    if gone.decorator_list or not _fits(file, gone, into):
        return None
    kinds = (ast.Return, ast.Yield, ast.YieldFrom, ast.Await)
    if any(isinstance(node, kinds) for node in own_nodes(gone)):
        return None
    if not first and any(isinstance(node, kinds) for node in own_nodes(into)):
        return None
    if calls_parent(gone) or not _same_names(gone, into, unread):
        return None
    return moved(file, gone, into, first=first)


def moved(file: File, gone: Function, into: Function, *, first: bool) -> list[Edit] | None:
    """The edits that move the lines of a body as they are; None where lines are shared."""
    place = insert_first(file, into, "pass") if first else insert_after(file, into.body[-1], "pass")
    if place is None:
        return None
    taken = whole(file, gone)
    if taken is None:
        return None
    lines = file.source.slice(_body(file, gone))
    if not lines.endswith("\n"):
        lines += "\n"
    if place.text.startswith("\n"):
        lines = "\n" + lines.removesuffix("\n")
    return [Edit(place.span, lines.replace("\r\n", "\n")), Edit(taken, "")]


def _fits(file: File, gone: Function, into: Function) -> bool:
    same = (
        isinstance(gone, ast.FunctionDef) and isinstance(into, ast.FunctionDef)
        and self_name(gone) == self_name(into) is not None
        and indent(file, gone.body[0]) == indent(file, into.body[0])
    )  # fmt: skip
    documented = ast.get_docstring(gone, clean=False) is not None
    return same and not documented and has_head(file, gone) and has_head(file, into)


def _same_names(gone: Function, into: Function, unread: tuple[str, ...]) -> bool:
    """Whether parameters and variables of a body keep their meaning in the other."""
    own, other = shape_of(gone), shape_of(into)
    if own is None or other is None or own.starred or own.splatted:
        return False
    names = () if unread else own.names
    if len(names) > len(other.args):
        return False
    used = {n.id for s in gone.body for n in ast.walk(s) if isinstance(n, ast.Name)}
    pairs = zip(names, other.names, strict=False)
    if any(mine in used and mine != theirs for mine, theirs in pairs):
        return False
    local = {
        n.id
        for s in gone.body
        for n in ast.walk(s)
        if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    local |= {n.name for s in gone.body for n in ast.walk(s) if isinstance(n, FUNCTIONS)}
    theirs = names_used(into) - {self_name(into)}
    stored = {
        n.id for n in ast.walk(into) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    return local.isdisjoint(theirs) and not (used - set(own.names)) & {*stored, *other.names}


def _body(file: File, function: Function) -> Span:
    """The lines of a body, with the comments above its first statement."""
    source = file.source
    line = source.line_of(file.span(function.body[0]).start)
    while _is_empty(source.slice(source.line_span(line - 1))):
        line -= 1
    end = whole_lines(file, function.body[-1]).end
    return Span(source.line_span(line).start, end)


def whole(file: File, function: Function) -> Span | None:
    """The lines of a method with the blank ones above; None where a comment stands there."""
    if not stands_alone(file, function):
        return None
    source = file.source
    span = whole_lines(file, function)
    line = source.line_of(span.start)
    while line > 1 and not source.slice(source.line_span(line - 1)).strip():
        line -= 1
    if source.slice(source.line_span(line - 1)).lstrip().startswith(("#", "@")):
        return None
    if file.tree.block(function)[0] is function:
        # The first of its class takes the blank lines below along instead.
        end = source.line_of(span.end)
        while (
            not source.slice(source.line_span(end)).strip()
            and source.line_span(end).end > source.line_span(end).start
        ):
            end += 1
        return Span(span.start, source.line_span(end).start)
    return Span(source.line_span(line).start, span.end)


def _is_empty(line: str) -> bool:
    plain = line.strip()
    return not plain or plain.startswith("#")
