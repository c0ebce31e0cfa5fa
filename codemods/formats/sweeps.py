"""The command by which a sweep of Weights & Biases starts a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .nodes import Kind
from .shell import Word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.source import Source
    from ..model import Finding
    from .format import Context
    from .nodes import Node

_COMMAND, _PROGRAM = "command", "program"
_BY_HAND = "each word of the command is an item of its own: change them there by hand"


def commanded(context: Context, source: Source, root: Node) -> Iterator[Finding]:
    """Findings at arguments of the Trainer in the command of a sweep, without their fixes."""
    from .commands import script_of, uses_lightning_cli, without_fix
    from .flags import findings, flags

    command, program = root.get(_COMMAND), root.get(_PROGRAM)
    if command is None or program is None or command.kind is not Kind.SEQUENCE:
        return
    script = script_of(context, source.path, program.text)
    if script is None or not uses_lightning_cli(script):
        return
    text = source.text
    items = [item for item in command.items if item.kind is Kind.SCALAR]
    words = [Word(text[i.start : i.end], i.text, i.start, i.style == "") for i in items]
    found = flags(words, is_hydra=False)
    if found:
        for finding in findings(context, source, text, found, "", is_hydra=False):
            yield without_fix(finding, _BY_HAND)
