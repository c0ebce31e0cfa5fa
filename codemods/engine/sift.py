"""Which files can hold a finding, told from their bytes; the others are only checked for syntax."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..model import Problem
from .members import bases_in
from .pool import chunks, processes, spread
from .rule import Rule, registry, vocabulary
from .scan import broken
from .settings import Settings

Progress = Callable[[int, int], None]


@dataclass
class Sifted:
    """Files that can hold a finding, and what was learnt of all of them on the way.

    ``bases`` gives for each name the files with a class that has it in its bases.
    """

    looked_at: int = 0
    candidates: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    bases: dict[bytes, list[Path]] = field(default_factory=dict)

    def merge(self, other: Sifted) -> None:
        """Take over what was found in the files that come after these."""
        self.looked_at += other.looked_at
        self.candidates += other.candidates
        self.problems += other.problems
        for name, paths in other.bases.items():
            self.bases.setdefault(name, []).extend(paths)


def sift_all(files: Sequence[Path], settings: Settings, progress: Progress) -> Sifted:
    """Sift ``files``, in several processes if there are many."""
    wanted = [r for r in registry().values() if settings.wants_rule(r.code, r.name)]
    jobs = processes(settings.jobs, len(files))
    sifted = Sifted()
    for part in spread(Sifter(tuple(r.code for r in wanted)), chunks(files, jobs), jobs):
        sifted.merge(part)
        progress(sifted.looked_at - len(sifted.candidates), len(files))
    return sifted


@dataclass(frozen=True)
class Sifter:
    """Sifts one piece of the files for rules, given by their codes."""

    codes: tuple[str, ...]

    def __call__(self, paths: Sequence[Path]) -> Sifted:
        """What is to be known of some files."""
        sifted = Sifted(len(paths))
        rules = [registry()[code] for code in self.codes]
        for path in paths:
            try:
                raw = path.read_bytes()
            except OSError as error:
                message = f"cannot be read: {error.strerror or error}"
                sifted.problems.append(Problem(path, message))
                continue
            for name in bases_in(raw):
                sifted.bases.setdefault(name, []).append(path)
            if may_hold(rules, raw):
                sifted.candidates.append(path)
                continue
            problem = broken(path, raw)
            if problem is not None:
                sifted.problems.append(problem)
        return sifted


def may_hold(rules: Iterable[Rule], raw: bytes) -> bool:
    """Whether any rule, or a suppression, can have to do with a file's bytes."""
    held = vocabulary().held(raw)
    return b"lfix:" in raw or any(rule.may_hold(held) for rule in rules)
