"""Comments of a file, and the suppressions among them."""

from __future__ import annotations

import contextlib
import io
import re
import tokenize
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .source import Source

_ASKED = r"lfix:\s*ignore(?:\[([^\]]*)\]|(?![\w\[-]))"
_IGNORE, _BARE = re.compile(r"#\s*" + _ASKED), re.compile(_ASKED)
_SKIP = re.compile(r"#\s*lfix:\s*skip-file\b")


@dataclass(frozen=True)
class Comment:
    """A comment: its text, its line from 1, and its byte offset."""

    text: str
    line: int
    start: int


@dataclass(frozen=True)
class Suppression:
    """``# lfix: ignore`` (``codes`` empty: all) or ``# lfix: ignore[LF101, LF2]`` on a line."""

    comment: Comment
    codes: frozenset[str]

    def covers(self, code: str, name: str) -> bool:
        """Whether a rule is silenced here."""
        return not self.codes or any(code.startswith(c) or c == name for c in self.codes)


def comments(source: Source) -> tuple[Comment, ...]:
    """All comments of a file that parses."""
    if b"#" not in source.data:
        return ()
    return _comments(source.text, tuple(source.line_starts))


@lru_cache(maxsize=2)
def _comments(text: str, line_starts: tuple[int, ...]) -> tuple[Comment, ...]:
    found = []
    # Lines as ast counts them; tokenize cannot read lone carriage returns.
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = plain.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(plain).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                before = len(lines[row - 1][:column].encode())
                found.append(Comment(token.string, row, line_starts[row - 1] + before))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        # Some text that ast accepts ends in a way that tokenize does not; what came before counts.
        pass
    return tuple(found)


def comment_texts(fragment: str) -> list[str]:
    """The comments in a piece of code that need not parse by itself."""
    found: list[str] = []
    # The piece may end anywhere; what came before counts.
    with contextlib.suppress(tokenize.TokenError, IndentationError, SyntaxError):
        # Inside a parenthesis, indentation does not matter.
        found.extend(
            token.string.strip()
            for token in tokenize.generate_tokens(io.StringIO("(" + fragment).readline)
            if token.type == tokenize.COMMENT
        )
    return found


def skips_file(source: Source) -> bool:
    """Whether a ``# lfix: skip-file`` comment asks to leave the file alone."""
    if b"skip-file" not in source.data:
        return False
    return any(_SKIP.search(c.text) for c in comments(source))


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """The suppression comments of a file."""
    if b"lfix:" not in source.data.replace(b" ", b""):
        return ()
    found = (suppression(comment) for comment in comments(source))
    return tuple(s for s in found if s is not None)


def suppression(comment: Comment, *, bare: bool = False) -> Suppression | None:
    """What a comment suppresses; ``bare``: a line of a language with other marks than ``#``."""
    match = (_BARE if bare else _IGNORE).search(comment.text)
    if match is None:
        return None
    listed = (match.group(1) or "").split(",")
    return Suppression(comment, frozenset(c.strip() for c in listed if c.strip()))
