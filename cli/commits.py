"""``lfix apply --commit``: one git commit for each family of rules."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from lfix.codemods.engine import worktree
from lfix.codemods.formats.run import run

from . import commands
from .report import text
from .report.style import style_for

if TYPE_CHECKING:
    from pathlib import Path

    from lfix.codemods.engine.settings import Settings
    from lfix.codemods.model import Finding, Report

    from .choices import Options

#: The families by the beginning of their codes, with what their commits are called.
_FAMILIES = {
    "LF1": "Data goes to the Trainer as loaders",
    "LF2": "Hooks as Lightning calls them",
    "LF3": "Trainer arguments of Lightning 2",
    "LF4": "Optimization as Lightning 2 does it",
    "LF5": "Names where Lightning has them",
    "LF6": "Attributes and methods of Lightning 2",
    "LF7": "Arguments of callbacks and loggers",
    "LF8": "Checkpoints, environment and command line",
    "LF9": "Behaviour that changed between releases",
}


def apply_in_commits(options: Options, paths: list[Path], settings: Settings) -> int:
    """Fix, write and commit family by family; 0 nothing is left, 1 something, 2 it went wrong."""
    problem = worktree.refusal(paths)
    if problem is not None:
        commands.fail(problem)
        return commands.BROKEN
    style = style_for(sys.stderr)
    fixed = 0
    # The last one takes what only came up when all others were done.
    for family in (*_FAMILIES, ""):
        others = frozenset(_FAMILIES) - {family} if family else frozenset()
        part = replace(settings, ignore=settings.ignore | others)
        report = run(paths, part, fix=True)
        if not report.fixed:
            continue
        written, report = commands.write_report(report, allow_dirty=False)
        if not written:
            continue
        title = _FAMILIES.get(family, "What the other repairs made room for")
        failed = worktree.commit(written, _message(title, report.fixed))
        if failed is not None:
            commands.fail(
                f"the files of {title!r} are written, and git refuses to commit: {failed}"
            )
            return commands.BROKEN
        fixed += len(report.fixed)
        print(
            f"{style('committed', 'green')} {title}: {text.count(len(written), 'file')}",
            file=sys.stderr,
        )
    left = run(paths, settings)
    return _told(left, options, fixed)


def _message(title: str, fixed: tuple[Finding, ...]) -> str:
    """The title, and each rule with how often it was at work."""
    from lfix.codemods.engine.rule import registry

    counts = Counter((finding.code, finding.rule) for finding in fixed)
    lines = []
    for (code, name), number in sorted(counts.items()):
        rule = registry().get(code)
        times = "" if number == 1 else f" ({number} times)"
        lines.append(f"{code} {name}{times}: {rule.summary if rule is not None else ''}".rstrip())
    return title + "\n\n" + "\n".join(lines) + "\n"


def _told(report: Report, options: Options, fixed: int) -> int:
    style = style_for()
    for finding in report.left:
        print("\n".join(text.finding_lines(finding, style, verbose=options.verbose)))
    commands.print_problems(report)
    if not options.quiet:
        left = text.count(len(report.left), "finding")
        print(f"lfix: fixed {text.count(fixed, 'finding')}, {left} left", file=sys.stderr)
    if report.all_problems:
        return commands.BROKEN
    return commands.LEFT if report.left else commands.DONE
