"""Code of a file at another place: other texts for some of its nodes, and another margin."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ._cli_declared import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..engine.file import File

_REST = re.compile(rb"[ \t]*(#[^\r\n]*)")


def changed(
    file: File,
    start: int,
    end: int,
    changes: Mapping[ast.AST, str],
    ends: Mapping[ast.AST, str] | None = None,
) -> str:
    """The text between two bytes with other texts for nodes in it, or behind nodes."""
    pieces = [(file.span(n).start, file.span(n).end, text) for n, text in changes.items()]
    pieces += [(file.span(n).end, file.span(n).end, text) for n, text in (ends or {}).items()]
    data = file.source.data[start:end]
    for first, last, text in sorted(pieces, reverse=True):
        if start <= first and last <= end:
            data = data[: first - start] + text.encode() + data[last - start :]
    return re.sub(r"\r\n?", "\n", data.decode())


def restated(
    file: File,
    node: ast.AST,
    changes: Mapping[ast.AST, str],
    ends: Mapping[ast.AST, str] | None = None,
    *,
    comment: bool = False,
) -> list[str]:
    """The lines of code without the margin that it had; raises RefusedError for texts of lines.

    ``comment`` takes the one behind it along.
    """
    span = file.span(node)
    end = span.end
    behind = _REST.match(file.source.data, end) if comment else None
    text = changed(file, span.start, behind.end() if behind else end, changes, ends)
    lines = text.split("\n")
    if len(lines) == 1:
        return lines
    for inner in ast.walk(node):
        first, last = getattr(inner, "lineno", 0), getattr(inner, "end_lineno", 0)
        if isinstance(inner, (ast.Constant, ast.JoinedStr)) and last != first:
            raise RefusedError("a text of several lines would have to move", node)
    margin = file.source.indent_of(file.tree.statement(node).lineno)
    return [lines[0], *(line.removeprefix(margin).rstrip() for line in lines[1:])]
