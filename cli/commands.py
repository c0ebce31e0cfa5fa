"""What each command does with its choices: call the engine, print, answer with an exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.engine import settings as settings_

from .choices import Options, Shown, Trial
from .progress import Progress
from .report import text
from .report.style import Style, style_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from lfix.codemods.engine.looker import Seen
    from lfix.codemods.engine.settings import Settings
    from lfix.codemods.engine.walk import Walk
    from lfix.codemods.model import Report

DONE, LEFT, BROKEN, FAILED, UNVERIFIABLE = range(5)

#: The engine's own finding, which no rule module documents.
_UNUSED_SUPPRESSION = """A suppression comment silences nothing.

What it does
    Tells of `# lfix: ignore` and `# lfix: ignore[CODE]` on lines where the rules that they name
    find nothing.

Why
    Such a comment outlives the fault that it was for, and would hide the next one on its line.

Fix safety
    Told, never fixed: remove the comment. Comments for rules that are switched off are not judged.
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What is told of a report beside its findings.

    ``why`` is the reason for the target, ``extra`` are fields of the JSON document, ``markdown``
    stands at the end of a report in a file.
    """

    why: str = ""
    extra: Mapping[str, Any] | None = None
    markdown: str = ""


def check(options: Options) -> int:
    """Print the findings; 0 none, 1 some, 2 something could not be looked at."""
    prepared = prepare(options)
    if prepared is None:
        return BROKEN
    paths, settings = prepared
    _talk(settings.why, quiet=options.quiet)
    from lfix.codemods.engine.cache import cached_run
    from lfix.codemods.formats.files import walk_of

    with Progress(quiet=options.quiet) as progress:
        report = cached_run(paths, walk_of(paths, settings), settings, _looking(progress))
    if not _keep(report, options, Told(why=settings.why), written=False):
        return BROKEN
    style = style_for()
    if options.format == "json":
        from .report.jsonreport import document

        print(document(report, "check"))
    else:
        _print_findings(report, style, verbose=options.verbose)
        _talk(text.check_summary(report), quiet=options.quiet)
    return _code(report)


def _looking(
    progress: Progress,
) -> Callable[[Walk, list[Path], Settings, Seen], Report]:
    """A check that shows its progress; nothing is loaded for it before it is asked for."""

    def look(walk: Walk, files: list[Path], settings: Settings, seen: Seen) -> Report:
        from lfix.codemods.formats.run import look as look_

        return look_(walk, files, settings, seen, progress)

    return look


def apply(
    options: Options, *, dry_run: bool, unsafe: bool, allow_dirty: bool, trial: Trial | None
) -> int:
    """Fix and write, or show the diff."""
    prepared = prepare(options)
    if prepared is None:
        return BROKEN
    paths, settings = prepared
    settings = replace(settings, unsafe=unsafe, docs=options.docs)
    _talk(settings.why, quiet=options.quiet)
    if options.commit:
        from .commits import apply_in_commits

        return apply_in_commits(options, paths, settings)
    from lfix.codemods.formats.run import run

    with Progress(quiet=options.quiet) as progress:
        report = run(paths, settings, fix=True, progress=progress)
    if trial is not None:
        from .applied import apply_verified

        return apply_verified(
            options, paths, settings, report, trial, dry_run=dry_run, allow_dirty=allow_dirty
        )
    if dry_run:
        return show(report, options, Told(why=settings.why))
    return write_and_tell(report, options, Told(why=settings.why), allow_dirty=allow_dirty)


def show(report: Report, options: Options, told: Told) -> int:
    """Print what would be written."""
    if not _keep(report, options, told, written=False):
        return BROKEN
    if options.format == "json":
        from .report.jsonreport import document

        print(document(report, "apply", told.extra))
    else:
        print_diff(report)
        style = style_for()
        for finding in report.left:
            print("\n".join(text.finding_lines(finding, style, verbose=options.verbose)))
        print_problems(report)
        _talk(text.apply_summary(report, written=0, dry_run=True), quiet=options.quiet)
    if report.all_problems:
        return BROKEN
    return LEFT if report.fixed or report.left else DONE


def write_and_tell(report: Report, options: Options, told: Told, *, allow_dirty: bool) -> int:
    """Write what changed, and print what was fixed and what is left."""
    written, report = write_report(report, allow_dirty=allow_dirty)
    kept = _keep(report, options, told, written=True)
    if options.format == "json":
        from .report.jsonreport import document

        names = [str(text.shown(p)) for p in written]
        print(document(report, "apply", {"written": names, **(told.extra or {})}))
    else:
        style = style_for()
        for file in report.files:
            for finding in file.fixed:
                print(f"{style('fixed', 'green')} " + text.finding_lines(finding, style)[0])
        _print_findings(report, style, verbose=options.verbose)
        summary = text.apply_summary(report, written=len(written), dry_run=False)
        _talk(summary, quiet=options.quiet)
    return _code(report) if kept else BROKEN


def _keep(report: Report, options: Options, told: Told, *, written: bool) -> bool:
    def text_() -> str:
        from .report.markdown import markdown

        return markdown(report, told.why, written=written) + told.markdown

    return keep(options.report, text_)


def keep(path: Path | None, made: Callable[[], str]) -> bool:
    """Write the file that was asked for; False, and it is said, where that is impossible."""
    if path is None:
        return True
    try:
        path.write_text(made(), encoding="utf-8")
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror or error}")
        return False
    return True


def write_report(report: Report, *, allow_dirty: bool) -> tuple[tuple[Path, ...], Report]:
    """Write what changed; gives the paths written and the report of what really happened."""
    from lfix.codemods.engine.worktree import uncommitted
    from lfix.codemods.engine.write import write
    from lfix.codemods.model import Problem

    changed = [f for f in report.files if f.changed]
    dirty = {} if allow_dirty else uncommitted(f.path for f in changed)
    written = write(f for f in changed if f.path not in dirty)
    refused = [
        Problem(
            path,
            f"{why} and was not written; commit them, or pass --allow-dirty",
        )
        for path, why in sorted(dirty.items())
    ]
    kept = set(written.paths)
    files = tuple(
        f
        if f.path in kept or not f.changed
        else replace(f, after=f.before, fixed=(), left=(*f.fixed, *f.left))
        for f in report.files
    )
    problems = (*report.problems, *refused, *written.problems)
    return written.paths, replace(report, files=files, problems=problems)


def print_diff(report: Report) -> None:
    """The diff of all changed files, to stdout."""
    from .report.diff import unified

    style = style_for()
    for file in report.files:
        sys.stdout.write(unified(file, text.shown(file.path), style))


def print_problems(report: Report) -> None:
    """What could not be handled, to stderr."""
    style = style_for(sys.stderr)
    for problem in report.all_problems:
        print(text.problem_line(problem, style), file=sys.stderr)


def _print_findings(report: Report, style: Style, *, verbose: bool) -> None:
    for finding in report.left:
        print("\n".join(text.finding_lines(finding, style, verbose=verbose)))
    print_problems(report)


def _code(report: Report) -> int:
    if report.all_problems:
        return BROKEN
    return LEFT if report.left else DONE


def _talk(sentence: str, *, quiet: bool) -> None:
    if not quiet:
        print(f"lfix: {sentence}", file=sys.stderr)


def prepare(options: Options) -> tuple[list[Path], Settings] | None:
    """The paths and settings of a call; None, and it is said, where they are wrong."""
    paths = options.paths or [Path()]
    try:
        found = settings_.find_pyproject(Path(os.path.realpath(paths[0])))
        settings = settings_.load(found) if found else settings_.Settings(root=Path.cwd())
        select, ignore = _split(options.select), _split(options.ignore)
        settings_.check_codes("--select", select)
        settings_.check_codes("--ignore", ignore)
        settings = _aimed(settings, options, paths)
    except settings_.SettingsError as error:
        fail(str(error))
        return None
    return paths, replace(
        settings,
        select=frozenset(select) or settings.select,
        ignore=settings.ignore | frozenset(ignore),
        jobs=options.jobs or 0,
    )


def _aimed(settings: Settings, options: Options, paths: list[Path]) -> Settings:
    """The settings with the releases and the distribution that the call asks for."""
    if options.compat:
        compat = settings_.compat_of("--compat", _split([options.compat]))
        settings = replace(settings, compat=compat)
    if options.namespace:
        namespace = settings_.namespace_of("--namespace", options.namespace)
        settings = replace(settings, namespace=namespace)
    if options.cli:
        settings = replace(settings, cli=settings_.cli_of("--cli", options.cli))
    if options.to:
        release = settings_.target_of("--to", options.to)
        return replace(settings, target=release, why=f"target {release}: --to says so")
    if settings.why:
        return settings
    from lfix.codemods.engine.target import of_project

    target = of_project(paths)
    return replace(settings, target=target.release, why=target.reason)


def _split(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def fail(message: str) -> None:
    """Say what was wrong with the call."""
    print(f"lfix: error: {message}", file=sys.stderr)


def verify(trial: Trial, shown: Shown) -> int:
    """Train one step of each program and print the outcomes."""
    from .trial import verify as verify_

    return verify_(trial, shown)


def undo(folder: Path, *, quiet: bool) -> int:
    """Restore what the last apply wrote."""
    from lfix.codemods.engine.write import NothingToUndoError
    from lfix.codemods.engine.write import undo as undo_

    try:
        done = undo_(folder)
    except NothingToUndoError as error:
        fail(str(error))
        return BROKEN
    for path in done.restored:
        print(f"restored {text.shown(path)}")
    style = style_for(sys.stderr)
    for problem in done.problems:
        print(text.problem_line(problem, style), file=sys.stderr)
    _talk(
        f"took back the run of {done.when}: {text.count(len(done.restored), 'file')} restored",
        quiet=quiet,
    )
    return BROKEN if done.problems else DONE


def rules(format_: str) -> int:
    """List the rules."""
    from lfix.codemods.engine.rule import registry

    listed = [(*settings_.UNUSED_SUPPRESSION, _UNUSED_SUPPRESSION.partition("\n")[0])]
    listed += [(r.code, r.name, r.summary) for r in registry().values()]
    if format_ == "json":
        import json

        print(
            json.dumps(
                [dict(zip(("code", "name", "summary"), row, strict=True)) for row in listed],
                indent=2,
            )
        )
        return DONE
    width = max((len(name) for _, name, _ in listed), default=0)
    for code, name, summary in listed:
        print(f"{code}  {name:<{width}}  {summary}")
    return DONE


def explain(code: str) -> int:
    """Print one rule's documentation."""
    from lfix.codemods.engine.rule import registry

    known = [(r.code, r.name, r.documentation) for r in registry().values()]
    for own, name, documentation in [(*settings_.UNUSED_SUPPRESSION, _UNUSED_SUPPRESSION), *known]:
        if code.lower() in (own.lower(), name):
            print(f"{name} ({own})\n\n{documentation}")
            return DONE
    fail(f"no rule has the code or name {code!r}; `lfix rules` lists them")
    return BROKEN
