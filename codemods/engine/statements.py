"""Edits on whole statements: remove, insert before or after, with the block's own indentation."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..model import Edit, Span

if TYPE_CHECKING:
    from .file import File

_REST_OF_LINE = re.compile(rb"[ \t]*(;?)[ \t]*(#[^\r\n]*)?(\r\n|\r|\n|$)")


def indent(file: File, statement: ast.stmt) -> str:
    """The white space in front of the block that a statement is in, page breaks left out."""
    return file.source.indent_of(statement.lineno).rpartition("\f")[2]


def stands_alone(file: File, statement: ast.stmt) -> bool:
    """Whether no other code shares a line with the statement."""
    span = file.span(statement)
    data = file.source.data
    line = file.source.line_span(file.source.line_of(span.start))
    if data[line.start : span.start].strip(b" \t\f"):
        return False
    match = _REST_OF_LINE.match(data, span.end)
    return match is not None and not match.group(1)


def remove(file: File, statements: list[ast.stmt]) -> tuple[Edit, ...]:
    """Edits that take statements away; a block that would be empty keeps a ``pass``."""
    edits = []
    going = set(map(id, statements))
    for statement in statements:
        block = file.tree.block(statement)
        emptied = all(id(s) in going for s in block)
        if (emptied and statement is block[0]) or not stands_alone(file, statement):
            edits.append(file.replace(statement, "pass"))
        else:
            edits.append(Edit(whole_lines(file, statement), ""))
    return tuple(edits)


def whole_lines(file: File, statement: ast.stmt) -> Span:
    """The lines of a statement that stands alone, with its last newline."""
    span = file.span(statement)
    first = file.source.line_span(file.source.line_of(span.start))
    last = file.source.line_span(file.source.line_of(span.end))
    return Span(first.start, last.end)


def insert_before(file: File, statement: ast.stmt, text: str) -> Edit | None:
    """The edit that puts lines of ``text`` before a statement; None where it shares its line."""
    if not stands_alone(file, statement):
        return None
    start = whole_lines(file, statement).start
    return Edit(Span(start, start), _indented(text, indent(file, statement)))


def insert_after(file: File, statement: ast.stmt, text: str) -> Edit | None:
    """The edit that puts lines of ``text`` after a statement; None where it shares its line."""
    span = file.span(statement)
    match = _REST_OF_LINE.match(file.source.data, span.end)
    first = file.source.line_span(file.source.line_of(span.start))
    if (
        match is None
        or match.group(1)
        or file.source.data[first.start : span.start].strip(b" \t\f")
    ):
        return None
    end = match.end()
    lines = _indented(text, indent(file, statement))
    if match.group(3):
        return Edit(Span(end, end), lines)
    return Edit(Span(end, end), "\n" + lines.rstrip("\n"))


def append_to(file: File, block: list[ast.stmt], text: str) -> Edit | None:
    """The edit that puts lines of ``text`` at the end of a block."""
    return insert_after(file, block[-1], text)


def _indented(text: str, prefix: str) -> str:
    return "".join(f"{prefix}{line}\n" if line else "\n" for line in text.split("\n"))
