"""Notebooks: their code cells are one program, and only source lines that change are written."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from ..model import Edit, FileReport, Span
from .cells import divided, first_lines, program
from .checkpoints import WORD as CHECKPOINT
from .format import BrokenError, Format
from .jsontext import Text, texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from ..engine.source import Source
    from ..model import Finding
    from .format import Context
    from .jsontext import Path as JsonPath

#: The characters of a JSON string as it is written.
_ESCAPES = re.compile(rb"\\u[0-9a-fA-F]{4}|\\.|[^\\]", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line of a cell: its text, its newline included, and where its JSON form stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among all cells, from 1, and its lines.

    ``listed`` says whether each line is a string of its own.
    """

    number: int
    lines: tuple[Line, ...]
    listed: bool

    @property
    def text(self) -> str:
        """The source of the cell."""
        return "".join(line.text for line in self.lines)


def repair(context: Context, source: Source, fix: bool) -> FileReport:
    """The report of a notebook, its ``pip install`` included; raises BrokenError where it is none.

    What is installed is judged when the code is repaired.
    """
    from .cellpins import judged_cells

    report = of_code(context, source, fix)
    now = type(source).of(source.path, report.after) if report.changed else source
    cells = _cells(now)
    pins = judged_cells(context, now, [cell.text for cell in cells], fix)
    left = tuple(_at(now, cells, [c.text for c in cells], f) for f in pins.left)
    changed = zip(cells, pins.after, strict=True)
    edits = [e for cell, new in changed if cell.text != new for e in _edits(now, cell, new)]
    fixed = tuple(_at(now, cells, [c.text for c in cells], f) for f in pins.fixed)
    if not edits:
        return replace(report, left=(*report.left, *left))
    after = now.apply(edits)
    return replace(
        report,
        before=source.raw,
        after=after,
        fixed=(*report.fixed, *fixed),
        left=(*report.left, *left),
    )


def of_code(context: Context, source: Source, fix: bool) -> FileReport:
    """The report of the Python in a notebook; raises BrokenError where it is none."""
    from ..engine.run import repair_text

    cells = _cells(source)
    sources = [cell.text for cell in cells]
    made = program(sources)
    report = repair_text(context.project, source.path, made.encode(), context.settings, fix=fix)
    fixed = tuple(_at(source, cells, sources, f) for f in report.fixed)
    if not report.changed:
        left = tuple(_at(source, cells, sources, f) for f in report.left)
        return FileReport(source.path, source.raw, source.raw, (), left, report.problems)
    after = divided(report.after.decode(), sources)
    if after is None:
        raise RuntimeError("the marks between the cells were lost")
    changed = [(c, new) for c, old, new in zip(cells, sources, after, strict=True) if old != new]
    edits = [edit for cell, new in changed for edit in _edits(source, cell, new)]
    raw = source.apply(edits)
    later = type(source).of(source.path, raw)
    newer = _cells(later)
    left = tuple(_at(later, newer, after, f) for f in report.left)
    return FileReport(source.path, source.raw, raw, fixed, left, report.problems)


def _cells(source: Source) -> list[Cell]:
    """The code cells of a notebook in Python; none for one in another language."""
    from nbformat import reader

    try:
        notebook: dict[str, Any] = reader.reads(source.text)  # type: ignore[no-untyped-call]
    except Exception as error:
        line = getattr(error, "lineno", None)
        raise BrokenError(f"is no notebook: {error}", line) from error
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if str(language).lower() not in ("python", "python3", "ipython"):
        return []
    key, found = _code(notebook)
    held: dict[JsonPath, list[Text]] = {path: [] for path in found}
    for text in texts(source.data):
        path = text.path[:-1] if isinstance(text.path[-1], int) else text.path
        if path[-1] == key and path[:-1] in held:
            held[path[:-1]].append(text)
    return [_cell(n, held[path]) for n, path in enumerate(found, 1) if held[path]]


