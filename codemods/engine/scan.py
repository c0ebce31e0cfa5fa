"""One look at one file: every wanted rule, suppressions, and what keeps a file from being read."""

from __future__ import annotations

import symtable
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..model import Finding, Problem, Severity, Span
from .admit import admitted
from .comments import Suppression, skips_file, suppressions
from .guards import for_other_releases
from .rule import Rule, registry, vocabulary
from .settings import UNUSED_SUPPRESSION, Settings
from .source import Source, UnreadableSourceError
from .splice import bug, with_honest_safety
from .tree import UnparsableError

if TYPE_CHECKING:
    from .project import Project


@dataclass(frozen=True)
class Scanned:
    """What one look at one file gave."""

    path: Path
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    digest: str = ""


def scan(project: Project, path: Path, settings: Settings) -> Scanned:
    """All wanted findings of one file, suppressed ones left out."""
    try:
        source = project.source(path)
    except UnreadableSourceError as error:
        return Scanned(path, (), (Problem(path, str(error)),))
    held = vocabulary().held(source.data)
    rules = [
        rule
        for rule in registry().values()
        if rule.may_hold(held) and settings.wants(rule.code, rule.name, path)
    ]
    silenced = suppressions(source)
    try:
        if skips_file(source):
            return Scanned(path)
        if not rules and not silenced:
            return _parsed_only(path, source)
        if project.file(path) is None:
            project.add(source)
    except UnparsableError as error:
        return Scanned(path, (), (Problem(path, str(error), error.line),))
    return _with_rules(project, path, settings, rules, silenced)


def _parsed_only(path: Path, source: Source) -> Scanned:
    problem = broken(path, source.raw)
    return Scanned(path, (), (problem,) if problem else ())


def _with_rules(
    project: Project,
    path: Path,
    settings: Settings,
    rules: list[Rule],
    silenced: tuple[Suppression, ...],
) -> Scanned:
    file = project.file(path)
    assert file is not None
    findings: list[Finding] = []
    problems: list[Problem] = []
    for rule in rules:
        try:
            findings += [
                admitted(file, with_honest_safety(file.source, f), settings)
                for f in rule.find(rule, file, settings)
            ]
        except Exception as error:  # noqa: BLE001  one rule's bug must not stop the others
            problems.append(bug(path, rule.name, error))
    if findings:
        others = for_other_releases(file, settings.target)
        findings = [f for f in findings if not any(f.span.overlaps(other) for other in others)]
    findings.sort(key=lambda f: (f.span, f.code))
    kept, used = _unsuppressed(file.source, findings, silenced)
    if settings.wants(*UNUSED_SUPPRESSION, path):
        kept += [
            _unused(file.source, s)
            for s in silenced
            if s not in used and _judged(s, path, settings)
        ]
    return Scanned(path, tuple(kept), tuple(problems), file.source.digest)


def _judged(suppression: Suppression, path: Path, settings: Settings) -> bool:
    """Whether every rule that a suppression could silence was asked for."""
    return all(
        settings.wants(rule.code, rule.name, path)
        for rule in registry().values()
        if suppression.covers(rule.code, rule.name)
    )


def _unsuppressed(
    source: Source, findings: list[Finding], silenced: tuple[Suppression, ...]
) -> tuple[list[Finding], set[Suppression]]:
    if not silenced:
        return findings, set()
    kept = []
    used: set[Suppression] = set()
    for finding in findings:
        last = source.line_of(max(finding.span.start, finding.span.end - 1))
        covering = [
            s
            for s in silenced
            if s.comment.line in (finding.line, last) and s.covers(finding.code, finding.rule)
        ]
        used.update(covering)
        if not covering:
            kept.append(finding)
    return kept, used


def _unused(source: Source, suppression: Suppression) -> Finding:
    comment = suppression.comment
    span = Span(comment.start, comment.start + len(comment.text.encode()))
    return source.finding(
        UNUSED_SUPPRESSION,
        span,
        f"{comment.text.strip()!r} silences nothing here; remove it",
        severity=Severity.WARNING,
    )


def broken(path: Path, raw: bytes) -> Problem | None:
    """A problem where a file without triggers does not parse.

    ``symtable`` parses without building Python objects, seven times faster than ``ast``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            symtable.symtable(raw, str(path), "exec")  # type: ignore[arg-type]
    except SyntaxError as error:
        return _syntax_problem(path, raw, error.lineno, error.msg)
    except (ValueError, RecursionError, MemoryError, UnicodeError) as error:
        return _syntax_problem(path, raw, None, str(error))
    return None


def _syntax_problem(path: Path, raw: bytes, line: int | None, message: str) -> Problem:
    try:
        Source.of(path, raw)
    except UnreadableSourceError as error:
        return Problem(path, str(error))
    return Problem(path, f"does not parse: {message}", line)
