"""The files of a project and the ways from one to another: imports, classes, roles.

Files are parsed when somebody asks for them, once; a file outside of the paths given on the
command line is read too where a name leads there, but never changed.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .layout import Layout
from .members import Members, by_folder
from .source import Source, UnreadableSourceError
from .tree import UnparsableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .classes import Class
    from .file import File

#: Questions over all files ask this many at most, so that a large tree costs no more than a few.
_NEAREST = 16


class Project:
    """Lazily parsed files.

    ``overlay`` holds newer bytes than the disk's, by resolved path; ``members`` are the files of
    the run, where subclasses are looked for; ``weight`` is how many bytes were parsed.
    ``consulted`` takes down other files on which findings depend.
    """

    def __init__(
        self,
        overlay: Mapping[Path, bytes] | None = None,
        members: Members | None = None,
        layout: Layout | None = None,
    ) -> None:
        self.overlay = dict(overlay or {})
        self.members = members or Members()
        self.weight = 0
        self.consulted: set[Path] = set()
        self.layout = layout or Layout()
        self._files: dict[Path, File | None] = {}
        self._heirs: dict[Class, list[Class]] = {}
        self._newer: dict[bytes, Mapping[str, Sequence[Path]]] = {}

    def close(self) -> None:
        """Let the parsed files go at once; their parts hold each other and would wait for gc."""
        for file in self._files.values():
            if file is not None:
                file.close()
        self._files.clear()
        self._heirs.clear()

    def source(self, path: Path) -> Source:
        """The current text of a file; raises UnreadableSourceError."""
        newer = self.overlay.get(path)
        return Source.of(path, newer) if newer is not None else Source.read(path)

    def add(self, source: Source) -> File:
        """Parse a source and keep it; raises UnparsableError."""
        from .file import File

        file = File(self, source)
        self._files[source.path] = file
        self.weight += len(source.data)
        return file

    def file(self, path: Path) -> File | None:
        """The parsed file, or None where it cannot be read or parsed."""
        if path not in self._files:
            try:
                self.add(self.source(path))
            except (UnreadableSourceError, UnparsableError):
                self._files[path] = None
        return self._files[path]

    def module(self, importer: Path, dotted: str) -> File | None:
        """The project file that ``dotted`` (dots in front: relative) names in ``importer``."""
        path = self.module_path(importer, dotted)
        return self.file(path) if path else None

    def module_path(self, importer: Path, dotted: str) -> Path | None:
        """Where a module lies, None where it is not a file of the project."""
        return self.layout.module_path(importer, dotted)

    def is_local(self, importer: Path, dotted: str) -> bool:
        """Whether the top package of an absolute import lies in the project."""
        return self.layout.is_local(importer, dotted)

    @property
    def read(self) -> set[Path]:
        """The files that were asked for so far."""
        return self._files.keys() | self.consulted

    @property
    def imports(self) -> dict[Path, frozenset[Path]]:
        """For each parsed file the project files that it imports."""
        return {path: f.imported_files for path, f in self._files.items() if f is not None}

    def heirs(self, cls: Class) -> list[Class]:
        """The classes in the members of the project that inherit from a project class."""
        found: list[Class] = []
        pending = [cls]
        while pending:
            base = pending.pop()
            for heir in self._direct_heirs(base):
                if heir not in found:
                    found.append(heir)
                    pending.append(heir)
        return found

    def _direct_heirs(self, base: Class) -> list[Class]:
        if base not in self._heirs:
            naming = self.members.naming_base(base.name)
            near = self.members.links.reaching(self, base.file.path, naming)
            files = [self.file(path) for path in near]
            self._heirs[base] = [
                heir for file in files if file for heir in file.classes if base in heir.bases
            ]
        return self._heirs[base]

    def holding(self, word: bytes, near: Path, beside: Sequence[bytes] = ()) -> list[File]:
        """The parsed members of a file's project whose text holds a word, the nearest first.

        Of those, the ones that hold a word of ``beside`` too, if there are any such words.
        """
        below = self.members.holding(word, self.raw)
        newer = self._newly_holding(word)
        nearest: dict[Path, None] = {}
        for folder in self.layout.upwards(os.path.dirname(near)):
            for path in (*below.get(folder, ()), *newer.get(folder, ())):
                nearest[path] = None
                if len(nearest) == _NEAREST:
                    break
            if len(nearest) == _NEAREST:
                break
        found = []
        for path in nearest:
            if beside and not any(other in self.raw(path) for other in beside):
                continue
            file = self.file(path)
            if file is not None:
                found.append(file)
        return found

    def _newly_holding(self, word: bytes) -> Mapping[str, Sequence[Path]]:
        """For each folder the files below it that hold a word by now.

        What the members remember of a word may be older than a fix that has brought it.
        """
        if word not in self._newer:
            paths = [path for path, raw in self.overlay.items() if word in raw]
            self._newer[word] = by_folder(path for path in paths if path in self.members)
        return self._newer[word]

    def raw(self, path: Path) -> bytes:
        """The current bytes of a file, none where it cannot be read."""
        newer = self.overlay.get(path)
        return newer if newer is not None else self.members.texts.read(path)


def is_type_checking(node: ast.AST) -> bool:
    """Whether an ``if`` guards code that only type checkers see."""
    if not isinstance(node, ast.If):
        return False
    name = node.test.attr if isinstance(node.test, ast.Attribute) else getattr(node.test, "id", "")
    return name == "TYPE_CHECKING"
