"""The commands of shell scripts and Dockerfiles: their words, and where these stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_BLANK = re.compile(r"(?:[ \t]|\\\r?\n)+")
_END = re.compile(r"\r?\n|&&|\|\|?|;;?|&|[()]")
_COMMENT = re.compile(r"#[^\n]*")
_LIST = re.compile(r"^[ \t]*(?:RUN|CMD|ENTRYPOINT)[ \t]+(?:--\S+[ \t]+)*\[", re.MULTILINE)
_ITEM = re.compile(r"(?:[ \t,]|\\\r?\n)*(\"(?:[^\"\\\n]|\\.)*\")")
_PART = re.compile(
    r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\(?:\r?\n|.)|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`|[^\s'"\\;&|()#]+|#""",
    re.DOTALL,
)


@dataclass(frozen=True)
class Word:
    """A word of a command: as it is written, what it says, and where it begins (in characters).

    ``plain`` tells that it says what is written, perhaps in one pair of quotes.
    """

    written: str
    text: str
    start: int
    plain: bool

    @property
    def end(self) -> int:
        """The character behind it."""
        return self.start + len(self.written)

    @property
    def is_quoted(self) -> bool:
        """Whether quotes stand around the whole of it."""
        return self.written[:1] in "'\"" and len(self.written) > 1


def commands(text: str) -> Iterator[list[Word]]:
    """The words of one command after the other; what is not understood ends a command."""
    words: list[Word] = []
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank is not None:
            at = blank.end()
            continue
        end = _END.match(text, at)
        comment = _COMMENT.match(text, at)
        if end is not None or comment is not None:
            found = end or comment
            assert found is not None
            is_inner = comment is not None and bool(words) and _continues(text, at)
            at = found.end()
            if words and not is_inner:
                yield words
                words = []
            continue
        word = _word(text, at)
        if word is None:
            at += 1
            continue
        words.append(word)
        at = word.end
    if words:
        yield words


def listed(text: str) -> Iterator[list[Word]]:
    """The words of the commands that a Dockerfile has as lists: ``RUN ["pip", "install", "x"]``."""
    for match in _LIST.finditer(text):
        words = []
        item = _ITEM.match(text, match.end())
        while item is not None:
            words.append(Word(item[1], item[1][1:-1], item.start(1), "\\" not in item[1]))
            item = _ITEM.match(text, item.end())
        yield words


def _continues(text: str, at: int) -> bool:
    """Whether a comment is a line of its own inside a command that goes on, as Docker has them."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    before = text[: text.rfind("\n", 0, at) + 1].rstrip("\r\n")
    return not line.strip() and before.endswith("\\")


def _word(text: str, at: int) -> Word | None:
    start = at
    parts = []
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            break
        if match[0] in ("\\\n", "\\\r\n"):
            break
        parts.append(match[0])
        at = match.end()
    if not parts:
        return None
    written = "".join(parts)
    said = "".join(p[1:-1] if p[0] in "'\"" else p.removeprefix("\\") for p in parts)
    is_plain = len(parts) == 1 and not re.search(r"[$`\\]", written)
    return Word(written, said, start, is_plain)
