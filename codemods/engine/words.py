"""Which of some words a text holds, anywhere in it and inside of longer names too."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(rb"\w+")
#: By so many first letters a word is found in a name.
_HEAD = 3
#: So many names are remembered; a project seldom has more.
_MANY = 100_000


class Words:
    """Words to look for.

    A text is cut into its names, and which words are in a name is worked out once: a file costs a
    look-up for each of its names instead of a search for each of hundreds of words.
    """

    def __init__(self, words: Iterable[bytes]) -> None:
        self._longer: dict[bytes, list[bytes]] = {}
        self._other: list[bytes] = []
        self._heads: dict[bytes, list[bytes]] = {}
        self._seen: set[bytes] = set()
        self._holding: set[bytes] = set()
        self._inside: dict[bytes, tuple[bytes, ...]] = {}
        wanted = set()
        for word in words:
            name = max(_NAME.findall(word), key=len, default=b"")
            if len(name) < _HEAD:
                self._other.append(word)
                continue
            wanted.add(name)
            if name != word:
                self._longer.setdefault(name, []).append(word)
        for name in wanted:
            self._heads.setdefault(name[:_HEAD], []).append(name)

    def held(self, raw: bytes) -> set[bytes]:
        """The words that a text holds, and the names in them that it holds."""
        names = set(_NAME.findall(raw))
        if len(self._seen) > _MANY:
            self._seen.clear()
            self._holding.clear()
            self._inside.clear()
        for name in names - self._seen:
            inside = self._look_inside(name)
            if inside:
                self._inside[name] = inside
                self._holding.add(name)
        self._seen |= names
        found = {word for name in names & self._holding for word in self._inside[name]}
        longer = [w for name in found & self._longer.keys() for w in self._longer[name]]
        found.update(w for w in (*longer, *self._other) if w in raw)
        return found

    def _look_inside(self, name: bytes) -> tuple[bytes, ...]:
        words = self._heads.get
        return tuple(
            word
            for i in range(len(name) - _HEAD + 1)
            for word in words(name[i : i + _HEAD], ())
            if name.startswith(word, i)
        )
