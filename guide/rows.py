"""The rows of the guide, read from ``guide/rows/*.toml``, and the list of all that there are."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).resolve().parent
FIXABILITIES = ("mechanical", "needs-inference", "local-structural", "manual")

_TEXTS = (
    "id",
    "kind",
    "fixability",
    "removed",
    "code",
    "at",
    "before",
    "after",
    "file",
    "beside",
    "note",
    "corrects",
)
_REQUIRED = ("id", "kind", "fixability", "removed", "before")


class GuideError(Exception):
    """A row that cannot be used; the message names the file, the row and what to write instead."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a change without a row; ``removed`` is a minor release, or empty."""

    kind: str
    fixability: str
    removed: str


@dataclass(frozen=True, slots=True)
class Row:
    """One change: the program before, the rule that has to find it, the accepted results.

    ``at`` is text on the line of the finding; no ``afters`` means that it is only told.
    ``beside`` is a ``train.py`` that lies beside a file that is no Python.
    ``corrects`` says what is true where the published list of changes is wrong.
    """

    id: str
    kind: str
    fixability: str
    removed: str
    before: str
    code: str = ""
    at: str = ""
    afters: tuple[str, ...] = ()
    file: str = "case.py"
    beside: str = ""
    note: str = ""
    corrects: str = ""


def facts(path: Path = HERE / "ids.toml") -> dict[str, Fact]:
    """Every change by id, whether there is a row for it or not."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))["changes"]
    return {name: Fact(*values) for name, values in table.items()}


def load(folder: Path = HERE / "rows") -> tuple[Row, ...]:
    """All rows, in the order of the files; raises GuideError for a malformed one."""
    known = facts()
    found: dict[str, Row] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            entries = tomllib.loads(path.read_text(encoding="utf-8")).get("row", [])
        except tomllib.TOMLDecodeError as error:
            raise GuideError(f"{path.name} is not valid TOML: {error}") from error
        for entry in entries:
            row = _row(path, entry)
            _check(path, row, known)
            if row.id in found:
                raise GuideError(f"{path.name}: {row.id} has a row already; keep one of them")
            found[row.id] = row
    return tuple(found.values())


def _row(path: Path, entry: dict[str, object]) -> Row:
    where = f"{path.name}: {entry.get('id', 'a row without id')}"
    for key, value in entry.items():
        right = isinstance(value, list) if key == "afters" else isinstance(value, str)
        if key not in (*_TEXTS, "afters") or not right:
            raise GuideError(f"{where}: {key} is no key of a row, or not text; see guide/rows.py")
    missing = [key for key in _REQUIRED if key not in entry]
    if missing:
        raise GuideError(f"{where}: write {', '.join(missing)}")
    texts = {key: str(value) for key, value in entry.items() if key not in ("after", "afters")}
    more = entry.get("afters", [])
    assert isinstance(more, list)
    afters = tuple(str(a) for a in ([entry["after"], *more] if "after" in entry else more))
    return Row(**texts, afters=afters)


def _check(path: Path, row: Row, known: dict[str, Fact]) -> None:
    fact = known.get(row.id)
    if fact is None:
        raise GuideError(f"{path.name}: {row.id} is not in guide/ids.toml")
    if (row.kind, row.fixability) != (fact.kind, fact.fixability):
        raise GuideError(
            f"{path.name}: {row.id} is {fact.kind}, {fact.fixability} in guide/ids.toml"
        )
    if row.removed != fact.removed and not row.corrects:
        raise GuideError(
            f"{path.name}: {row.id}: removed differs from guide/ids.toml; say why in corrects"
        )
    if row.code and (not row.at or row.at not in row.before):
        raise GuideError(
            f"{path.name}: {row.id}: at must be text of the line in before that is found"
        )
