"""What a traceback is about: the rules that know it, and what they find in the user's files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.project import Project
from ..engine.rule import registry
from ..engine.scan import scan
from ..formats.run import run
from .known import KNOWN
from .names import missing
from .pasted import Raised, raised_in

if TYPE_CHECKING:
    from ..engine.settings import Settings
    from ..model import Finding

#: So many lines around the one that the traceback names count as the same place.
_NEAR = 3


@dataclass(frozen=True)
class Explanation:
    """An exception, why it is raised, and who repairs it.

    ``codes`` are the rules that know it, none where nothing is known; ``way_out`` says what to
    write instead, where that is certain; ``findings`` are what these rules find in the files of the
    traceback that are at hand, the nearest to its lines first.
    """

    raised: Raised
    codes: tuple[str, ...] = ()
    reason: str = ""
    way_out: str = ""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def files(self) -> tuple[Path, ...]:
        """The files with such findings."""
        return tuple(dict.fromkeys(finding.path for finding in self.findings))


def explain(text: str, folder: Path, settings: Settings) -> Explanation | None:
    """The explanation of a pasted traceback; None where no exception is in the text.

    Of several exceptions the last one that is known counts: others are raised on the way out of it.
    """
    raised = raised_in(text)
    known = (e for one in raised if (e := _known(one, folder, settings)) is not None)
    found = next(known, Explanation(raised[0]) if raised else None)
    if found is None:
        return None
    return Explanation(
        found.raised,
        found.codes,
        found.reason,
        found.way_out,
        tuple(_findings(found, folder, settings)),
    )


def _known(raised: Raised, folder: Path, settings: Settings) -> Explanation | None:
    name = missing(raised.message)
    for program in name.programs if name is not None else ():
        finding = _first(program, folder, settings)
        if name is not None and finding is not None:
            way_out = finding.fix.title if finding.fix is not None else finding.reason or ""
            codes = dict.fromkeys((finding.code, *name.codes))
            return Explanation(raised, tuple(codes), finding.message, way_out)
    for row in KNOWN:
        match = row.compiled.search(raised.message)
        if match is not None:
            groups = {str(i): g or "" for i, g in enumerate(match.groups(), 1)}
            reason = row.reason
            for number, group in groups.items():
                reason = reason.replace(f"{{{number}}}", group)
            return Explanation(raised, row.codes, reason)
    return None


def _first(program: str, folder: Path, settings: Settings) -> Finding | None:
    path = folder / "lfix_traceback_example.py"
    scanned = scan(Project({path: program.encode()}), path, settings)
    return scanned.findings[0] if scanned.findings else None


def _findings(found: Explanation, folder: Path, settings: Settings) -> list[Finding]:
    """What the rules that know a message find in the user's files, near its lines or elsewhere.

    Where they find nothing, what any rule finds near the lines.
    """
    lines: dict[Path, list[int]] = {}
    for frame in found.raised.frames:
        path = (folder / frame.file).resolve()
        if not frame.foreign and path.suffix == ".py" and path.is_file():
            lines.setdefault(path, []).append(frame.line)
    if not lines:
        return []

    def distance(finding: Finding) -> int:
        return min(abs(finding.line - line) for line in lines[finding.path.resolve()])

    findings = sorted(run(list(lines), settings).left, key=distance)
    near = [finding for finding in findings if distance(finding) <= _NEAR]
    for some in (near, findings):
        answering = [finding for finding in some if finding.code in found.codes]
        if answering:
            return answering
    return near


def titles(codes: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Code, name and summary of some rules."""
    rules = [registry()[code] for code in codes if code in registry()]
    return [(rule.code, rule.name, rule.summary) for rule in rules]
