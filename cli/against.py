"""`lfix verify --against`: the old code on its own Lightning beside the new code on the new one."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from lfix.codemods.verify import RequestError

from . import commands, programs
from .choices import Options
from .report.style import style_for

if TYPE_CHECKING:
    from lfix.codemods.engine.trials import Trials
    from lfix.codemods.verify import Request

    from .choices import Shown, Trial


def verify_against(trial: Trial, known: Trials | None, shown: Shown) -> int:
    """Record old and new code; 0 where they train alike, 3 where not, 4 where nobody can say."""
    from lfix.codemods.engine.pins import pins
    from lfix.codemods.engine.write import previous
    from lfix.codemods.formats.run import run
    from lfix.codemods.verify.against import against

    from .report.comparison import against_lines, page

    prepared = commands.prepare(Options())
    if prepared is None:
        return commands.BROKEN
    release = trial.against
    try:
        request = replace(_one(trial, known), batches=programs.steps(trial, known))
        request.check()
        root = request.project_root()
        pin = next((p for p in pins(root) if p.written.startswith("==")), None)
        if release == "pinned":
            release = pin.written.removeprefix("==").strip() if pin is not None else ""
        if not release:
            commands.fail("no file pins one release of Lightning; name it: --against 1.5.10")
            return commands.BROKEN
        report = run([root], replace(prepared[1], unsafe=trial.unsafe), fix=True)
        new = {file.path: file.after for file in report.files if file.changed}
        old, when = previous(root)
        distribution = pin.distribution if pin is not None else "pytorch-lightning"
        found = against(request, release, distribution, old, new)
    except RequestError as error:
        commands.fail(str(error))
        return commands.BROKEN
    command = f"lfix verify --against {release} {_typed(request)}"
    kept = commands.keep(trial.html, lambda: page(found, command))
    if shown.report is not None:
        from .report.trained import against_markdown

        kept = commands.keep(shown.report, lambda: against_markdown(found, command)) and kept
    if shown.format == "json":
        from .report.jsonreport import against_document

        print(against_document(found, request.command()))
    elif shown.quiet:
        print(f"{found.status.value}: {found.reason}")
    else:
        print("\n".join(against_lines(found, style_for())))
        came = f"as it was before the run of {when}" if when else "as it is"
        fixed = f", with {len(report.fixed)} fixes that are not written" if new else ""
        print(f"lfix: the old code is the tree {came}; the new code is the tree{fixed}")
    return found.status.exit_code if kept else commands.BROKEN


def _one(trial: Trial, known: Trials | None) -> Request:
    found = programs.requests(trial, known)
    if len(found) > 1:
        raise RequestError("--against compares one script at a time: name it")
    if found[0].data.record:
        raise RequestError("--against and --record do not go together")
    return found[0]


def _typed(request: Request) -> str:
    rest = f" -- {shlex.join(request.args)}" if request.args else ""
    return request.program() + rest
