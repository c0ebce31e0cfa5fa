"""The whole report as one JSON document."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lfix.codemods.model import Finding, Problem, Report

#: Grows when a field changes its meaning or goes.
VERSION = 1


def document(report: Report, extra: Mapping[str, Any] | None = None) -> str:
    """``{"version", "looked_at", "fixed", "left", "problems", "changed", …}``; spans are bytes."""
    content = {
        "version": VERSION,
        "looked_at": report.looked_at,
        "changed": [str(shown(f.path)) for f in report.files if f.changed],
        "fixed": [_finding(f) for f in report.fixed],
        "left": [_finding(f) for f in report.left],
        "problems": [_problem(p) for p in report.all_problems],
        **(extra or {}),
    }
    return json.dumps(content, indent=2)


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
