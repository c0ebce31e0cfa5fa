"""Requirements in a ``setup.py`` or ``noxfile.py``, once it is known what the rest needs.

The rule that finds them sees one file after the other, and cannot know; here the run is over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.members import Members
from ..engine.project import Project
from ..engine.source import Source
from ..engine.splice import choose
from ..model import FileReport, Finding, Report, Safety
from .format import Context
from .needs import left_over

if TYPE_CHECKING:
    from pathlib import Path

    from ..engine.settings import Settings
    from ..engine.withheld import Withheld

_NAMES = ("setup.py", "noxfile.py")


def settled(
    report: Report, python: list[Path], settings: Settings, withheld: Withheld | None
) -> Report:
    """The report with fixes in those files made safe, and taken, where nothing speaks against."""
    waiting = [f for f in report.files if f.path.name in _NAMES and any(map(_waits, f.left))]
    if not waiting:
        return report
    from ..engine.namespaces import distributions

    overlay = {file.path: file.after for file in report.files if file.changed}
    project = Project(overlay, Members(python))
    left = left_over(report, settings, fixing=withheld is not None)
    broken = tuple(problem.path for problem in report.all_problems)
    context = Context(project, settings, tuple(python), (), left, broken)
    if not distributions(project) or context.needs_old:
        return report
    made = {file.path: _settled(file, project, settings, withheld) for file in waiting}
    return replace(report, files=tuple(made.get(file.path, file) for file in report.files))


def _waits(finding: Finding) -> bool:
    from ..rules._setup_requirements import DOUBT

    return finding.fix is not None and finding.reason == DOUBT


def _settled(
    file: FileReport, project: Project, settings: Settings, withheld: Withheld | None
) -> FileReport:
    left = tuple(_safe(f) if _waits(f) else f for f in file.left)
    if withheld is None:
        return replace(file, left=left)
    sure = [f for f in left if f not in file.left and not withheld.holds(f)]
    chosen = choose(sure, unsafe=settings.unsafe)
    source: Source = project.source(file.path)
    after = source.apply([edit for f in chosen if f.fix for edit in f.fix.edits])
    withheld.follow(file.path, source.raw, after)
    return replace(
        file,
        before=file.before if file.changed else source.raw,
        after=after,
        fixed=(*file.fixed, *chosen),
        left=tuple(f for f in left if f not in chosen),
    )


def _safe(finding: Finding) -> Finding:
    assert finding.fix is not None
    return replace(finding, fix=replace(finding.fix, safety=Safety.SAFE), reason=None)
