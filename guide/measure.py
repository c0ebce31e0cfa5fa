"""What lfix makes of a row: not recognized, told, or fixed, and why not more."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from lfix.codemods.engine.settings import Settings
from lfix.codemods.engine.tree import UnparsableError
from lfix.codemods.formats.run import run
from lfix.codemods.model import Finding, Report

from .rows import Row
from .same import normal
from .valid import faults


class Status(str, Enum):
    """How far lfix comes with a row."""

    SAFE = "fixed safe"
    UNSAFE = "fixed unsafe"
    TOLD = "told"
    MISSED = "not recognized"
    NONE = "no change"

    @property
    def fixed(self) -> bool:
        """Whether the result is right."""
        return self in (Status.SAFE, Status.UNSAFE)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status of a row; ``why`` says what is missing, ``result`` what came out."""

    row: Row
    status: Status
    why: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """One run over a file: its text afterwards, and the report."""

    text: str
    report: Report


def look(name: str, before: str, *, fix: bool, unsafe: bool = False, beside: str = "") -> Ran:
    """Run all rules over one file in a project that is empty but for ``beside``, a ``train.py``.

    Nothing is written there.
    """
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held).resolve()
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before.encode())
        if beside:
            (folder / "train.py").write_text(beside, encoding="utf-8")
        report = run([folder], replace(Settings(root=folder), unsafe=unsafe), fix=fix)
        after = next(
            (f.after for f in report.files if f.path == path and f.changed), before.encode()
        )
    return Ran(after.decode(), report)


def measure(row: Row) -> Outcome:
    """The outcome of one row; one without a rule says in ``corrects`` that nothing changed."""
    if row.corrects and not row.code:
        return Outcome(row, Status.NONE)
    found = look(row.file, row.before, beside=row.beside, fix=False).report.left
    findings = [finding for finding in found if finding.path.name == Path(row.file).name]
    if not any(_recognizes(row, finding) for finding in findings):
        seen = "; ".join(f"{f.line} {f.code} {f.message}" for f in findings)
        return Outcome(row, Status.MISSED, f"found: {seen or 'nothing'}")
    if not row.afters:
        return Outcome(row, Status.TOLD)
    anyhow = look(row.file, row.before, beside=row.beside, fix=True, unsafe=True)
    why = _wrong(row, anyhow)
    if why:
        return Outcome(row, Status.TOLD, why, anyhow.text)
    safe = look(row.file, row.before, beside=row.beside, fix=True)
    if safe.text == anyhow.text:
        return Outcome(row, Status.SAFE, "", safe.text)
    return Outcome(row, Status.UNSAFE, "", anyhow.text)


def _recognizes(row: Row, finding: Finding) -> bool:
    line = row.before.splitlines()[finding.line - 1]
    way_out = finding.fix is not None or finding.reason
    return bool(row.code) and finding.code == row.code and row.at in line and bool(way_out)


def _wrong(row: Row, ran: Ran) -> str:
    """What keeps a result from counting as fixed; empty if nothing does."""
    problems = [p.message for p in ran.report.all_problems]
    if problems:
        return "; ".join(problems)
    if not row.file.endswith(".py"):
        return "" if ran.text in row.afters else "the result is none of the accepted ones"
    try:
        got = normal(ran.text)
    except UnparsableError as error:
        return f"the result does not parse: {error}"
    wrong = faults(ran.text)
    if wrong:
        return "; ".join(wrong)
    if got not in [normal(after) for after in row.afters]:
        return "the result is none of the accepted ones"
    return ""
