"""Looks at files one after the other, and what such a look depends on."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .layout import Layout
from .members import Members
from .places import Surroundings
from .project import Project
from .scan import Scanned, scan
from .settings import Settings

#: Source bytes that one project may parse before it is let go: trees take 50 to 100 times as much.
WEIGHT = 1_000_000
#: The same where the next file lies in another part of the tree, or little is asked of each file.
LIGHT = 300_000


@dataclass
class Seen:
    """What a run depends on beside its files: those that names led to, and where it looked."""

    files: set[Path] = field(default_factory=set)
    around: Surroundings = field(default_factory=Surroundings)
    imports: dict[Path, frozenset[Path]] = field(default_factory=dict)

    def merge(self, other: Seen) -> None:
        """Take over what another part of the run saw."""
        self.files |= other.files
        self.around.merge(other.around)
        self.imports |= other.imports

    def dependents(self, changed: Iterable[Path]) -> set[Path]:
        """The changed files and all that import them, over any number of files between."""
        importers: dict[Path, list[Path]] = {}
        for path, targets in self.imports.items():
            for target in targets:
                importers.setdefault(target, []).append(path)
        found: set[Path] = set()
        pending = list(changed)
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending += importers.get(path, ())
        return found


class Looker:
    """Looks at pieces of the candidates, one after the other, and says what it saw beside them.

    Files that were parsed stay for the next piece, until there are too many of them.
    """

    def __init__(self, members: Members, settings: Settings, *, with_imports: bool) -> None:
        self.members = members
        self.settings = settings
        self.with_imports = with_imports
        self.layout = Layout()
        # Two folders below what all files have in common, little is shared with the next one.
        paths = members.paths
        common = os.path.commonpath([paths[0], paths[-1]]) if paths else ""
        self._depth = len(Path(common).parts) + 2
        self._area: tuple[str, ...] = ()
        self._project = Project({}, members, self.layout)

    def __call__(self, paths: Sequence[Path]) -> tuple[list[Scanned], Seen]:
        """The results for files as they are on the disk."""
        return self.again(paths, self._project.overlay)

    def again(
        self, paths: Sequence[Path], overlay: Mapping[Path, bytes]
    ) -> tuple[list[Scanned], Seen]:
        """The results for files with newer bytes than the disk's."""
        seen = Seen()
        if overlay is not self._project.overlay:
            self._let_go(seen, overlay)
        scanned = [self._scan(path, seen) for path in paths]
        self._take_down(seen)
        return scanned, seen

    def _scan(self, path: Path, seen: Seen) -> Scanned:
        area = path.parts[: self._depth]
        if self._project.weight > (WEIGHT if area == self._area else LIGHT):
            self._let_go(seen, self._project.overlay)
        self._area = area
        return scan(self._project, path, self.settings)

    def _let_go(self, seen: Seen, overlay: Mapping[Path, bytes]) -> None:
        self._take_down(seen)
        self._project.close()
        self._project = Project(overlay, self.members, self.layout)

    def _take_down(self, seen: Seen) -> None:
        seen.files |= {path for path in self._project.read if path not in self.members}
        seen.around.merge(self.layout.news())
        if self.with_imports:
            seen.imports |= self._project.imports
