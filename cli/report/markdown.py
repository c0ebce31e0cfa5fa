"""A report as Markdown, for a pull request."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from lfix.codemods.model import Safety

from .text import count, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from lfix.codemods.model import Finding, Report

#: Kinds of files by the end of their name; what is none of these is called by its own name.
_KINDS = {
    ".py": "Python",
    ".ipynb": "notebooks",
    ".yaml": "YAML",
    ".yml": "YAML",
    ".json": "JSON",
    ".toml": "TOML",
    ".txt": "requirements",
    ".sh": "shell scripts",
    ".md": "documentation",
}
_NEXT = {
    Safety.SAFE: "`lfix apply` writes it",
    Safety.UNSAFE: "`lfix apply --unsafe-fixes` writes it, and it needs a look",
    Safety.MANUAL: "by hand",
}


def markdown(report: Report, why: str, *, written: bool) -> str:
    """What was found by kind of file and by rule, what was fixed, and what is left and why.

    ``why`` says which release the code is meant for, ``written`` whether the fixes are written.
    """
    verb = "fixed" if written else "would be fixed"
    looked = f"{count(report.looked_at, 'file')} looked at; {why}."
    parts = [
        "## lfix",
        f"{looked} {count(len(report.fixed), 'finding')} {verb}, {len(report.left)} left.",
        table(("files", verb, "left"), _by_kind(report)),
        table(("rule", "what it is", verb, "left"), _by_rule(report)),
        *_left(report.left),
        *_problems(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _by_kind(report: Report) -> list[tuple[str, ...]]:
    fixed = Counter(_kind(finding.path) for finding in report.fixed)
    left = Counter(_kind(finding.path) for finding in report.left)
    return [(kind, str(fixed[kind]), str(left[kind])) for kind in sorted(fixed | left)]


def _kind(path: Path) -> str:
    return _KINDS.get(path.suffix.lower(), path.name)


def _by_rule(report: Report) -> list[tuple[str, ...]]:
    from lfix.codemods.engine.rule import registry

    fixed = Counter((finding.code, finding.rule) for finding in report.fixed)
    left = Counter((finding.code, finding.rule) for finding in report.left)
    rows: list[tuple[str, ...]] = []
    for code, name in sorted(fixed | left):
        rule = registry().get(code)
        summary = rule.summary if rule is not None else ""
        counts = str(fixed[code, name]), str(left[code, name])
        rows.append((f"{code} {name}", cell(summary), *counts))
    return rows


def _left(findings: Sequence[Finding]) -> list[str]:
    if not findings:
        return []
    lines = []
    for finding in findings:
        place = f"`{shown(finding.path).as_posix()}:{finding.line}`"
        reason = f" ({finding.reason})" if finding.reason else ""
        lines.append(
            f"- {place} {finding.code}: {finding.message}{reason}. {_NEXT[finding.safety]}."
        )
    return ["### Left", "\n".join(lines)]


def _problems(report: Report) -> list[str]:
    if not report.all_problems:
        return []
    lines = [f"- `{shown(p.path).as_posix()}`: {p.message}" for p in report.all_problems]
    return ["### Not handled", "\n".join(lines)]


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table, nothing without rows; cells that are not known to be plain go through ``cell``."""
    body = ["| " + " | ".join(row) + " |" for row in rows]
    if not body:
        return ""
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *body])


def cell(text: str) -> str:
    """Text that may stand in a table: in one line, with its bars told apart from the table's."""
    return " ".join(text.split()).replace("|", "\\|")
