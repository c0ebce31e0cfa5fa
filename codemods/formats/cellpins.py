"""What the cells of a notebook run: ``!pip install``, ``%pip install``, ``!python train.py``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.source import Source
from ..engine.splice import choose
from .commands import spoken
from .installs import of_script
from .pins import judged
from .wanted import wanted

if TYPE_CHECKING:
    from ..model import Finding
    from .format import Context

_MARK = re.compile(r"[ \t]*(!|%(?=.*\binstall\b))")
_SHELL = re.compile(r"\s*%%(?:bash|sh)\b")


@dataclass(frozen=True)
class Judged:
    """The findings, at lines of the program of the cells, and the cells with the fixes taken."""

    fixed: tuple[Finding, ...]
    left: tuple[Finding, ...]
    after: Sequence[str]


def judged_cells(context: Context, source: Source, cells: Sequence[str], fix: bool) -> Judged:
    """What is to be said of the commands in cells, and done about them where ``fix`` says."""
    if not any(_may_hold(cell) for cell in cells):
        return Judged((), (), cells)
    # A blank in the place of each mark, and of each byte that is no such command: every line and
    # every byte of it is where it is in the program of the cells.
    plain = [_commands(cell) for cell in cells]
    script = Source.of(source.path, "".join(f"\n{text}\n" for text in plain).encode())
    findings = (*judged(context, script, of_script(script)), *spoken(context, script))
    found = wanted(context.settings, script, findings)
    chosen = choose(found, unsafe=context.settings.unsafe) if fix else []
    if not chosen:
        return Judged((), tuple(found), cells)
    raw = script.apply([edit for f in chosen if f.fix for edit in f.fix.edits])
    lines = raw.decode().split("\n")
    after = []
    at = 1
    for cell in cells:
        count = cell.count("\n") + 1
        after.append("\n".join(map(_again, cell.split("\n"), lines[at : at + count])))
        at += count + 1
    left = tuple(f for f in found if f not in chosen)
    return Judged(tuple(chosen), left, after)


def _may_hold(cell: str) -> bool:
    is_install = "install" in cell and "lightning" in cell
    return is_install or ("trainer." in cell and ("!" in cell or _SHELL.match(cell) is not None))


def _commands(cell: str) -> str:
    is_shell = _SHELL.match(cell) is not None
    return "\n".join(
        _command(line, is_shell and number > 0) for number, line in enumerate(cell.split("\n"))
    )


def _command(line: str, is_whole: bool) -> str:
    match = _MARK.match(line)
    if is_whole:
        return line
    return " " * match.end() + line[match.end() :] if match is not None else ""


def _again(old: str, new: str) -> str:
    """A line of a cell with what became of its command."""
    match = _MARK.match(old)
    return old[: match.end()] + new[match.end() :] if match is not None else new or old
