"""Scan files, and apply fixes in memory until nothing new is found. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..model import FileReport, Report
from .looker import Looker, Seen
from .members import Members
from .memory import uncollected
from .pool import chunks, processes, spread
from .project import Project
from .rounds import fixed
from .scan import Scanned
from .settings import Settings
from .sift import Progress, sift_all
from .walk import Walk
from .withheld import Place, Withheld


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
        reports = fixed(candidates, look_at, scanned, seen, withheld)
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
        iter(fixed([path], look_at, [scanned], seen, Withheld(), overlay)), _unfixed(scanned)
    )


def _untold(done: int, total: int) -> None:
    """Progress that nobody asked for."""


def _unfixed(scanned: Scanned) -> FileReport:
    return FileReport(scanned.path, b"", b"", (), scanned.findings, scanned.problems)
