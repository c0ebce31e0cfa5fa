"""Which of Lightning's two distributions each file imports, and which one a project is to use.

``pytorch_lightning`` and ``lightning.pytorch`` hold two sets of the same classes: a Trainer of one
refuses a module of the other. A file that imports either, as it finds them installed, is of both.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .pins import pins
from .target import project_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .file import File
    from .project import Project
    from .settings import Settings

UNIFIED, STANDALONE = "lightning", "pytorch_lightning"
_FABRIC = f"{UNIFIED}.fabric"
#: Statements in which a file may import either distribution.
_FORKS = (ast.If, ast.Try)

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
    names = {name for name in names if not project.is_local(path, name)}
    return set() if len(names) > 1 and _takes_either(project.file(path)) else names


def _takes_either(file: File | None) -> bool:
    """Whether a file imports one distribution in one branch and the other in another.

    Or both by one name, which means the same where the branches are apart.
    """
    if file is None:
        return False
    statements = [*file.tree.all(ast.Import), *file.tree.all(ast.ImportFrom)]
    tops = {node: top for node in statements if (top := _distribution(node))}
    forks = {n: [a for a in file.tree.ancestors(n) if isinstance(a, _FORKS)] for n in tops}
    names: dict[str, set[str]] = {}
    for node, top in tops.items():
        for alias in getattr(node, "names", ()):
            names.setdefault(alias.asname or alias.name.partition(".")[0], set()).add(top)
    if any(forks.values()) and any(len(found) > 1 for found in names.values()):
        return True
    around = {fork for found in forks.values() for fork in found}
    return any(len({b for b in _branches(fork, tops) if b}) > 1 for fork in around)


def _branches(fork: ast.AST, tops: Mapping[ast.AST, str]) -> Iterator[frozenset[str]]:
    """What the branches of a fork import, one after the other."""
    bodies = [getattr(fork, "body", []), getattr(fork, "orelse", [])]
    bodies += [handler.body for handler in getattr(fork, "handlers", [])]
    for body in bodies:
        yield frozenset(tops[n] for s in body for n in ast.walk(s) if n in tops)


def _distribution(node: ast.AST) -> str:
    """The distribution that a statement imports; empty for none, and for Fabric alone."""
    if isinstance(node, ast.Import):
        module = node.names[0].name
    elif isinstance(node, ast.ImportFrom) and not node.level:
        module = node.module or ""
    else:
        return ""
    top = module.partition(".")[0]
    return top if top in (UNIFIED, STANDALONE) and not module.startswith(_FABRIC) else ""


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
