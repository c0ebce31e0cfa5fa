"""Scan files, and apply fixes in memory until nothing new is found. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import MappingProxyType

from ..model import FileReport, Finding, Problem, ProblemKind, Report
from .layout import Layout
from .members import Members
from .memory import uncollected
from .places import Surroundings
from .pool import chunks, processes, spread
from .project import Project
from .scan import Scanned, scan
from .settings import Settings
from .sift import Progress, sift_all
from .splice import choose, splice
from .walk import Walk
from .withheld import Place, Withheld

#: A fix may make room for another one; this many times.
ROUNDS = 10
CHANGED_MEANWHILE = "was changed while lfix ran and was not written; run lfix again"

#: Source bytes that one project may parse before it is let go: trees take 50 to 100 times as much.
_WEIGHT = 1_000_000
#: The same where the next file lies in another part of the tree.
_LIGHT = 300_000


@dataclass
class Seen:
    """What a run depends on beside its files: those that names led to, and where it looked."""

    files: set[Path] = field(default_factory=set)
    around: Surroundings = field(default_factory=Surroundings)
    imports: dict[Path, frozenset[Path]] = field(default_factory=dict)

    def merge(self, other: Seen) -> None:
        """Take over what another part of the run saw."""
        self.files |= other.files
        self.around.merge(other.around)
        self.imports |= other.imports

    def dependents(self, changed: Iterable[Path]) -> set[Path]:
        """The changed files and all that import them, over any number of files between."""
        importers: dict[Path, list[Path]] = {}
        for path, targets in self.imports.items():
            for target in targets:
                importers.setdefault(target, []).append(path)
        found: set[Path] = set()
        pending = list(changed)
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending += importers.get(path, ())
        return found


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    fix: bool = False,
    progress: Progress | None = None,
    without: Iterable[Place] = (),
) -> Report:
    """Look at ``paths`` and report; with ``fix``, the reports hold the repaired bytes too.

    The fixes of the findings at ``without`` are left out.
    """
    walk = Walk([Path(p) for p in paths], settings.exclude, settings.root)
    return repair(walk, list(walk.files()), settings, progress, Withheld(without) if fix else None)


def repair(
    walk: Walk,
    files: list[Path],
    settings: Settings,
    progress: Progress | None,
    withheld: Withheld | None,
) -> Report:
    """:func:`run` on files that were already listed; a check only where nothing is withheld."""
    with uncollected():
        return _look(walk, files, settings, Seen(), progress or _untold, withheld)


def look(
    walk: Walk,
    files: list[Path],
    settings: Settings,
    seen: Seen,
    progress: Progress | None = None,
) -> Report:
    """A check of files that were already listed; ``seen`` takes down what else was read."""
    with uncollected():
        return _look(walk, files, settings, seen, progress or _untold, None)


def _look(
    walk: Walk,
    files: list[Path],
    settings: Settings,
    seen: Seen,
    tell: Progress,
    withheld: Withheld | None,
) -> Report:
    sifted = sift_all(files, settings, tell)
    candidates = sifted.candidates
    members = Members(files, sifted.bases)
    finished = len(files) - len(candidates)
    look_at = Looker(members, settings, with_imports=withheld is not None)
    scanned: list[Scanned] = []
    jobs = processes(settings.jobs, len(candidates))
    for part, also in spread(look_at, chunks(candidates, jobs), jobs):
        scanned += part
        seen.merge(also)
        tell(finished + len(scanned), len(files))
    if withheld is not None:
        reports = _fix(candidates, look_at, scanned, seen, withheld)
    else:
        reports = [_unfixed(s) for s in scanned if s.findings or s.problems]
    return Report(
        files=tuple(sorted(reports, key=lambda r: r.path)),
        problems=(*walk.problems, *sifted.problems),
        looked_at=len(files),
    )


def repair_text(
    project: Project, path: Path, raw: bytes, settings: Settings, *, fix: bool
) -> FileReport:
    """The report of Python that lies in no file of its own, such as the cells of a notebook.

    ``path`` is where it comes from, and where its imports lead from; other files are as they are in
    ``project``.
    """
    members = Members([*project.members, path])
    overlay = {**project.overlay, path: raw}
    look_at = Looker(members, settings, with_imports=fix)
    (scanned,), seen = look_at.again([path], overlay)
    project.consulted |= seen.files
    if not fix:
        return _unfixed(scanned)
    return next(
        iter(_fix([path], look_at, [scanned], seen, Withheld(), overlay)), _unfixed(scanned)
    )


def _untold(done: int, total: int) -> None:
    """Progress that nobody asked for."""


class Looker:
    """Looks at pieces of the candidates, one after the other, and says what it saw beside them.

    Files that were parsed stay for the next piece, until there are too many of them.
    """

    def __init__(self, members: Members, settings: Settings, *, with_imports: bool) -> None:
        self.members = members
        self.settings = settings
        self.with_imports = with_imports
        self.layout = Layout()
        # Two folders below what all files have in common, little is shared with the next one.
        paths = members.paths
        common = os.path.commonpath([paths[0], paths[-1]]) if paths else ""
        self._depth = len(Path(common).parts) + 2
        self._area: tuple[str, ...] = ()
        self._project = Project({}, members, self.layout)

    def __call__(self, paths: Sequence[Path]) -> tuple[list[Scanned], Seen]:
        """The results for files as they are on the disk."""
        return self.again(paths, self._project.overlay)

    def again(
        self, paths: Sequence[Path], overlay: Mapping[Path, bytes]
    ) -> tuple[list[Scanned], Seen]:
        """The results for files with newer bytes than the disk's."""
        seen = Seen()
        if overlay is not self._project.overlay:
            self._let_go(seen, overlay)
        scanned = [self._scan(path, seen) for path in paths]
        self._take_down(seen)
        return scanned, seen

    def _scan(self, path: Path, seen: Seen) -> Scanned:
        area = path.parts[: self._depth]
        if self._project.weight > (_WEIGHT if area == self._area else _LIGHT):
            self._let_go(seen, self._project.overlay)
        self._area = area
        return scan(self._project, path, self.settings)

    def _let_go(self, seen: Seen, overlay: Mapping[Path, bytes]) -> None:
        self._take_down(seen)
        self._project.close()
        self._project = Project(overlay, self.members, self.layout)

    def _take_down(self, seen: Seen) -> None:
        seen.files |= {path for path in self._project.read if path not in self.members}
        seen.around.merge(self.layout.news())
        if self.with_imports:
            seen.imports |= self._project.imports


