"""The files of a run, and which of them hold a word or name a class among their bases.

Questions that go over all files (who inherits from this class, who registers an accelerator) are
answered from the bytes first, so that only files with an answer in them are parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

_CLASS = re.compile(rb"\bclass\s+\w+\s*\(([^:]+)\)\s*:")
_WORD = re.compile(rb"\w+")
#: How many folders up a file is found from.
_LEVELS = 12
_ALIAS = re.compile(rb"\b(\w+)\s+as\s+(\w+)")


class Members:
    """The paths of a run, in order."""

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self.paths = tuple(paths)
        self._known = frozenset(self.paths)
        self._bases: dict[bytes, list[Path]] = {}
        self._holding: dict[bytes, dict[Path, list[Path]]] = {}

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def __len__(self) -> int:
        return len(self.paths)

    def note(self, path: Path, raw: bytes) -> None:
        """Take down which names a file's classes have in their bases."""
        names = {name for match in _CLASS.finditer(raw) for name in _WORD.findall(match.group(1))}
        names |= {name for name, alias in _ALIAS.findall(raw) if alias in names}
        for name in names:
            self._bases.setdefault(name, []).append(path)

    def naming_base(self, name: str) -> list[Path]:
        """The files with a class that has ``name`` somewhere in its bases."""
        return self._bases.get(name.encode(), [])

    def holding(self, word: bytes, read: Callable[[Path], bytes]) -> Mapping[Path, Sequence[Path]]:
        """For each folder the files below it whose bytes hold a word."""
        if word not in self._holding:
            below: dict[Path, list[Path]] = {}
            for path in self.paths:
                if word in read(path):
                    for folder in path.parents[:_LEVELS]:
                        below.setdefault(folder, []).append(path)
            self._holding[word] = below
        return self._holding[word]
