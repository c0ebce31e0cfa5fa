"""Which of some words a text holds, anywhere in it and inside of longer names too."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_NAME = re.compile(rb"\w+")
#: By so many first letters a word is found in a name.
_HEAD = 3
#: So many names are remembered; a project seldom has more.
_MANY = 100_000


@dataclass(frozen=True)
class AnyOf:
    """Words of which one is asked for: plain names, what holds a name, and what holds none."""

    names: frozenset[bytes]
    longer: tuple[tuple[bytes, bytes], ...]
    other: tuple[bytes, ...]

    @classmethod
    def of(cls, words: Iterable[bytes]) -> AnyOf:
        """Some words, sorted by how they are looked for."""
        names, longer, other = set(), [], []
        for word in words:
            name = name_in(word)
            if not name:
                other.append(word)
            elif name == word:
                names.add(word)
            else:
                longer.append((name, word))
        return cls(frozenset(names), tuple(longer), tuple(other))


class Held:
    """The words that one text holds; those that are more than a name are looked for when asked."""

    def __init__(self, names: frozenset[bytes], raw: bytes) -> None:
        self._names = names
        self._raw = raw
        self._known: dict[bytes, bool] = {}

    def any(self, words: AnyOf) -> bool:
        """Whether the text holds one of some words."""
        if not self._names.isdisjoint(words.names):
            return True
        names = self._names
        return any(name in names and self._has(word) for name, word in words.longer) or any(
            map(self._has, words.other)
        )

    def _has(self, word: bytes) -> bool:
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = word in self._raw
        return found


class Words:
    """Words to look for.

    A text is cut into its names, and which words are in a name is worked out once: a file costs a
    look-up for each of its names instead of a search for each of hundreds of words.
    """

    def __init__(self, words: Iterable[bytes]) -> None:
        self._heads: dict[bytes, list[bytes]] = {}
        self._seen: set[bytes] = set()
        self._holding: set[bytes] = set()
        self._inside: dict[bytes, tuple[bytes, ...]] = {}
        for name in {name_in(word) for word in words} - {b""}:
            self._heads.setdefault(name[:_HEAD], []).append(name)

    def held(self, raw: bytes) -> Held:
        """What a text holds of them."""
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
        inside_of = self._inside
        return Held(frozenset(w for n in names & self._holding for w in inside_of[n]), raw)

    def _look_inside(self, name: bytes) -> tuple[bytes, ...]:
        words = self._heads.get
        return tuple(
            word
            for i in range(len(name) - _HEAD + 1)
            for word in words(name[i : i + _HEAD], ())
            if name.startswith(word, i)
        )


def name_in(word: bytes) -> bytes:
    """The longest name in a word, empty where it is too short to be looked for by it."""
    name: bytes = max(_NAME.findall(word), key=len, default=b"")
    return name if len(name) >= _HEAD else b""