def _code(notebook: dict[str, Any]) -> tuple[str, list[JsonPath]]:
    """The key of a cell's source, and the paths of the code cells, in order."""
    if "worksheets" in notebook:
        sheets = notebook["worksheets"]
        pairs: list[tuple[JsonPath, list[dict[str, Any]]]] = [
            (("worksheets", i, "cells"), s.get("cells", [])) for i, s in enumerate(sheets)
        ]
    else:
        pairs = [(("cells",), notebook.get("cells", []))]
    paths: list[JsonPath] = [
        (*path, i)
        for path, cells in pairs
        for i, cell in enumerate(cells)
        if cell.get("cell_type") == "code"
    ]
    return "input" if "worksheets" in notebook else "source", paths


def _cell(number: int, held: Sequence[Text]) -> Cell:
    listed = isinstance(held[0].path[-1], int)
    if listed:
        lines = [Line(json.loads(text.token), text.start, text.end) for text in held]
        return Cell(number, tuple(lines), listed)
    (text,) = held
    lines = []
    start = end = text.start + 1
    for match in _ESCAPES.finditer(text.token[1:-1]):
        end = text.start + 1 + match.end()
        if match.group() == b"\\n":
            lines.append(_part(text, start, end))
            start = end
    if end > start:
        lines.append(_part(text, start, end))
    return Cell(number, tuple(lines), listed)


def _part(text: Text, start: int, end: int) -> Line:
    raw = text.token[start - text.start : end - text.start]
    return Line(json.loads(b'"' + raw + b'"'), start, end)


def _edits(source: Source, cell: Cell, new: str) -> list[Edit]:
    """The edits that make ``new`` of a cell; lines that stay keep their bytes."""
    old = [line.text for line in cell.lines]
    wanted = (
        new.splitlines(keepends=True) if "\r" not in new else re.findall(r"[^\n]*\n|[^\n]+", new)
    )
    plainly = not source.data.isascii()
    edits = []
    matcher = SequenceMatcher(None, old, wanted, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind != "equal":
            forms = [json.dumps(line, ensure_ascii=not plainly) for line in wanted[j1:j2]]
            edits.append(_edit(source, cell, i1, i2, forms))
    return edits


def _edit(source: Source, cell: Cell, first: int, behind: int, forms: list[str]) -> Edit:
    """Put strings in the place of some lines of a cell."""
    lines = cell.lines
    if not cell.listed:
        text = "".join(form[1:-1] for form in forms)
        start = lines[first].start if first < len(lines) else lines[-1].end
        return Edit(Span(start, lines[behind - 1].end if behind > first else start), text)
    between = _between(source, lines)
    if behind > first and forms:
        return Edit(Span(lines[first].start, lines[behind - 1].end), between.join(forms))
    if not forms:
        if behind < len(lines):
            return Edit(Span(lines[first].start, lines[behind].start), "")
        start = lines[first - 1].end if first else lines[first].start
        return Edit(Span(start, lines[behind - 1].end), "")
    if first < len(lines):
        start = lines[first].start
        return Edit(Span(start, start), "".join(form + between for form in forms))
    return Edit(Span(lines[-1].end, lines[-1].end), "".join(between + form for form in forms))


def _between(source: Source, lines: Sequence[Line]) -> str:
    """What stands between two lines of a list."""
    if len(lines) > 1:
        return source.data[lines[0].end : lines[1].start].decode()
    start = lines[0].start
    indent = source.data[source.data.rindex(b"[", 0, start) + 1 : start]
    return "," + (indent.decode() or " ")


def _at(source: Source, cells: Sequence[Cell], sources: Sequence[str], finding: Finding) -> Finding:
    """A finding of the program at its place in the notebook."""
    starts = first_lines(sources)
    index = max((i for i, line in enumerate(starts) if line <= finding.line), default=0)
    cell = cells[index]
    line = finding.line - starts[index]
    held = cell.lines[min(line, len(cell.lines) - 1)]
    span = Span(held.start, held.end)
    message = f"{finding.message} (cell {cell.number}, line {line + 1})"
    at, column = source.position(held.start)
    return replace(finding, span=span, line=at, column=column, message=message)


FORMAT = Format(
    "notebook",
    lambda name: name.endswith(".ipynb"),
    (b"ightning", b"rainer", b"lfix:", CHECKPOINT),
    repair=repair,
)
