"""The part of Markdown that golden files use: headings of two levels and fenced blocks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<info>[^`]*)$")


class GoldenError(ValueError):
    """A golden file that does not follow the format; the message starts with ``file:line``."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a golden file, to complain about."""

    path: Path
    line: int

    def error(self, message: str) -> GoldenError:
        """The error to raise for what is wrong here."""
        return GoldenError(f"{self.path}:{self.line}: {message}")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the words behind the fence, its text, the place of its opening fence."""

    words: tuple[str, ...]
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with the blocks below it; ``prose`` says whether there is other text as well."""

    level: int
    heading: str
    place: Place
    blocks: tuple[Block, ...]
    prose: bool


def sections(text: str, path: Path) -> list[Section]:
    """Cut ``text`` at its ``#`` and ``##`` headings; raises GoldenError, also if there are none."""
    found: list[Section] = []
    for place, item in _items(text, path):
        if isinstance(item, Block):
            if not found:
                raise place.error("a block before the first heading")
            found[-1] = _extend(found[-1], item)
            continue
        level = 1 if item.startswith("# ") else 2 if item.startswith("## ") else 0
        if level:
            found.append(Section(level, item[level:].strip(), place, (), prose=False))
        elif found:
            found[-1] = _extend(found[-1], None)
    if not found:
        raise Place(path, 1).error("the file has no heading; start it with `# rule-name`")
    return found


def _extend(section: Section, block: Block | None) -> Section:
    blocks = section.blocks if block is None else (*section.blocks, block)
    prose = section.prose or block is None
    return Section(section.level, section.heading, section.place, blocks, prose)


def _items(text: str, path: Path) -> Iterator[tuple[Place, str | Block]]:
    """Places with either a block or a line of text that is not blank."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        number += 1
        place = Place(path, number)
        match = _FENCE.match(line)
        if not match:
            if line.strip():
                yield place, line
            continue
        body: list[str] = []
        while number < len(lines) and lines[number].rstrip() != match["fence"]:
            body.append(lines[number] + "\n")
            number += 1
        if number == len(lines):
            raise place.error(f"the block is not closed by {match['fence']}")
        number += 1
        yield place, Block(_words(match["info"], place), "".join(body), place)


def _words(info: str, place: Place) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(info))
    except ValueError as error:
        raise place.error(f"the words behind the fence: {error}") from None
