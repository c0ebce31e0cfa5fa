"""Bytes in, text out, and back again without touching a byte outside the edits."""

from __future__ import annotations

import bisect
import codecs
import hashlib
import io
import re
import tokenize
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from ..model import Edit, Finding, Fix, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

NEWLINE = re.compile(rb"\r\n|\r|\n")
BARE_LF = re.compile(r"(?<!\r)\n")
_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")


class Named(Protocol):
    """What a finding is reported under."""

    @property
    def code(self) -> str:
        """For instance LF301."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The name of the module that has the rule."""
        raise NotImplementedError


class UnreadableSourceError(Exception):
    """The file cannot be read or decoded without loss; the message says why."""


def _first_lines(raw: bytes) -> Callable[[], bytes]:
    """A ``readline`` for the two lines that may declare an encoding, however they end."""
    return io.BytesIO(b"\n".join(NEWLINE.split(raw, maxsplit=2)[:2])).readline


@dataclass(frozen=True)
class Source:
    """One file as it is on disk: ``raw`` bytes, and ``data``, the UTF-8 form that spans index."""

    path: Path
    raw: bytes
    encoding: str
    data: bytes

    @classmethod
    def read(cls, path: Path) -> Source:
        """Read ``path``; raises UnreadableSourceError with a sentence for the user."""
        try:
            raw = path.read_bytes()
        except OSError as error:
            raise UnreadableSourceError(f"cannot be read: {error.strerror or error}") from error
        return cls.of(path, raw)

    @classmethod
    def of(cls, path: Path, raw: bytes) -> Source:
        """Decode ``raw`` by its BOM or encoding cookie (PEP 263), UTF-8 otherwise."""
        try:
            encoding, _ = tokenize.detect_encoding(_first_lines(raw))
        except SyntaxError as error:
            if "invalid or missing" not in str(error):
                raise UnreadableSourceError(f"cannot be decoded: {error}") from error
            encoding = "utf-8"
        if encoding in ("utf-8", "utf-8-sig"):
            data = raw.removeprefix(codecs.BOM_UTF8)
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                line = data.count(b"\n", 0, error.start) + 1
                raise UnreadableSourceError(
                    f"is not valid UTF-8 at line {line}; declare its encoding or save it as UTF-8"
                ) from error
            return cls(path, raw, encoding, data)
        try:
            text = raw.decode(encoding)
            lossless = text.encode(encoding) == raw
        except (UnicodeError, LookupError) as error:
            raise UnreadableSourceError(f"cannot be decoded as {encoding}: {error}") from error
        if not lossless:
            raise UnreadableSourceError(f"does not survive a round trip through {encoding}")
        return cls(path, raw, encoding, text.encode("utf-8"))

    @property
    def text(self) -> str:
        """The decoded text, newlines as they are in the file."""
        return self.data.decode("utf-8")

    @cached_property
    def digest(self) -> str:
        """Identifies the bytes that were scanned."""
        return hashlib.sha256(self.raw).hexdigest()

    @cached_property
    def line_starts(self) -> list[int]:
        """Byte offset of each line, the first being 0."""
        return [0, *(m.end() for m in NEWLINE.finditer(self.data))]

    @cached_property
    def newline(self) -> str:
        """The line ending that most lines use."""
        crlf = self.data.count(b"\r\n")
        lf = self.data.count(b"\n") - crlf
        cr = self.data.count(b"\r") - crlf
        return max((lf, "\n"), (crlf, "\r\n"), (cr, "\r"), key=lambda pair: pair[0])[1]

    def offset(self, line: int, column: int) -> int:
        """The byte offset of an ``ast`` position: line from 1, column in UTF-8 bytes from 0."""
        return self.line_starts[line - 1] + column

    def line_of(self, offset: int) -> int:
        """The line, from 1, that holds a byte offset."""
        return bisect.bisect_right(self.line_starts, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1 and the column in characters, of a byte offset."""
        line = self.line_of(offset)
        start = self.line_starts[line - 1]
        return line, len(self.data[start:offset].decode("utf-8", "replace")) + 1

    def line_span(self, line: int) -> Span:
        """The whole line, its newline included."""
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.data)
        return Span(self.line_starts[line - 1], end)

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.data[span.start : span.end].decode("utf-8")

    def indent_of(self, line: int) -> str:
        """The white space that a line starts with."""
        span = self.line_span(line)
        match = re.match(rb"[ \t\f]*", self.data[span.start : span.end])
        return match.group().decode() if match else ""

    def finding(
        self,
        rule: Named,
        span: Span,
        message: str,
        *,
        fix: Fix | None = None,
        reason: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding of a rule at a place of this file; its texts are put on one line each."""
        line, column = self.position(span.start)
        return Finding(
            rule.code,
            rule.name,
            self.path,
            span,
            line,
            column,
            _on_one_line(message),
            fix and replace(fix, title=_on_one_line(fix.title)),
            reason and _on_one_line(reason),
            severity,
        )

    def _with_line_ends(self, edit: Edit) -> str:
        if self.newline == "\n" or BARE_LF.search(self.slice(edit.span)):
            return edit.text
        return BARE_LF.sub(self.newline, edit.text)

    def apply(self, edits: Iterable[Edit]) -> bytes:
        """The raw bytes after all ``edits``, which must not overlap; raises ValueError if they do.

        New lines in the inserted text take the line ending of the file; those of a replaced text
        that has another one may be its own, and stay.
        """
        pieces: list[bytes] = []
        at = 0
        for edit in sorted(set(edits)):
            if edit.span.start < at:
                raise ValueError(f"overlapping edits at byte {edit.span.start}")
            pieces += [self.data[at : edit.span.start], self._with_line_ends(edit).encode("utf-8")]
            at = edit.span.end
        data = b"".join([*pieces, self.data[at:]])
        if self.encoding == "utf-8-sig":
            return codecs.BOM_UTF8 + data
        if self.encoding == "utf-8":
            return data
        return data.decode("utf-8").encode(self.encoding)


def byte_span(text: str, start: int, end: int) -> Span:
    """Where characters ``start`` to ``end`` of a text are in its UTF-8 form."""
    before = len(text[:start].encode())
    return Span(before, before + len(text[start:end].encode()))


def _on_one_line(text: str) -> str:
    """A text that may quote code of several lines."""
    return _LINE_BREAK.sub(" ", text)
