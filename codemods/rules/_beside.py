"""Another requirement beside one that is there, in the style of its list."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..model import Edit, Span
from ._requirement import Place, Style

if TYPE_CHECKING:
    from ..engine.source import Source
    from ._requirement import Requirement


def another(
    source: Source, there: Requirement, name: str, bound: str = "", extra: str = ""
) -> tuple[Edit, ...]:
    """The edits that require a package from ``bound`` on; none where there is no place for it."""
    if there.place is Place.NOWHERE or (extra and there.style is Style.CONDA):
        return ()
    line = source.line_of(there.first)
    start = source.line_span(line).start
    before = source.data[start : there.first].decode()
    if there.place is Place.ITEM:
        mark = source.data[there.first : there.first + 1].decode()
        gap = f",\n{before}" if not before.strip() else ", "
        at = Span(there.first, there.first)
        return (Edit(at, f"{mark}{_text(name, bound, extra)}{mark}{gap}"),)
    end = source.line_span(source.line_of(there.whole.end)).end
    if not source.data[:end].endswith((b"\n", b"\r")):
        return ()
    return (Edit(Span(end, end), f"{before}{_entry(there, name, bound, extra)}\n"),)


def _entry(there: Requirement, name: str, bound: str, extra: str) -> str:
    if there.place is Place.TABLE:
        versions = f'"{f">={bound}" if bound else "*"}"'
        if extra:
            versions = f'{{version = {versions}, extras = ["{extra}"]}}'
        return f"{name} = {versions}"
    text = _text(name, bound, extra)
    return f'"{text}"' if re.match(r"""["']""", there.text) else text


def _text(name: str, bound: str, extra: str) -> str:
    return f"{name}{f'[{extra}]' if extra else ''}{f'>={bound}' if bound else ''}"
