"""`lfix verify`, and `lfix apply --verify`."""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.model import Safety
from lfix.codemods.verify import Outcome, Request, RequestError, Status, default_python, verify

from . import commands
from .progress import Progress
from .report.outcome import compared, outcome_lines
from .report.style import style_for
from .report.text import finding_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lfix.codemods.engine.settings import Settings
    from lfix.codemods.engine.withheld import Place
    from lfix.codemods.model import Finding, Report
    from lfix.codemods.verify.giveback import Verdict


def verify_once(trial: commands.Trial, format_: str, *, quiet: bool, verbose: bool) -> int:
    """Train one step; 0 verified, 3 failed, 4 not verifiable, 2 nothing to run."""
    if not trial.script and trial.module is None:
        commands.fail("name a script, or a module with -m")
        return commands.BROKEN
    script = None if trial.module else trial.script
    if trial.against:
        return _verify_against(trial, script, format_, quiet=quiet)
    try:
        outcome = verify(_request(trial, script, trial.args))
    except RequestError as error:
        commands.fail(str(error))
        return commands.BROKEN
    if format_ == "json":
        print(json.dumps(outcome.to_json(), indent=2))
    elif quiet:
        print(outcome.summary())
    else:
        print("\n".join(outcome_lines(outcome, style_for(), verbose=verbose)))
        print("".join(f"{line}\n" for line in _explained(outcome)), end="")
    return outcome.exit_code


def _verify_against(trial: commands.Trial, script: str | None, format_: str, *, quiet: bool) -> int:
    """Record old and new code; 0 where they train alike, 3 where not, 4 where nobody can say."""
    from lfix.codemods.engine.pins import pins
    from lfix.codemods.engine.write import previous
    from lfix.codemods.formats.run import run
    from lfix.codemods.verify.against import against

    from .report.comparison import against_lines, page

    prepared = commands.prepare(commands.Options(None, None, None, None, format_, quiet, False))
    if prepared is None:
        return commands.BROKEN
    try:
        request = replace(_request(trial, script, trial.args), batches=max(1, trial.steps))
        request.check()
        root = request.project_root()
        pin = next((p for p in pins(root) if p.written.startswith("==")), None)
        release = trial.against
        if release == "pinned":
            if pin is None:
                commands.fail("no file pins one release of Lightning; name it: --against 1.5.10")
                return commands.BROKEN
            release = pin.written.removeprefix("==").strip()
        report = run([root], replace(prepared[1], unsafe=trial.unsafe), fix=True)
        new = {file.path: file.after for file in report.files if file.changed}
        old, when = previous(root)
        distribution = pin.distribution if pin is not None else "pytorch-lightning"
        found = against(request, release, distribution, old, new)
    except RequestError as error:
        commands.fail(str(error))
        return commands.BROKEN
    if trial.html is not None:
        program = ["-m", trial.module] if trial.module else [trial.script]
        words = [*program, *(["--", *trial.args] if trial.args else [])]
        command = f"lfix verify --against {release} {shlex.join(words)}"
        trial.html.write_text(page(found, command), encoding="utf-8")
    if format_ == "json":
        print(json.dumps(found.to_json(), indent=2))
    elif quiet:
        print(f"{found.status.value}: {found.reason}")
    else:
        print("\n".join(against_lines(found, style_for())))
        came = f"as it was before the run of {when}" if when else "as it is"
        fixed = f", with {len(report.fixed)} fixes that are not written" if new else ""
        print(f"lfix: the old code is the tree {came}; the new code is the tree{fixed}")
    return found.status.exit_code


def _explained(outcome: Outcome) -> list[str]:
    """The rule that knows what a run failed of, and what it finds in the project."""
    from lfix.codemods.tracebacks.explain import explain

    from .traceback import answer

    prepared = commands.prepare(commands.Options(None, None, None, None, "text", True, False))
    if outcome.error is None or outcome.status is not Status.FAILED or prepared is None:
        return []
    explanation = explain(outcome.error.traceback, Path.cwd(), prepared[1])
    known = explanation is not None and (explanation.codes or explanation.findings)
    return answer(explanation) if explanation is not None and known else []


