"""Statements of one block that are written anew, and the comments that go along."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.statements import indent, stands_alone, whole_lines
from ..model import Edit, Span
from ._cli_declared import RefusedError
from ._cli_texts import changed

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping, Sequence

    from ..engine.file import File
    from ._cli_script import Script


def carried(script: Script) -> Mapping[int, list[str]]:
    """The comments right above the options of a script, by the identity of their statements."""
    file = script.file
    own = [file.tree.statement(o.call) for o in script.options.values() if o.file is file]
    found = {}
    for statement in own:
        if not any(statement is d for d in script.declared):
            continue
        line = file.source.line_of(file.span(statement).start) - 1
        lines: list[str] = []
        while line > 0 and (text := _line(file, line)).startswith("#"):
            lines.insert(0, text)
            line -= 1
        found[id(statement)] = lines
    return found


def _line(file: File, number: int) -> str:
    span = file.source.line_span(number)
    return file.source.data[span.start : span.end].decode().strip()


class Region:
    """The lines of a block between the first statement that changes and the last."""

    def __init__(
        self,
        file: File,
        block: Sequence[ast.stmt],
        replaced: Mapping[int, str],
        changes: Mapping[ast.AST, str],
        carried: Mapping[int, list[str]],
    ) -> None:
        touched = [i for i, s in enumerate(block) if id(s) in replaced]
        for index in touched:
            if not stands_alone(file, block[index]):
                raise RefusedError("statements share a line", block[index])
        statements = block[touched[0] : touched[-1] + 1]
        line = file.source.line_of(whole_lines(file, statements[0]).start)
        line -= len(carried.get(id(statements[0]), ()))
        self.first = file.source.line_span(line).start
        end = whole_lines(file, statements[-1]).end
        pieces: list[str] = []
        at = self.first
        for statement in statements:
            lines = whole_lines(file, statement)
            between = changed(file, at, lines.start, {}).splitlines()
            taken = len(carried.get(id(statement), ())) if at < lines.start else 0
            pieces += between[: len(between) - taken]
            new = replaced.get(id(statement))
            if new is None:
                new = changed(file, lines.start, lines.end, changes)
            pieces += new.splitlines() if new else [_GONE]
            at = lines.end
        is_all = len(touched) == len(block) and not any(replaced[id(s)] for s in block)
        kept = _tidy(pieces, opens=self._opens(file, touched[0]))
        text = "".join(f"{line}\n" for line in kept)
        if is_all:
            text = f"{indent(file, block[0])}pass\n{text}"
        self.edit = Edit(Span(self.first, end), text)

    def _opens(self, file: File, index: int) -> bool:
        """Whether blank lines at the beginning stand behind others, or begin a block."""
        line = file.source.line_of(self.first)
        span = file.source.line_span(max(line - 1, 1))
        return line == 1 or index == 0 or not file.source.data[span.start : span.end].strip()


_GONE = "\0"


def _tidy(pieces: list[str], *, opens: bool) -> list[str]:
    """The lines without what is gone, and without the blank lines that go with it."""
    kept: list[str] = []
    fresh = opens
    for line in pieces:
        if line == _GONE:
            fresh = fresh or not kept or not kept[-1].strip()
            continue
        if fresh and not line.strip():
            continue
        kept.append(line.rstrip("\r\n"))
        fresh = False
    return kept
