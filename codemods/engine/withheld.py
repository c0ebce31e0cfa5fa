"""Fixes that are not to be taken: findings by place, followed through the rounds of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..model import Finding


@dataclass(frozen=True, order=True)
class Place:
    """A finding as it was found in the file on the disk; ``line`` counts from 1."""

    path: Path
    code: str
    line: int

    @classmethod
    def of(cls, finding: Finding) -> Place:
        """Where a finding of the first round is."""
        return cls(finding.path, finding.code, finding.line)


class Withheld:
    """Places whose fixes are left out. Other fixes move lines, and the places with them."""

    def __init__(self, places: Iterable[Place] = ()) -> None:
        self._lines: dict[tuple[Path, str], set[int]] = {}
        for place in places:
            self._lines.setdefault((place.path, place.code), set()).add(place.line)

    def holds(self, finding: Finding) -> bool:
        """Whether the fix of a finding is left out."""
        return finding.line in self._lines.get((finding.path, finding.code), ())

    def follow(self, path: Path, before: bytes, after: bytes) -> None:
        """Take the places of a file to where its lines are now."""
        keys = [key for key in self._lines if key[0] == path]
        if not keys:
            return
        matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
        now: dict[int, set[int]] = {}
        for _, old, old_end, new, new_end in matcher.get_opcodes():
            same = old_end - old == new_end - new
            for line in range(old, old_end):
                lines = {new + line - old + 1} if same else set(range(new + 1, new_end + 1))
                now[line + 1] = lines
        for key in keys:
            self._lines[key] = {n for line in self._lines[key] for n in now.get(line, {line})}
