"""Rounds of fixes in memory, until nothing new is found. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..model import FileReport, Problem, ProblemKind
from .looker import LIGHT
from .pool import chunks, processes, spread
from .project import Project
from .splice import choose, splice

if TYPE_CHECKING:
    from ..model import Finding
    from .looker import Looker, Seen
    from .scan import Scanned
    from .withheld import Withheld

#: A fix may make room for another one; this many times.
ROUNDS = 10
CHANGED_MEANWHILE = "was changed while lfix ran and was not written; run lfix again"


def fixed(
    candidates: list[Path],
    look_at: Looker,
    first: list[Scanned],
    seen: Seen,
    withheld: Withheld,
    start: Mapping[Path, bytes] = MappingProxyType({}),
) -> list[FileReport]:
    """Rounds of choosing, splicing and looking again at what changed and what depends on it.

    ``start`` are newer bytes than the disk's from the beginning.
    """
    fixing = _Fixing(look_at, first, withheld, start)
    for round_ in range(ROUNDS + 1):
        changed = fixing.round(last=round_ == ROUNDS)
        if not changed:
            break
        touched = seen.dependents(changed)
        fixing.look_again([path for path in candidates if path in touched], seen)
    return fixing.reports()


class _Fixing:
    """What becomes of the files of a run, round after round.

    A file that a rule failed on stays as it is; a rule whose fix was refused has no further turn
    in that file.
    """

    def __init__(
        self,
        look_at: Looker,
        first: list[Scanned],
        withheld: Withheld,
        start: Mapping[Path, bytes],
    ) -> None:
        self._look_at = look_at
        self._withheld = withheld
        self._start = start
        self._latest = {s.path: s for s in first}
        self._overlay = dict(start)
        self._before: dict[Path, bytes] = {}
        self._fixed: dict[Path, list[Finding]] = {}
        self._problems: dict[Path, list[Problem]] = {s.path: list(s.problems) for s in first}
        self._left_alone = {s.path for s in first if s.problems}
        self._refused: set[tuple[Path, str]] = set()

    def round(self, *, last: bool) -> list[Path]:
        """Fix what the latest look found; the files to look at again."""
        now = dict(self._overlay)
        project = Project(now, self._look_at.members, self._look_at.layout)
        changed = []
        for result in self._latest.values():
            if project.weight > LIGHT:
                project.close()
                project = Project(now, self._look_at.members, self._look_at.layout)
            chosen = self._chosen(result)
            if chosen and self._fix(project, result, chosen, last=last):
                changed.append(result.path)
        project.close()
        return changed

    def look_again(self, paths: list[Path], seen: Seen) -> None:
        """Look at files as they are by now, in several processes if there are many."""
        jobs = processes(self._look_at.settings.jobs, len(paths))
        work = partial(self._look_at.again, overlay=self._overlay)
        for scanned, also in spread(work, chunks(paths, jobs), jobs):
            seen.merge(also)
            self._latest.update((s.path, s) for s in scanned)

    def reports(self) -> list[FileReport]:
        """Of all files with a finding or a problem, and of those that changed."""
        return [
            FileReport(
                s.path,
                self._before[s.path] if s.path in self._fixed else b"",
                self._overlay[s.path] if s.path in self._fixed else b"",
                tuple(self._fixed.get(s.path, ())),
                s.findings,
                tuple(dict.fromkeys([*self._problems.get(s.path, ()), *s.problems])),
            )
            for s in self._latest.values()
            if s.findings or s.path in self._fixed or self._problems.get(s.path)
        ]

    def _chosen(self, result: Scanned) -> list[Finding]:
        """The findings of a file whose fixes go together."""
        if result.path in self._left_alone:
            return []
        open_ = [
            f
            for f in result.findings
            if (f.path, f.rule) not in self._refused and not self._withheld.holds(f)
        ]
        return choose(open_, unsafe=self._look_at.settings.unsafe)

    def _fix(self, project: Project, result: Scanned, chosen: list[Finding], *, last: bool) -> bool:
        """Splice the chosen fixes of a file; whether it has to be looked at again."""
        path = result.path
        file = project.file(path)
        told = self._problems.setdefault(path, [])
        if file is None or file.source.digest != result.digest:
            told.append(Problem(path, CHANGED_MEANWHILE))
            self._left_alone.add(path)
            return False
        if last:
            told.append(_unsettled(path, chosen))
            self._overlay.pop(path, None)
            self._overlay.update((p, raw) for p, raw in self._start.items() if p == path)
            self._fixed.pop(path, None)
            return True
        spliced = splice(project, file, chosen)
        told.extend(spliced.problems)
        self._refused |= {(f.path, f.rule) for f in chosen if f not in spliced.fixed}
        if spliced.raw == file.source.raw:
            return bool(spliced.problems)
        self._before.setdefault(path, file.source.raw)
        self._withheld.follow(path, file.source.raw, spliced.raw)
        self._overlay[path] = spliced.raw
        self._fixed.setdefault(path, []).extend(spliced.fixed)
        return True


def _unsettled(path: Path, chosen: list[Finding]) -> Problem:
    rules = ", ".join(sorted({f.rule for f in chosen}))
    message = f"the fixes of {rules} find no end and were not used; please report it"
    return Problem(path, message, None, ProblemKind.BUG, chosen[0].rule)
