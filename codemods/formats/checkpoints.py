"""Checkpoints that command lines and config files name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..engine.source import byte_span
from ..model import Finding
from ..rules._checkpoint_files import ENDING, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.source import Source
    from .format import Context

#: A word of a file that holds a checkpoint, for a format to be asked.
WORD = ENDING.encode()
_PATH = re.compile(r"[^\s\"'`=:,;|&()\[\]{}<>]+\.ckpt(?![\w./-])")
_COMMENT = re.compile(r"(?:^|\s)#")
#: What runs the upgrade itself.
_UPGRADE = re.compile(r"upgrade_checkpoint|lfix checkpoint")


def named(context: Context, source: Source, text: str | None = None) -> Iterator[Finding]:
    """Findings at the checkpoints that a file names; ``text`` is what counts of its own text."""
    if WORD not in source.data:
        return
    from ..rules.outdated_checkpoint_file import find as rule

    text = source.text if text is None else text
    for match in _PATH.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if _COMMENT.search(line) or _UPGRADE.search(line):
            continue
        found = verdict(context.project, source.path, match[0], context.settings)
        if found is None:
            continue
        yield source.finding(
            rule,
            byte_span(text, *match.span()),
            found.message,
            reason=found.reason,
            severity=found.severity,
        )
