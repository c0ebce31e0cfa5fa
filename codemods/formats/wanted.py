"""Which findings in files that are not Python were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.comments import Comment, suppression

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.settings import Settings
    from ..engine.source import Source
    from ..model import Finding


def wanted(settings: Settings, source: Source, found: Iterable[Finding]) -> list[Finding]:
    """The findings that were asked for and that no ``lfix: ignore`` on their line silences."""
    lines = source.text.splitlines()
    kept = []
    for finding in sorted(found, key=lambda f: (f.span, f.code)):
        line = lines[finding.line - 1] if finding.line <= len(lines) else ""
        silenced = suppression(Comment(line, finding.line, 0), bare=True)
        covers = silenced is not None and silenced.covers(finding.code, finding.rule)
        if not covers and settings.wants(finding.code, finding.rule, finding.path):
            kept.append(finding)
    return kept
