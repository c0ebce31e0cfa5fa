"""Taking statements away, or replacing them, also where several share a line."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.scopes import FUNCTIONS
from ..engine.statements import whole_lines
from ..model import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..engine.file import File

_Run = list[ast.stmt]


def rewritten(file: File, changes: Mapping[ast.stmt, str | None]) -> tuple[Edit, ...]:
    """Edits that give each statement its new text, or take it away (None).

    A block that would be empty keeps a ``pass``.
    """
    edits: list[Edit] = []
    done: set[int] = set()
    for statement in changes:
        run = _run(file, statement)
        if id(run[0]) in done:
            continue
        done.add(id(run[0]))
        edits.append(_edit(file, run, changes))
    return tuple(edits)


def _run(file: File, statement: ast.stmt) -> _Run:
    """The simple statements that share lines with a statement, in order."""
    block = file.tree.block(statement)
    at = next(i for i, s in enumerate(block) if s is statement)
    first = last = at
    while first > 0 and block[first - 1].end_lineno == block[first].lineno:
        first -= 1
    while last + 1 < len(block) and block[last + 1].lineno == block[last].end_lineno:
        last += 1
    return block[first : last + 1]


def _edit(file: File, run: _Run, changes: Mapping[ast.stmt, str | None]) -> Edit:
    texts = [changes[s] if s in changes else file.text(s) for s in run]
    kept = [text for text in texts if text is not None]
    span = Span(file.span(run[0]).start, file.span(run[-1]).end)
    if kept:
        return Edit(span, "; ".join(kept))
    block = file.tree.block(run[0])
    emptied = all(s in changes and changes[s] is None for s in block)
    line = file.source.line_span(file.source.line_of(span.start))
    inline = file.source.data[line.start : span.start].strip(b" \t\f")
    if inline or (emptied and run[0] is block[0]):
        return Edit(span, "pass")
    lines = Span(whole_lines(file, run[0]).start, whole_lines(file, run[-1]).end)
    return Edit(_with_gap(file, lines) if isinstance(run[0], FUNCTIONS) else lines, "")


def _with_gap(file: File, lines: Span) -> Span:
    """The lines of a definition with the blank lines behind it."""
    end = lines.end
    while end < len(file.source.data):
        line = file.source.line_span(file.source.line_of(end))
        if file.source.slice(line).strip():
            break
        end = line.end
    return Span(lines.start, end)
