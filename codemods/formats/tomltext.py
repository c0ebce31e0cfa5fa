"""Where the strings of a TOML file stand, by the keys that lead to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .format import BrokenError

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY = re.compile(
    r"""[ \t]*(?:(?P<bare>[\w-]+)|"(?P<basic>[^"\\\n]*)"|'(?P<literal>[^'\n]*)')[ \t]*"""
)
_MULTI = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}', re.DOTALL)
_STRING = re.compile(r""""((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'""")
_SCALAR = re.compile(r"[^,\]}#\n]+")


@dataclass(frozen=True)
class TomlString:
    """A string on one line: its keys, what is between its quotes, and where (in characters).

    ``key`` is where the last key stands. ``item`` tells that it is an item of an array.
    """

    path: tuple[str, ...]
    text: str
    start: int
    key: tuple[int, int]
    item: bool

    @property
    def is_plain(self) -> bool:
        """Whether the text is what is meant: nothing is escaped in it."""
        return "\\" not in self.text


def strings(text: str) -> list[TomlString]:
    """All strings of a file, multi-line ones left out; raises BrokenError where it is no TOML."""
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenError(f"is not valid TOML: {error}") from error
    return list(_Reader(text).read())


class _Reader:
    """Goes through a text that is known to be valid."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> Iterator[TomlString]:
        table: tuple[str, ...] = ()
        while True:
            self._skip()
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                self._over("[")
                table, _ = self._keys()
                self._over("]")
                continue
            path, key = self._keys()
            self._over("=")
            yield from self._value((*table, *path), key, item=False)

    def _skip(self) -> None:
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _over(self, mark: str) -> None:
        while self.text[self.at : self.at + 1] in (mark, " ", "\t") and self.at < len(self.text):
            self.at += 1

    def _keys(self) -> tuple[tuple[str, ...], tuple[int, int]]:
        found: list[str] = []
        while True:
            match = _KEY.match(self.text, self.at)
            assert match is not None
            kind = match.lastgroup or "bare"
            found.append(match[kind])
            self.at = match.end()
            if self.text[self.at : self.at + 1] != ".":
                return tuple(found), match.span(kind)
            self.at += 1

    def _value(
        self, path: tuple[str, ...], key: tuple[int, int], *, item: bool
    ) -> Iterator[TomlString]:
        self._skip()
        head = self.text[self.at]
        multi = _MULTI.match(self.text, self.at)
        single = _STRING.match(self.text, self.at)
        if multi is not None:
            self.at = multi.end()
        elif single is not None:
            inner = single[1] if single[1] is not None else single[2]
            yield TomlString(path, inner, single.start() + 1, key, item)
            self.at = single.end()
        elif head in "[{":
            yield from self._held(path, key, "]" if head == "[" else "}")
        else:
            match = _SCALAR.match(self.text, self.at)
            self.at = match.end() if match else self.at + 1

    def _held(self, path: tuple[str, ...], key: tuple[int, int], end: str) -> Iterator[TomlString]:
        self.at += 1
        while True:
            self._skip()
            mark = self.text[self.at]
            if mark in (end, ","):
                self.at += 1
                if mark == end:
                    return
                continue
            if end == "]":
                yield from self._value(path, key, item=True)
                continue
            inner, inner_key = self._keys()
            self._over("=")
            yield from self._value((*path, *inner), inner_key, item=False)
