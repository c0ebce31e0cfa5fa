"""Where the strings of a JSON text stand, so that one can be rewritten and no other byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:]|[^\s\[\]{},:"]+')

#: Keys and indices from the top to a value.
Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Text:
    """A string value: the bytes of its token, quotes included, and where it starts."""

    path: Path
    start: int
    token: bytes

    @property
    def end(self) -> int:
        """The offset behind it."""
        return self.start + len(self.token)


@dataclass
class _Level:
    """An object or a list that is open: the key or index of what comes next."""

    key: str | int
    expects_key: bool


def texts(data: bytes) -> Iterator[Text]:
    """All strings of a valid JSON text that are values, with their paths, in order."""
    levels: list[_Level] = []
    # As latin-1 every byte is a character, so that positions are offsets.
    for match in _TOKEN.finditer(data.decode("latin-1")):
        part = match.group()
        inner = levels[-1] if levels else None
        if part == "[":
            levels.append(_Level(0, expects_key=False))
        elif part == "{":
            levels.append(_Level("", expects_key=True))
        elif part in "]}":
            levels.pop()
        elif part == "," and inner is not None:
            if isinstance(inner.key, int):
                inner.key += 1
            else:
                inner.expects_key = True
        elif part.startswith('"'):
            raw = part.encode("latin-1")
            if inner is not None and inner.expects_key:
                inner.key, inner.expects_key = json.loads(raw), False
            else:
                yield Text(tuple(level.key for level in levels), match.start(), raw)
