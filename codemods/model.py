"""The words that every other room speaks: spans, edits, fixes, findings, reports.

Everything here is frozen and free of libcst, so that reports can be built, cached and printed
without loading a parser.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class Safety(str, Enum):
    """How far a fix may be trusted; decided for each finding, not for each rule."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    MANUAL = "manual"


class Severity(str, Enum):
    """ERROR: does not run, or runs wrongly, at the target. WARNING: works but is deprecated."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of byte offsets into the UTF-8 form of a file's text (BOM left out)."""

    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether both ranges share a byte, or are two insertions at the same place."""
        if self.start == self.end == other.start == other.end:
            return True
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether ``other`` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace the bytes of ``span`` by ``text``; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """An import that a fix relies on: ``from module import name``, or ``import module``."""

    module: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Fix:
    """What would repair a finding: non-overlapping edits of one file and the imports they need.

    ``drops`` are canonical names that the fix stops using; the engine removes their imports if
    nothing else in the file uses them.
    """

    title: str
    edits: tuple[Edit, ...]
    safety: Safety = Safety.SAFE
    needs: tuple[Need, ...] = ()
    drops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault at one place.

    ``line`` and ``column`` count from 1, columns in characters. ``reason`` says why there is no
    fix, or why the fix is not safe, and what to do instead.
    """

    code: str
    rule: str
    path: Path
    span: Span
    line: int
    column: int
    message: str
    fix: Fix | None = None
    reason: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def safety(self) -> Safety:
        """The safety of the fix; ``MANUAL`` where there is none."""
        return self.fix.safety if self.fix else Safety.MANUAL


class ProblemKind(str, Enum):
    """Who has to act on a problem: the user (``INPUT``) or us (``BUG``)."""

    INPUT = "input"
    BUG = "bug"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that kept a file from being handled: unreadable, unparsable, or a bug of ours."""

    path: Path
    message: str
    line: int | None = None
    kind: ProblemKind = ProblemKind.INPUT
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found in one file and what became of it.

    ``before`` and ``after`` are raw bytes, equal where nothing is to be written. ``fixed`` are the
    findings whose fixes are in ``after``; ``left`` are those that still hold there.
    """

    path: Path
    before: bytes
    after: bytes
    fixed: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether there is anything to write; decided on bytes."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run over all files, in path order; ``looked_at`` counts the files read."""

    files: tuple[FileReport, ...] = ()
    problems: tuple[Problem, ...] = ()
    looked_at: int = 0
    notes: tuple[str, ...] = field(default=())

    @property
    def fixed(self) -> tuple[Finding, ...]:
        """All findings whose fixes were taken."""
        return tuple(f for file in self.files for f in file.fixed)

    @property
    def left(self) -> tuple[Finding, ...]:
        """All findings that remain."""
        return tuple(f for file in self.files for f in file.left)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Problems of the run and of single files."""
        return self.problems + tuple(p for file in self.files for p in file.problems)
