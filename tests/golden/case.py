"""What a golden file says: cases, the files of a case, the findings it expects, its proofs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class Kind(str, Enum):
    """What a case claims; the word before the colon of its heading."""

    FIX = "fix"
    UNSAFE = "unsafe"
    KEEP = "keep"
    TOLD = "told"

    @property
    def changes(self) -> bool:
        """Whether a case of this kind has an ``after``."""
        return self in (Kind.FIX, Kind.UNSAFE)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One file of a case; ``after`` is None where the file must stay as it is."""

    path: str
    before: str
    after: str | None = None

    @property
    def wanted(self) -> str:
        """The text that has to be there once the fixes are in."""
        return self.before if self.after is None else self.after


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a ``says`` block; ``safety`` is None where the line leaves it open."""

    path: str
    line: int
    code: str
    safety: str | None
    fragment: str

    def __str__(self) -> str:
        safety = f" {self.safety}" if self.safety else ""
        return f"{self.path}:{self.line} {self.code}{safety}: {self.fragment}"


@dataclass(frozen=True, slots=True)
class Proof:
    """What the programs of a case must do when they really run; ``driver`` is appended to them."""

    driver: str
    line: int
    old: str | None = None
    fails: str | None = None
    misbehaves: str | None = None
    untrained: bool = False
    same: bool = False
    trains: bool = False
    main: str = "case.py"

    @property
    def title(self) -> str:
        """The kinds of the proof, for test ids: ``old=1.5.10,fails``."""
        words = [f"old={self.old}"] if self.old else []
        names = ("fails", "misbehaves", "untrained", "same", "trains")
        return ",".join(words + [name for name in names if getattr(self, name)])


@dataclass(frozen=True, slots=True)
class Case:
    """One case; ``config`` is a pyproject.toml, ``says`` is None where there is no such block."""

    kind: Kind
    title: str
    line: int
    files: tuple[CaseFile, ...]
    config: str | None = None
    says: tuple[Said, ...] | None = None
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True)
class Golden:
    """One golden file; ``family`` is the name of its folder."""

    path: Path
    family: str
    rule: str
    cases: tuple[Case, ...]

    def ident(self, case: Case) -> str:
        """The name of a case in test ids: ``family/rule::title``."""
        return f"{self.family}/{self.rule}::{case.title}"
