"""The code in documents: where each block begins and ends, and in which language it is.

Fenced blocks of Markdown, and the directives of reStructuredText.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine.source import Source

_OPENING = re.compile(rb"(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\r\n]*)")
_DIRECTIVE = re.compile(
    rb"(?P<indent>[ \t]*)\.\. (?:code|code-block|sourcecode)::[ \t]*(?P<info>[^\r\n]*)"
)
_OPTION = re.compile(rb"[ \t]*:[\w-]+:")
_LANGUAGE = re.compile(r"[{.\s]*([\w+-]*)")
_PYTHON = frozenset({"python", "py", "python3", "ipython", "ipython3"})
_SHELL = frozenset({"", "bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})


@dataclass(frozen=True)
class Line:
    """A line of a block: what it says without the indent of its fence, and its bytes.

    ``end`` is behind its line end.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the indent of its fence, and the lines in it.

    ``start`` is the byte behind the opening fence.
    """

    language: str
    indent: str
    start: int
    lines: tuple[Line, ...]

    @property
    def is_python(self) -> bool:
        """Whether it is marked as Python."""
        return self.language in _PYTHON

    @property
    def is_shell(self) -> bool:
        """Whether it is a shell's, or not marked."""
        return self.language in _SHELL

    @property
    def text(self) -> str:
        """What it says."""
        return "\n".join(line.text for line in self.lines)

    @property
    def is_ended(self) -> bool:
        """Whether its last line has an end; that of a document may have none."""
        last = self.lines[-1] if self.lines else None
        return last is None or last.end > last.start + len(last.text.encode())

    @property
    def end(self) -> int:
        """The byte behind its last line."""
        return self.lines[-1].end if self.lines else self.start


def blocks(source: Source) -> Iterator[Block]:
    """The blocks of code in a document, told by its name."""
    return (directives if source.path.suffix.lower() == ".rst" else fences)(source.data)


def fences(data: bytes) -> Iterator[Block]:
    """The fenced blocks of a document in UTF-8; one that is not closed is none."""
    opened: re.Match[bytes] | None = None
    start = at = 0
    lines: list[Line] = []
    for raw in data.splitlines(keepends=True):
        begin, at = at, at + len(raw)
        if opened is None:
            opened = _OPENING.match(raw)
            if opened is not None and b"`" in opened["info"] and opened["fence"][:1] == b"`":
                # Code in a line of text, between three marks.
                opened = None
            start, lines = at, []
        elif _closes(raw, opened["fence"]):
            yield _block(opened, start, lines)
            opened = None
        else:
            lines.append(_line(raw, opened["indent"], begin))


def directives(data: bytes) -> Iterator[Block]:
    """The blocks of code in reStructuredText: what is indented below a directive."""
    opened: re.Match[bytes] | None = None
    start = at = 0
    lines: list[tuple[bytes, int]] = []
    for raw in [*data.splitlines(keepends=True), b"."]:
        begin, at = at, at + len(raw)
        depth = len(raw) - len(raw.lstrip())
        if opened is not None and raw.strip() and depth <= len(opened["indent"]):
            yield from _indented(opened, start, lines)
            opened = None
        if opened is None:
            opened = _DIRECTIVE.match(raw)
            start, lines = at, []
        elif not lines and (not raw.strip() or _OPTION.match(raw)):
            start = at
        else:
            lines.append((raw, begin))


def _indented(
    opened: re.Match[bytes], start: int, lines: list[tuple[bytes, int]]
) -> Iterator[Block]:
    while lines and not lines[-1][0].strip():
        lines.pop()
    if not lines:
        return
    first = lines[0][0]
    indent = first[: len(first) - len(first.lstrip())]
    if all(raw.startswith(indent) or not raw.strip() for raw, _ in lines):
        held = tuple(_line(raw, indent, begin) for raw, begin in lines)
        yield Block(_language(opened), indent.decode(), start, held)


def _closes(raw: bytes, fence: bytes) -> bool:
    said = raw.strip()
    return len(said) >= len(fence) and said == fence[:1] * len(said)


def _line(raw: bytes, indent: bytes, begin: int) -> Line:
    said = raw.rstrip(b"\r\n")
    start = begin + (len(indent) if said.startswith(indent) else 0)
    return Line(said[start - begin :].decode(), start, begin + len(raw))


def _block(opened: re.Match[bytes], start: int, lines: list[Line]) -> Block:
    return Block(_language(opened), opened["indent"].decode(), start, tuple(lines))


def _language(opened: re.Match[bytes]) -> str:
    found = _LANGUAGE.match(opened["info"].decode())
    return found[1].lower() if found is not None else ""
