"""The head and the ends of a method's body: where lines go that must come first, or last."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rewrite import names_used
from ..engine.statements import indent, insert_after, insert_before, stands_alone
from ..model import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engine.file import File
    from ..engine.scopes import Function


def head(function: Function) -> ast.stmt:
    """The first statement of a body behind its docstring."""
    body = function.body
    return body[1] if _is_documented(function) and len(body) > 1 else body[0]


def _is_documented(function: Function) -> bool:
    first = function.body[0]
    return (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    )


def has_head(file: File, function: Function) -> bool:
    """Whether statements can be put in front of a body: it does not share the line of ``def``."""
    return stands_alone(file, function.body[0]) and stands_alone(file, head(function))


def insert_first(file: File, function: Function, text: str) -> Edit | None:
    """The edit that puts lines at the head of a body: above its comments, below its docstring.

    None where the body stands on the line of ``def``.
    """
    if not has_head(file, function):
        return None
    first = function.body[0]
    if _is_documented(function):
        return insert_after(file, first, text)
    source = file.source
    line = source.line_of(file.span(first).start)
    while _is_empty(source.slice(source.line_span(line - 1))):
        line -= 1
    start = source.line_span(line).start
    prefix = indent(file, first)
    lines = "".join(f"{prefix}{part}\n" for part in text.split("\n"))
    return Edit(Span(start, start), lines)


def fresh_name(function: Function, name: str) -> str:
    """A name for a variable that a function does not use yet."""
    while name in names_used(function):
        name = f"step_{name}"
    return name


def before_return(
    file: File, function: Function, node: ast.Return, lines: Callable[[str], str]
) -> list[Edit] | None:
    """The edits that put lines, made for its name, between computing a value and returning it.

    None where the return shares its line.
    """
    if node.value is None or isinstance(node.value, (ast.Name, ast.Constant)):
        shown = "None" if node.value is None else file.text(node.value)
        edit = insert_before(file, node, lines(shown))
        return [edit] if edit is not None else None
    name = fresh_name(function, "output")
    edit = insert_after(file, node, f"{lines(name)}\nreturn {name}")
    if edit is None:
        return None
    start = file.span(node).start
    return [Edit(Span(start, start + len("return")), f"{name} ="), edit]


def _is_empty(line: str) -> bool:
    plain = line.strip()
    return not plain or plain.startswith("#")
