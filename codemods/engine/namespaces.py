"""Which of Lightning's two distributions each file imports, and which one a project is to use.

``pytorch_lightning`` and ``lightning.pytorch`` hold two sets of the same classes: a Trainer of one
refuses a module of the other.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pins import pins
from .target import project_root

if TYPE_CHECKING:
    from pathlib import Path

    from .project import Project
    from .settings import Settings

UNIFIED, STANDALONE = "lightning", "pytorch_lightning"

_IMPORT = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(pytorch_lightning|lightning(?!\.fabric))\b", re.MULTILINE
)
#: Packages whose base classes are of one distribution; a project that builds on them follows.
_BUILT_ON = {
    b"pl_bolts": STANDALONE,
    b"flash": STANDALONE,
    b"lightning_transformers": STANDALONE,
    b"neuralforecast": STANDALONE,
    b"darts": STANDALONE,
    b"pytorch_forecasting": UNIFIED,
    b"torchgeo": UNIFIED,
}
_OTHERS = re.compile(
    rb"^[ \t]*(?:from|import)[ \t]+(" + b"|".join(_BUILT_ON) + rb")\b", re.MULTILINE
)


@dataclass(frozen=True)
class Choice:
    """The distribution that a group of files is to use, and in half a sentence why."""

    distribution: str
    reason: str


class Namespaces:
    """The groups of connected files that mix both; worked out once for a run."""

    def __init__(self) -> None:
        self._choices: dict[Path, Choice] | None = None

    def choice(self, project: Project, path: Path, settings: Settings) -> Choice | None:
        """What the files connected with ``path`` are to use; None where they agree already."""
        if self._choices is None:
            self._choices = _choices(project, settings)
        return self._choices.get(path)


def distributions(project: Project) -> frozenset[str]:
    """Those that the files of a run import."""
    return frozenset(name for path in project.members for name in _used(project, path))


def _choices(project: Project, settings: Settings) -> dict[Path, Choice]:
    used = {path: names for path in project.members if (names := _used(project, path))}
    if settings.namespace:
        asked = Choice(settings.namespace, "as asked for")
        return {path: asked for path, names in used.items() if names - {settings.namespace}}
    if len({name for names in used.values() for name in names}) < 2:  # noqa: PLR2004  both of them
        return {}
    found: dict[Path, Choice] = {}
    for group in _groups(project, set(used)):
        if len({name for path in group for name in used[path]}) > 1:
            choice = _choose(project, group, used)
            found |= dict.fromkeys(group, choice)
    return found


def _used(project: Project, path: Path) -> set[str]:
    raw = project.raw(path)
    if b"lightning" not in raw:
        return set()
    names = {match.decode() for match in _IMPORT.findall(raw)}
    return {name for name in names if not project.is_local(path, name)}


def _groups(project: Project, wanted: set[Path]) -> list[list[Path]]:
    """The files of ``wanted``, by connection over imports in any direction."""
    neighbours: dict[Path, set[Path]] = {}
    for path in project.members:
        for target in project.members.links.imports(project, path):
            neighbours.setdefault(path, set()).add(target)
            neighbours.setdefault(target, set()).add(path)
    groups = []
    seen: set[Path] = set()
    for start in sorted(wanted):
        if start in seen:
            continue
        group, pending = [], [start]
        while pending:
            path = pending.pop()
            if path in seen:
                continue
            seen.add(path)
            group += [path] if path in wanted else []
            pending += neighbours.get(path, ())
        groups.append(group)
    return groups


def _choose(project: Project, group: list[Path], used: dict[Path, set[str]]) -> Choice:
    for path in group:
        for package in _OTHERS.findall(project.raw(path)):
            return Choice(_BUILT_ON[package], f"{package.decode()} is built on it")
    pinned = {pin.distribution.replace("-", "_") for pin in pins(project_root(group))}
    if len(pinned) == 1:
        return Choice(next(iter(pinned)), "the project requires it")
    votes = Counter(name for path in group for name in used[path])
    winner = STANDALONE if votes[STANDALONE] > votes[UNIFIED] else UNIFIED
    return Choice(winner, f"{votes[winner]} of {len(group)} files use it")
