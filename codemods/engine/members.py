"""The files of a run, and which of them hold a word or name a class among their bases.

Questions that go over all files (who inherits from this class, who registers an accelerator) are
answered from the bytes first, so that only files with an answer in them are parsed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .links import Links
from .namespaces import Namespaces
from .texts import Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

#: Without ``\b`` in front, the search jumps from one literal to the next.
_CLASS = re.compile(rb"class\s+\w+\s*\(([^:]+)\)\s*:")
_ALIAS = re.compile(rb"as\s+(\w+)")
_LAST = re.compile(rb"(\w+)\s+$")
_WORD = re.compile(rb"\w+")
#: How many folders up a file is found from.
_LEVELS = 12
#: Bytes in front of an alias that are searched for what it stands for.
_BEFORE = 200


class Members:
    """The paths of a run, in order."""

    def __init__(
        self, paths: Sequence[Path] = (), bases: Mapping[bytes, list[Path]] | None = None
    ) -> None:
        self.paths = tuple(paths)
        self.links = Links()
        self.namespaces = Namespaces()
        self.texts = Texts()
        self._known = frozenset(self.paths)
        self._bases = dict(bases or {})
        self._holding: dict[bytes, dict[str, list[Path]]] = {}

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __contains__(self, path: object) -> bool:
        return path in self._known

    def __len__(self) -> int:
        return len(self.paths)

    def note(self, path: Path, raw: bytes) -> None:
        """Take down which names a file's classes have in their bases."""
        for name in bases_in(raw):
            self._bases.setdefault(name, []).append(path)

    def naming_base(self, name: str) -> list[Path]:
        """The files with a class that has ``name`` somewhere in its bases."""
        return self._bases.get(name.encode(), [])

    def holding(self, word: bytes, read: Callable[[Path], bytes]) -> Mapping[str, Sequence[Path]]:
        """For each folder the files below it whose bytes hold a word."""
        if word not in self._holding:
            self._holding[word] = by_folder(path for path in self.paths if word in read(path))
        return self._holding[word]


def by_folder(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """For each folder the paths below it, in order."""
    below: dict[str, list[Path]] = {}
    for path in paths:
        for folder in path.parents[:_LEVELS]:
            below.setdefault(str(folder), []).append(path)
    return below


def bases_in(raw: bytes) -> set[bytes]:
    """The names that the classes of a file have in their bases, and what these are aliases of."""
    names = {name for bases in _CLASS.findall(raw) for name in _WORD.findall(bases)}
    if names:
        for match in _ALIAS.finditer(raw):
            if match.group(1) in names:
                before = _LAST.search(raw[max(0, match.start() - _BEFORE) : match.start()])
                names |= {before.group(1)} if before else set()
    return names
