"""`lfix apply --verify`: write what trains no worse than before, and name what does not."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from lfix.codemods.model import Safety
from lfix.codemods.verify import Outcome, RequestError, Status
from lfix.codemods.verify.outcome import worst_of

from . import commands, programs
from .progress import Progress
from .report.outcome import compared, outcome_lines
from .report.style import style_for
from .report.text import count, finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lfix.codemods.engine.settings import Settings
    from lfix.codemods.engine.withheld import Place
    from lfix.codemods.model import Finding, Report
    from lfix.codemods.verify.giveback import Verdict

    from .choices import Options, Trial
    from .report.style import Style


def apply_verified(
    options: Options,
    paths: list[Path],
    settings: Settings,
    report: Report,
    trial: Trial,
    *,
    dry_run: bool,
    allow_dirty: bool,
) -> int:
    """Write what trains no worse than before; the rest is given back and named."""
    from lfix.codemods.formats.run import run
    from lfix.codemods.verify.giveback import try_report

    def fixable() -> list[Finding]:
        found = run(paths, settings).left
        return [f for f in found if settings.unsafe or f.safety is Safety.SAFE]

    def refit(without: Iterable[Place]) -> Report:
        return run(paths, settings, fix=True, without=without)

    try:
        requests = programs.requests(trial, settings.trials)
        with Progress("run {0} of at most {1}", quiet=options.quiet) as progress:
            verdict = try_report(report, fixable, requests, refit, progress)
    except RequestError as error:
        commands.fail(str(error))
        return commands.BROKEN
    names = [request.command() for request in requests]
    if options.format == "json":
        from .report.jsonreport import verdict_fields

        extra = verdict_fields(names, verdict)
    else:
        extra = None
        _print_verdict(names, verdict)
    kept = verdict.report if verdict.report is not None else _given_back(report)
    told = ""
    if options.report is not None:
        from .report.trained import verdict_markdown

        told = verdict_markdown(names, verdict)
    told_too = commands.Told(why=settings.why, extra=extra, markdown=told)
    code = (
        commands.show(kept, options, told_too)
        if dry_run
        else commands.write_and_tell(kept, options, told_too, allow_dirty=allow_dirty)
    )
    if code == commands.BROKEN:
        return code
    decisive = worst_of(verdict.after if verdict.report is not None else verdict.tried)
    return code if decisive is Status.VERIFIED else decisive.exit_code


def _given_back(report: Report) -> Report:
    files = tuple(
        replace(f, after=f.before, fixed=(), left=(*f.fixed, *f.left)) if f.changed else f
        for f in report.files
    )
    return replace(report, files=files)


def _print_verdict(names: Sequence[str], verdict: Verdict) -> None:
    """Both outcomes of each script, to stderr: stdout keeps the diff or the list of fixes."""
    style = style_for(sys.stderr)
    for name, before, after in zip(names, verdict.before, verdict.tried, strict=True):
        if len(names) > 1:
            _say([style(name, "bold")])
        _say(compared(before, after, style))
        for title, outcome in (("before", before), ("after", after)):
            _say([f"{style(title, 'bold')} the fixes: " + _lines(outcome, style)])
    if verdict.report is None and verdict.rejected is None:
        _say(["lfix: nothing is written, since it cannot be verified"])
    elif verdict.report is None:
        _say(["lfix: nothing is written, since the code would train worse than before"])
    for back in verdict.given_back:
        place = finding_lines(back.finding, style)[0]
        _say([f"lfix: given back, since it makes things worse: {place}"])
        error = back.outcome.error
        shown = error.traceback.rstrip() if error is not None else back.outcome.summary()
        _say([f"    {line}" for line in shown.splitlines()])
    if verdict.given_back and verdict.report is not None:
        kept = "without " + ("it: " if len(verdict.given_back) == 1 else "them: ")
        _say([kept + _lines(outcome, style) for outcome in verdict.after])
        of = "the script" if len(names) == 1 else count(len(names), "script")
        _say([f"lfix: that took {verdict.runs} runs of {of}"])


def _lines(outcome: Outcome, style: Style) -> str:
    return "\n".join(outcome_lines(outcome, style))


def _say(lines: Iterable[str]) -> None:
    print("\n".join(lines), file=sys.stderr)
