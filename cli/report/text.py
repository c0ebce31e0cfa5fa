"""Findings as lines for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.model import ProblemKind, Safety, Severity

if TYPE_CHECKING:
    from lfix.codemods.model import Finding, Problem, Report

    from .style import Style


def shown(path: Path) -> Path:
    """A path as the user would type it: relative to the current folder where it lies below."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def finding_lines(finding: Finding, style: Style, *, verbose: bool = False) -> list[str]:
    """A finding with its place, and the reason where it is not fixed safely."""
    place = f"{shown(finding.path)}:{finding.line}:{finding.column}"
    colour = "red" if finding.severity is Severity.ERROR else "yellow"
    lines = [f"{style(place, 'bold')} {style(finding.code, colour)} {finding.message}"]
    if finding.fix is not None:
        label = "fix" if finding.fix.safety is Safety.SAFE else "unsafe fix"
        lines.append(f"    {style(label, 'cyan')}: {finding.fix.title}")
    if finding.reason and (verbose or finding.safety is not Safety.SAFE):
        lines.append(f"    {style('why', 'cyan')}: {finding.reason}")
    return lines


def problem_line(problem: Problem, style: Style) -> str:
    """A problem with its place; ours are called ours."""
    place = str(shown(problem.path)) + (f":{problem.line}" if problem.line else "")
    kind = "lfix bug" if problem.kind is ProblemKind.BUG else "error"
    return f"{style(place, 'bold')}: {style(kind, 'red')}: {problem.message}"


def count(number: int, noun: str) -> str:
    """``1 file``, ``2 files``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _looked(report: Report) -> str:
    problems = len(report.all_problems)
    told = f" ({count(problems, 'problem')})" if problems else ""
    return f"looked at {count(report.looked_at, 'file')}{told}"


def check_summary(report: Report) -> str:
    """One sentence on what a check found."""
    findings = report.left
    looked = _looked(report)
    if not findings:
        return f"{looked}, found nothing to do"
    safe = sum(f.safety is Safety.SAFE for f in findings)
    unsafe = sum(f.safety is Safety.UNSAFE for f in findings)
    files = len({f.path for f in findings})
    parts = [f"{safe} fixable with `lfix apply`"] if safe else []
    parts += [f"{unsafe} more with --unsafe-fixes"] if unsafe else []
    told = len(findings) - safe - unsafe
    parts += [f"{told} to be done by hand"] if told else []
    return (
        f"{looked}, {count(len(findings), 'finding')} in {count(files, 'file')}: {', '.join(parts)}"
    )


def apply_summary(report: Report, *, written: int, dry_run: bool) -> str:
    """One sentence on what apply did."""
    looked = _looked(report)
    fixed, left = len(report.fixed), len(report.left)
    if not fixed and not left:
        return f"{looked}, found nothing to do"
    verb = "would fix" if dry_run else "fixed"
    changed = sum(f.changed for f in report.files) if dry_run else written
    sentence = f"{looked}, {verb} {count(fixed, 'finding')} in {count(changed, 'file')}"
    if left:
        unsafe = sum(f.safety is Safety.UNSAFE for f in report.left)
        hint = f" ({unsafe} with --unsafe-fixes)" if unsafe else ""
        sentence += f", {count(left, 'finding')} left{hint}"
    if written and not dry_run:
        sentence += "; undo with `lfix undo`"
    return sentence
