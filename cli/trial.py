"""`lfix verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.engine.settings import SettingsError
from lfix.codemods.verify import Outcome, RequestError, Status
from lfix.codemods.verify.outcome import worst_of
from lfix.codemods.verify.several import verify_all

from . import commands, programs
from .choices import Options
from .progress import Progress
from .report.outcome import outcome_lines, table
from .report.style import style_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .choices import Shown, Trial

Run = tuple[str, Outcome]


def verify(trial: Trial, shown: Shown) -> int:
    """Train one step of each program.

    0 all verified, 3 one failed, 4 one not verifiable and none failed, 2 a wrong call.
    """
    try:
        known = programs.trials()
        if trial.against:
            from .against import verify_against

            return verify_against(trial, known, shown)
        requests = programs.requests(trial, known)
        with Progress("{0} of {1} scripts", quiet=shown.quiet or len(requests) == 1) as progress:
            outcomes = verify_all(requests, trial.jobs, progress)
    except (RequestError, SettingsError) as error:
        commands.fail(str(error))
        return commands.BROKEN
    runs = [(r.command(), outcome) for r, outcome in zip(requests, outcomes, strict=True)]
    _print(runs, shown)
    if shown.report is not None:
        from .report.trained import runs_markdown

        if not commands.keep(shown.report, lambda: runs_markdown(runs)):
            return commands.BROKEN
    return worst_of(outcomes).exit_code


def _print(runs: Sequence[Run], shown: Shown) -> None:
    style = style_for()
    alone = len(runs) == 1
    if shown.format == "json":
        from .report.jsonreport import runs_document

        print(runs_document(runs))
        return
    for program, outcome in runs:
        if shown.quiet:
            print(outcome.summary() if alone else f"{program}: {outcome.summary()}")
            continue
        if not alone:
            print(style(program, "bold"))
        print("\n".join(outcome_lines(outcome, style, verbose=shown.verbose)))
        print("".join(f"{line}\n" for line in _explained(outcome)), end="\n" if not alone else "")
    if not alone and not shown.quiet:
        print("\n".join(table(runs, style)))


def _explained(outcome: Outcome) -> list[str]:
    """The rule that knows what a run failed of, and what it finds in the project."""
    if outcome.error is None or outcome.status is not Status.FAILED:
        return []
    from lfix.codemods.tracebacks.explain import explain

    from .traceback import answer

    prepared = commands.prepare(Options(quiet=True))
    if prepared is None:
        return []
    explanation = explain(outcome.error.traceback, Path.cwd(), prepared[1])
    known = explanation is not None and (explanation.codes or explanation.findings)
    return answer(explanation) if explanation is not None and known else []
