"""Whole reports as one JSON document each; ``docs/report.schema.json`` describes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lfix.codemods.model import Finding, Problem, Report
    from lfix.codemods.verify import Outcome
    from lfix.codemods.verify.against import Against
    from lfix.codemods.verify.giveback import Verdict

#: Grows when a field changes its meaning or goes.
VERSION = 1


def document(report: Report, command: str, extra: Mapping[str, Any] | None = None) -> str:
    """``{"version", "command", "looked_at", "fixed", "left", "problems", "changed", …}``.

    Spans are bytes.
    """
    content = {
        "version": VERSION,
        "command": command,
        "looked_at": report.looked_at,
        "changed": [str(shown(f.path)) for f in report.files if f.changed],
        "fixed": [_finding(f) for f in report.fixed],
        "left": [_finding(f) for f in report.left],
        "problems": [_problem(p) for p in report.all_problems],
        **(extra or {}),
    }
    return json.dumps(content, indent=2)


def runs_document(runs: Sequence[tuple[str, Outcome]]) -> str:
    """``{"version", "command", "status", "exit_code", "runs"}``: each program and its outcome."""
    from lfix.codemods.verify.outcome import worst_of

    status = worst_of([outcome for _, outcome in runs])
    content = {
        "version": VERSION,
        "command": "verify",
        "status": status.value,
        "exit_code": status.exit_code,
        "runs": [{"program": program, **outcome.to_json()} for program, outcome in runs],
    }
    return json.dumps(content, indent=2)


def against_document(found: Against, program: str) -> str:
    """``{"version", "command", "program", "status", "old", "new", "comparison", …}``."""
    head = {"version": VERSION, "command": "verify --against", "program": program}
    return json.dumps({**head, **found.to_json()}, indent=2)


def verdict_fields(programs: Sequence[str], verdict: Verdict) -> dict[str, Any]:
    """What ``apply --verify`` adds: the runs of each program, and the fixes given back."""
    both = zip(programs, verdict.before, verdict.tried, verdict.after, strict=True)
    return {
        "runs": [
            {
                "program": program,
                "before": before.to_json(),
                "after": tried.to_json(),
                "kept": after.to_json() if verdict.report is not None else None,
            }
            for program, before, tried, after in both
        ],
        "given_back": [_finding(back.finding) for back in verdict.given_back],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    fix = finding.fix
    return {
        "code": finding.code,
        "rule": finding.rule,
        "path": str(shown(finding.path)),
        "line": finding.line,
        "column": finding.column,
        "span": [finding.span.start, finding.span.end],
        "severity": finding.severity.value,
        "message": finding.message,
        "safety": finding.safety.value,
        "reason": finding.reason,
        "fix": None
        if fix is None
        else {
            "title": fix.title,
            "edits": [{"span": [e.span.start, e.span.end], "text": e.text} for e in fix.edits],
            "imports": [{"module": n.module, "name": n.name} for n in fix.needs],
        },
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "path": str(shown(problem.path)),
        "line": problem.line,
        "message": problem.message,
        "kind": problem.kind.value,
        "rule": problem.rule,
    }
