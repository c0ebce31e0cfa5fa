"""Arguments given by position, where that is not possible any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lightning.changes.index import keywords
from ..lightning.changes.row import Level
from ..model import Edit, Span
from ._keyword_changes import change_of, is_about
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    import ast

    from ..engine.file import File
    from ..engine.settings import Settings
    from ..lightning.changes.row import Keyword
    from ._keyword_calls import Handed


@dataclass(frozen=True, eq=False)
class Placed:
    """The first such argument with its row; ``edits`` name or remove it and those behind it."""

    node: ast.expr
    row: Keyword
    edits: tuple[Edit, ...] = ()
    doubt: str = ""


def by_place(file: File, call: Handed, settings: Settings) -> Placed | None:
    """The arguments of a call that rows tell of by their place; None where there is none."""
    rows = [
        r
        for rows in keywords().values()
        for r in rows
        if 0 <= r.place < len(call.positional)
        and _is_meant(file, r, call.positional[r.place])
        and r.level(settings.target) is not Level.FINE
        and is_about(r, call)
    ]
    if not rows:
        return None
    placed = {r.place: r for r in rows}
    first = min(placed)
    node, row = call.positional[first], placed[first]
    behind = range(first, len(call.positional))
    if any(place not in placed for place in behind):
        return Placed(node, row)
    edits: list[Edit] = []
    doubts: list[str] = []
    for place in behind:
        change = change_of(file, placed[place], call.positional[place])
        if change.reason or (change.new and change.new in call.given):
            return Placed(node, row)
        doubts += [change.doubt] if change.doubt else []
        if change.new:
            text = f"{change.new}={change.text}"
            edits.append(file.replace(call.positional[place], text))
        else:
            edits.append(_removed(file, call, place))
    return Placed(node, row, tuple(edits), "; ".join(doubts))


def _is_meant(file: File, row: Keyword, node: ast.expr) -> bool:
    if row.like and row.like.lower() not in file.text(node).lower():
        return False
    if not row.strict:
        return True
    value = literal(node)
    return value is not UNKNOWN and isinstance(value, str)


def _removed(file: File, call: Handed, place: int) -> Edit:
    """The edit that takes out an argument, with the comma in front of it or behind it."""
    span = file.span(call.positional[place])
    if place:
        return Edit(Span(file.span(call.positional[place - 1]).end, span.end), "")
    beside = [*call.positional[1:], *(k for k in call.node.keywords)]
    end = min((file.span(n).start for n in beside), default=span.end)
    return Edit(Span(span.start, end), "")