def _request(trial: commands.Trial, script: str | None, args: tuple[str, ...]) -> Request:
    cwd = Path.cwd()
    target = script if script and ":" in script and not (cwd / script).exists() else ""
    request = Request(
        Path(script) if script and not target else None,
        trial.module,
        args,
        device=trial.device,
        timeout=trial.timeout,
        allow_net=trial.allow_net,
        cwd=cwd,
        devices=trial.devices,
        strategy=trial.strategy,
        target=target,
        init=trial.init,
        batch=trial.batch,
    )
    python = trial.python or default_python(request.project_root())
    return replace(request, python=python)


def apply_verified(
    options: commands.Options,
    paths: list[Path],
    settings: Settings,
    report: Report,
    trial: commands.Trial,
    *,
    dry_run: bool,
    allow_dirty: bool,
) -> int:
    """Write what trains no worse than before; the rest is given back and named."""
    from lfix.codemods.formats.run import run
    from lfix.codemods.verify.giveback import try_report

    words = shlex.split(trial.script)
    if not words:
        commands.fail("--verify needs a script, such as --verify 'train.py --epochs 1'")
        return commands.BROKEN

    def fixable() -> list[Finding]:
        found = run(paths, settings).left
        return [f for f in found if settings.unsafe or f.safety is Safety.SAFE]

    def refit(without: Iterable[Place]) -> Report:
        return run(paths, settings, fix=True, without=without)

    try:
        request = _verify_request(trial, words)
        with Progress("run {0} of at most {1}", quiet=options.quiet) as progress:
            verdict = try_report(report, fixable, request, refit, progress)
    except RequestError as error:
        commands.fail(str(error))
        return commands.BROKEN
    if options.format == "json":
        extra = {"before": verdict.before.to_json(), "after": verdict.after.to_json()}
    else:
        extra = None
        _print_verdict(verdict)
    kept = verdict.report
    if kept is None:
        kept = _given_back(report)
    code = (
        commands.show(kept, options, extra, why=settings.why)
        if dry_run
        else commands.write_and_tell(
            kept, options, allow_dirty=allow_dirty, extra=extra, why=settings.why
        )
    )
    if code == commands.BROKEN:
        return code
    decisive = verdict.rejected if verdict.rejected and verdict.report is None else verdict.after
    return code if decisive.status is Status.VERIFIED else decisive.exit_code


def _verify_request(trial: commands.Trial, words: list[str]) -> Request:
    if words[0] == "-m" and len(words) > 1:
        return _request(replace(trial, module=words[1]), None, tuple(words[2:]))
    return _request(trial, words[0], tuple(words[1:]))


def _given_back(report: Report) -> Report:
    files = tuple(
        replace(f, after=f.before, fixed=(), left=(*f.fixed, *f.left)) if f.changed else f
        for f in report.files
    )
    return replace(report, files=files)


def _print_verdict(verdict: Verdict) -> None:
    """Both outcomes, to stderr: stdout keeps the diff or the list of fixes."""
    style = style_for(sys.stderr)
    tried = verdict.rejected or verdict.after
    print("\n".join(compared(verdict.before, tried, style)), file=sys.stderr)
    for title, outcome in (
        ("before", verdict.before),
        ("after", tried),
    ):
        print(
            f"{style(title, 'bold')} the fixes: " + "\n".join(outcome_lines(outcome, style)),
            file=sys.stderr,
        )
    if verdict.report is None and verdict.rejected is None:
        print("lfix: nothing is written, since it cannot be verified", file=sys.stderr)
    elif verdict.report is None:
        print(
            "lfix: nothing is written, since the code would train worse than before",
            file=sys.stderr,
        )
    for back in verdict.given_back:
        place = finding_lines(back.finding, style)[0]
        print(f"lfix: given back, since it makes things worse: {place}", file=sys.stderr)
        error = back.outcome.error
        shown = error.traceback.rstrip() if error is not None else back.outcome.summary()
        print("\n".join(f"    {line}" for line in shown.splitlines()), file=sys.stderr)
    if verdict.given_back and verdict.report is not None:
        kept = "without " + ("it: " if len(verdict.given_back) == 1 else "them: ")
        print(kept + "\n".join(outcome_lines(verdict.after, style)), file=sys.stderr)
        print(f"lfix: that took {verdict.runs} runs of the script", file=sys.stderr)