def _unfixed(scanned: Scanned) -> FileReport:
    return FileReport(scanned.path, b"", b"", (), scanned.findings, scanned.problems)


def _fix(
    candidates: list[Path],
    look_at: Looker,
    first: list[Scanned],
    seen: Seen,
    withheld: Withheld,
    start: Mapping[Path, bytes] = MappingProxyType({}),
) -> list[FileReport]:
    """Rounds of choosing, splicing and looking again at what changed and what depends on it.

    A file that a rule failed on stays as it is; a rule whose fix was refused has no further turn
    in that file. ``start`` are newer bytes than the disk's from the beginning.
    """
    settings = look_at.settings
    overlay = dict(start)
    before: dict[Path, bytes] = {}
    fixed: dict[Path, list[Finding]] = {}
    problems: dict[Path, list[Problem]] = {s.path: list(s.problems) for s in first}
    latest = {s.path: s for s in first}
    left_alone = {s.path for s in first if s.problems}
    refused: set[tuple[Path, str]] = set()
    for round_ in range(ROUNDS + 1):
        now = dict(overlay)
        project = Project(now, look_at.members, look_at.layout)
        changed: list[Path] = []
        for result in latest.values():
            if project.weight > _WEIGHT:
                project.close()
                project = Project(now, look_at.members, look_at.layout)
            open_ = [
                f
                for f in result.findings
                if (f.path, f.rule) not in refused and not withheld.holds(f)
            ]
            chosen = choose(open_, unsafe=settings.unsafe)
            if not chosen or result.path in left_alone:
                continue
            file = project.file(result.path)
            told = problems.setdefault(result.path, [])
            if file is None or file.source.digest != result.digest:
                told.append(Problem(result.path, CHANGED_MEANWHILE))
                left_alone.add(result.path)
                continue
            if round_ == ROUNDS:
                told.append(_unsettled(result.path, chosen))
                overlay.pop(result.path, None)
                overlay.update((p, raw) for p, raw in start.items() if p == result.path)
                fixed.pop(result.path, None)
                changed.append(result.path)
                continue
            spliced = splice(project, file, chosen)
            told.extend(spliced.problems)
            refused |= {(f.path, f.rule) for f in chosen if f not in spliced.fixed}
            if spliced.problems:
                changed.append(result.path)
            if spliced.raw != file.source.raw:
                before.setdefault(result.path, file.source.raw)
                withheld.follow(result.path, file.source.raw, spliced.raw)
                overlay[result.path] = spliced.raw
                fixed.setdefault(result.path, []).extend(spliced.fixed)
                changed.append(result.path)
        if not changed:
            break
        touched = seen.dependents(changed)
        project.close()
        again = [path for path in candidates if path in touched]
        jobs = processes(settings.jobs, len(again))
        work = partial(look_at.again, overlay=overlay)
        for scanned, also in spread(work, chunks(again, jobs), jobs):
            seen.merge(also)
            latest.update((s.path, s) for s in scanned)
    return [
        FileReport(
            s.path,
            before[s.path] if s.path in fixed else b"",
            overlay[s.path] if s.path in fixed else b"",
            tuple(fixed.get(s.path, ())),
            s.findings,
            tuple(dict.fromkeys([*problems.get(s.path, ()), *s.problems])),
        )
        for s in latest.values()
        if s.findings or s.path in fixed or problems.get(s.path)
    ]


def _unsettled(path: Path, chosen: list[Finding]) -> Problem:
    rules = ", ".join(sorted({f.rule for f in chosen}))
    message = f"the fixes of {rules} find no end and were not used; please report it"
    return Problem(path, message, None, ProblemKind.BUG, chosen[0].rule)
