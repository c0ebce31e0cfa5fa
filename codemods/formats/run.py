"""One run over a whole project: its Python first, then every other file that a format reads."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine import run as engine
from ..engine.members import Members
from ..engine.project import Project
from ..engine.rounds import ROUNDS
from ..engine.source import Source, UnreadableSourceError
from ..engine.splice import bug, choose
from ..engine.withheld import Place, Withheld
from ..model import FileReport, Finding, Problem, ProblemKind, Report
from .carried import with_reads
from .files import divided, walk_of
from .format import BrokenError, Context, Format
from .needs import left_over
from .registry import format_of
from .setups import settled
from .wanted import wanted

if TYPE_CHECKING:
    from ..engine.looker import Seen
    from ..engine.settings import Settings
    from ..engine.sift import Progress
    from ..engine.walk import Walk

#: Bytes of the largest file that is read; notebooks with many pictures are a tenth of it.
_LARGEST = 200_000_000


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    fix: bool = False,
    progress: Progress | None = None,
    without: Iterable[Place] = (),
) -> Report:
    """Look at all files under ``paths`` and report; with ``fix``, with the repaired bytes too.

    The fixes of the findings at ``without`` are left out.
    """
    walk = walk_of(paths, settings)
    files = list(walk.files())
    withheld = Withheld(without) if fix else None
    python, others = divided(files)
    report = engine.repair(walk, python, settings, progress, withheld)
    report = settled(report, python, settings, withheld)
    return _with_others(report, python, others, settings, withheld, walk)


def look(
    walk: Walk,
    files: list[Path],
    settings: Settings,
    seen: Seen,
    progress: Progress | None = None,
) -> Report:
    """A check of files that were already listed; ``seen`` takes down what else was read."""
    python, others = divided(files)
    report = settled(engine.look(walk, python, settings, seen, progress), python, settings, None)
    return _with_others(report, python, others, settings, None, walk, seen)


def _with_others(
    report: Report,
    python: list[Path],
    others: list[Path],
    settings: Settings,
    withheld: Withheld | None,
    walk: Walk,
    seen: Seen | None = None,
) -> Report:
    if not others:
        return report
    overlay = {file.path: file.after for file in report.files if file.changed}
    project = Project(overlay, Members(python))
    left = left_over(report, settings, fixing=withheld is not None)
    broken = tuple(problem.path for problem in report.all_problems)
    tops = tuple(Path(os.path.realpath(top)) for top in (*walk.paths, Path(walk.root)))
    context = Context(project, settings, tuple(python), tuple(others), left, broken, tops)
    files = _files(context, report, withheld)
    if files is None:
        files = _files(replace(context, carry=False), report, withheld) or []
    if seen is not None:
        seen.files |= project.read - set(python)
        seen.around.merge(project.layout.news())
    return replace(
        report,
        files=tuple(sorted(files, key=lambda file: file.path)),
        looked_at=report.looked_at + len(others),
    )


def _files(context: Context, report: Report, withheld: Withheld | None) -> list[FileReport] | None:
    """The reports of all files; None where code does not follow the configs that it reads."""

    def open_(source: Source, findings: Iterable[Finding]) -> list[Finding]:
        kept = wanted(context.settings, source, findings)
        return [f for f in kept if withheld is None or not withheld.holds(f)]

    found = (_of_file(context, path, withheld) for path in context.others)
    reports = [file for file in found if file is not None]
    fixing = withheld is not None
    python = with_reads(context, reports, report.files, fixing=fixing, wanted=open_)
    return None if python is None else [*python, *reports]


def _of_file(context: Context, path: Path, withheld: Withheld | None) -> FileReport | None:
    form = format_of(path.name)
    assert form is not None
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            return _too_large(path, size)
        raw = path.read_bytes()
    except OSError as error:
        problem = Problem(path, f"cannot be read: {error.strerror or error}")
        return FileReport(path, b"", b"", problems=(problem,))
    if not form.may_hold(path, raw):
        return None
    try:
        return _kept_inside(context, _repaired(context, form, path, raw, withheld))
    except (BrokenError, UnreadableSourceError) as error:
        problem = Problem(path, str(error), getattr(error, "line", None))
    except Exception as error:  # noqa: BLE001  one format's bug must not stop the others
        problem = bug(path, form.name, error)
    return FileReport(path, raw, raw, problems=(problem,))


def _kept_inside(context: Context, report: FileReport | None) -> FileReport | None:
    """The report, without a text for a file that only a link leads to."""
    if report is None or not report.changed:
        return report
    if any(report.path.is_relative_to(top) for top in context.tops):
        return report
    message = "lies outside, where a link leads to, and was not written; name the file itself"
    return replace(
        report,
        after=report.before,
        fixed=(),
        left=(*report.fixed, *report.left),
        problems=(*report.problems, Problem(report.path, message)),
    )


def _too_large(path: Path, size: int) -> FileReport | None:
    """The problem of a file that is too large to be looked at; data is none."""
    if path.suffix == ".json":
        return None
    message = f"is too large to be looked at: {size // 1_000_000} MB"
    return FileReport(path, b"", b"", problems=(Problem(path, message),))


def _repaired(
    context: Context, form: Format, path: Path, raw: bytes, withheld: Withheld | None
) -> FileReport | None:
    """The report of one file: rounds of fixes until nothing new is found."""
    if form.repair is not None:
        report = form.repair(context, Source.of(path, raw), withheld is not None)
        if form.find is not None:
            source = Source.of(path, report.after if report.changed else raw)
            found = wanted(context.settings, source, form.find(context, source))
            report = replace(report, left=(*report.left, *found))
        return report if report.fixed or report.left or report.problems else None
    assert form.find is not None
    fixed: list[Finding] = []
    now = raw
    for _ in range(ROUNDS):
        source = Source.of(path, now)
        findings = wanted(context.settings, source, form.find(context, source))
        chosen = [f for f in findings if withheld is not None and not withheld.holds(f)]
        chosen = choose(chosen, unsafe=context.settings.unsafe)
        if withheld is None or not chosen:
            if not fixed and not findings:
                return None
            return FileReport(path, raw, now, tuple(fixed), tuple(findings))
        after = source.apply([edit for f in chosen if f.fix for edit in f.fix.edits])
        withheld.follow(path, now, after)
        fixed += chosen
        now = after
    rules = ", ".join(sorted({finding.rule for finding in fixed}))
    message = f"the fixes of {rules} find no end and were not used; please report it"
    problem = Problem(path, message, None, ProblemKind.BUG, fixed[0].rule)
    return FileReport(path, raw, raw, (), (), (problem,))
