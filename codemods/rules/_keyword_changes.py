"""What becomes of one argument."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lightning.changes.index import keywords
from ..lightning.lineage import inherits
from ._variables import UNKNOWN, literal, on_its_own

if TYPE_CHECKING:
    from ..engine.file import File
    from ..lightning.changes.row import Keyword
    from ._keyword_calls import Handed


@dataclass(frozen=True)
class Change:
    """The new argument and its text, none for leaving it away; or the reason why there is no."""

    new: str = ""
    text: str = ""
    doubt: str = ""
    reason: str = ""


def rows_for(call: Handed, name: str) -> list[Keyword]:
    """The rows of an argument of a call."""
    return [r for r in keywords().get(name, ()) if is_about(r, call)]


def is_about(row: Keyword, call: Handed) -> bool:
    """Whether a row is about what a call's arguments go to."""
    for path in call.paths:
        if path == row.owner:
            return True
        owner, _, method = path.rpartition(".")
        its, _, name = row.owner.rpartition(".")
        if call.is_method:
            if method == name and inherits(owner, its):
                return True
        elif inherits(path, row.owner):
            return True
    return False


def change_of(file: File, row: Keyword, node: ast.expr) -> Change:
    """What a row makes of a value."""
    text, value = on_its_own(file.text(node)), literal(node)
    for given, way_out in row.refused:
        if value is not UNKNOWN and repr(value) == repr(ast.literal_eval(given)):
            return Change(reason=way_out)
    for given, template in row.values:
        if value is not UNKNOWN and repr(value) == repr(ast.literal_eval(given)):
            new = template.replace("{0}", text)
            return Change(row.new, new) if new else Change()
    if row.strict:
        known = ", ".join(given for given, _ in row.values)
        return Change(reason=f"it is {row.new} now, and only {known} can be translated")
    if row.way_out and not row.new:
        return Change(reason=row.way_out)
    if not row.new:
        return Change(doubt=row.doubt)
    return Change(row.new, row.value.replace("{0}", text), row.doubt)
