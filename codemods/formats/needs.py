"""Whether the code and the config files of a run may still need an old release of Lightning."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine import run as engine
from ..engine.source import Source, UnreadableSourceError
from ..engine.target import project_root
from ..engine.walk import Walk
from ..model import Finding, Report, Safety, Severity
from .format import BrokenError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.settings import Settings
    from .format import Context

#: The rules that look at requirements themselves.
REQUIREMENTS = ("LF922", "LF931", "LF932", "LF933", "LF934")


def left_over(report: Report, settings: Settings, *, fixing: bool) -> tuple[Finding, ...]:
    """What is left in the Python after a run; in a check what would be left after the fixes."""
    if fixing:
        return report.left
    allowed = (Safety.SAFE, Safety.UNSAFE) if settings.unsafe else (Safety.SAFE,)
    return tuple(finding for finding in report.left if finding.safety not in allowed)


def needs_old(context: Context) -> str:
    """The reason in half a sentence; empty where no error is left in the Python.

    Rules that were not asked for look here too: what they would find is there all the same.
    """
    settings, left = context.settings, context.left
    unseen = _unseen(context)
    if unseen:
        return f"{unseen} was not looked at: look at the whole project at once"
    if context.broken:
        return f"{context.broken[0].name} could not be read"
    if settings.select or settings.ignore or settings.per_file_ignores:
        nobody: frozenset[str] = frozenset()
        everything = replace(settings, select=nobody, ignore=nobody, per_file_ignores={})
        found = engine.run(context.python, everything).left
        left = (*left, *(f for f in found if not settings.wants(f.code, f.rule, f.path)))
    errors = [
        finding
        for finding in (*left, *_in_others(context))
        if finding.severity is Severity.ERROR and finding.code not in REQUIREMENTS
    ]
    if not errors:
        return ""
    first = min(errors, key=lambda f: (f.path, f.line))
    where = f"{first.path.name}:{first.line} ({first.code})"
    more = f" and {len(errors) - 1} more" if len(errors) > 1 else ""
    return f"the code may need the old release: repair {where}{more} first"


def _unseen(context: Context) -> str:
    """A file of the project that uses Lightning and is not in the run; empty if there is none."""
    files = (*context.others[:1], *context.python[:1])
    if not files:
        return ""
    root = project_root([files[0]])
    known = set(context.python)
    for path in Walk([root], context.settings.exclude, context.settings.root).files():
        if path not in known and b"lightning" in context.project.raw(path):
            return path.name
    return ""


def _in_others(context: Context) -> Iterator[Finding]:
    """What is left in notebooks and config files after their fixes."""
    from .config import CONFIG
    from .notebook import FORMAT, of_code

    for path in context.others:
        raw = context.project.raw(path)
        try:
            if FORMAT.reads(path.name) and FORMAT.may_hold(path, raw):
                yield from of_code(context, Source.of(path, raw), True).left
            elif CONFIG.find is not None and CONFIG.reads(path.name) and CONFIG.may_hold(path, raw):
                found = CONFIG.find(context, Source.of(path, raw))
                yield from (f for f in found if f.safety is not Safety.SAFE)
        except (BrokenError, UnreadableSourceError):
            # It is a problem of its own in the same run.
            continue
