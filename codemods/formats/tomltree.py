"""The tables of a TOML file as nodes like those of YAML.

Strings over several lines and arrays with comments in them stay closed.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from .nodes import Kind, Node, UnclearError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE = re.compile(r"[ \t]*\[([^\[\]\"']+)\][ \t]*(?:#.*)?")
_OTHER = re.compile(r"[ \t]*\[")
_KEY = re.compile(r"[ \t]*([\w-]+)[ \t]*=[ \t]*")
_DOTTED = re.compile(r"[ \t]*((?:[\w-]+[ \t]*\.[ \t]*)+)([\w-]+)[ \t]*=[ \t]*")
_TOKEN = re.compile(
    r"\"\"\"|'''|(?P<basic>\"(?:[^\"\\\n]|\\.)*\")|(?P<literal>'[^'\n]*')|(?P<bare>[^\s,\[\]{}#=\"']+)"
)
_HIDDEN = re.compile(
    r"\"\"\"(?:[^\\]|\\.)*?\"{3,5}|'''.*?'{3,5}|\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|#[^\n]*", re.DOTALL
)


class _OverLinesError(Exception):
    """A value that does not end on its line."""


def tables(text: str) -> list[Node]:
    """The root of a TOML text; raises UnclearError."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        loaded = tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise UnclearError(f"is no TOML: {error}") from error
    root = Node(Kind.MAPPING, 0, 0)
    table: Node | None = root
    for at, line in _lines(text):
        header = _TABLE.fullmatch(line.rstrip("\r\n"))
        if header is not None:
            table = _table(root, header[1], at + header.start(1))
        elif _OTHER.match(line):
            table = None
        elif table is not None and (match := _KEY.match(line)):
            _enter(table, *_entry(text, at, match))
        elif table is not None and (match := _DOTTED.match(line)):
            inner = _table(table, match[1].rstrip(" \t."), at + match.start(1))
            _enter(inner, *_entry(text, at, match))
    return [root] if _agrees(root, loaded) else []


def _entry(text: str, at: int, match: re.Match[str]) -> tuple[Node, Node]:
    """The key of a line, the last one of a dotted one, and its value."""
    last = match.re.groups
    key = Node(Kind.SCALAR, at + match.start(last), at + match.end(last), match[last])
    try:
        return key, _Reader(text, at + match.end()).value()
    except _OverLinesError:
        return key, Node(Kind.ALIAS, key.end, key.end)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Where the lines begin that are not inside of a string or an array, and what stands there."""
    plain = _HIDDEN.sub(lambda match: "x" * len(match[0]), text)
    depth = at = 0
    for line in plain.split("\n"):
        if depth == 0:
            yield at, text[at : at + len(line)]
        depth += sum(line.count(sign) for sign in "[{") - sum(line.count(sign) for sign in "]}")
        at += len(line) + 1


def _agrees(node: Node, loaded: Any) -> bool:
    """Whether what was read line by line is what the text holds."""
    if node.kind is not Kind.MAPPING:
        return True
    if not isinstance(loaded, dict):
        return False
    return all(k.text in loaded and _agrees(v, loaded[k.text]) for k, v in node.entries)


def _table(root: Node, dotted: str, start: int) -> Node:
    node = root
    for part in dotted.split("."):
        name = part.strip()
        inner = node.get(name)
        if inner is None or inner.kind is not Kind.MAPPING:
            at = start + dotted.rindex(name)
            inner = Node(Kind.MAPPING, at, at)
            node.entries.append((Node(Kind.SCALAR, at, at + len(name), name), inner))
        node = inner
    return node


def _enter(table: Node, key: Node, value: Node) -> None:
    if not any(v.kind is not Kind.MAPPING or v.flow for _, v in table.entries):
        table.start = key.start
    table.entries.append((key, value))
    table.end = value.end


class _Reader:
    """Reads the value that begins at a character of a text."""

    def __init__(self, text: str, at: int) -> None:
        self._text = text
        self._at = at

    def value(self) -> Node:
        sign = self._text[self._at : self._at + 1]
        if sign == "[":
            return self._several(Kind.SEQUENCE, "]", " \t\r\n,")
        if sign == "{":
            return self._several(Kind.MAPPING, "}", " \t,")
        match = _TOKEN.match(self._text, self._at)
        if match is None or match[0] in ('"""', "'''"):
            raise _OverLinesError
        self._at = match.end()
        node = Node(Kind.SCALAR, match.start(), match.end())
        node.text = match[0]
        if match["bare"] is None:
            node.style, node.text = match[0][0], match[0][1:-1]
            node.marked = match["basic"] is not None and "\\" in match[0]
        return node

    def _several(self, kind: Kind, closing: str, between: str) -> Node:
        node = Node(kind, self._at, 0, flow=True)
        self._at += 1
        while True:
            self._skip(between)
            if self._text[self._at : self._at + 1] in ("", "#", "\r", "\n"):
                raise _OverLinesError
            if self._text[self._at] == closing:
                self._at += 1
                node.end = self._at
                return node
            if kind is Kind.SEQUENCE:
                node.items.append(self.value())
                continue
            match = _KEY.match(self._text, self._at)
            if match is None:
                raise _OverLinesError
            key = Node(Kind.SCALAR, match.start(1), match.end(1), match[1])
            self._at = match.end()
            node.entries.append((key, self.value()))

    def _skip(self, signs: str) -> None:
        while self._text[self._at : self._at + 1] and self._text[self._at] in signs:
            self._at += 1
