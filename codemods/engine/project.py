"""The files of a project and the ways from one to another: imports, classes, roles.

Files are parsed when somebody asks for them, once; a file outside of the paths given on the
command line is read too where a name leads there, but never changed.
"""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

from .members import Members
from .source import Source, UnreadableSourceError
from .tree import UnparsableError
from .walk import kind_at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .classes import Class
    from .file import File

#: What marks the folder that a project starts in.
MARKERS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")

#: Folders in which packages of many origins lie side by side.
_INSTALLED = ("site-packages", "dist-packages")
#: Packages that nobody means when a folder of their name lies about: copies of the real ones.
_FOREIGN = frozenset(
    {"torch", "torchvision", "torchaudio", "torchmetrics", "torch_geometric", "numpy",
     "pytorch_lightning", "lightning_fabric", "lightning_utilities"}
)  # fmt: skip

#: Questions over all files ask this many at most, so that a large tree costs no more than a few.
_NEAREST = 16


class Project:
    """Lazily parsed files.

    ``overlay`` holds newer bytes than the disk's, by resolved path; ``members`` are the files of
    the run, where subclasses are looked for; ``weight`` is how many bytes were parsed.
    """

    def __init__(
        self, overlay: Mapping[Path, bytes] | None = None, members: Members | None = None
    ) -> None:
        self.overlay = dict(overlay or {})
        self.members = members or Members()
        self.weight = 0
        self.probed: dict[str, str] = {}
        self._files: dict[Path, File | None] = {}
        self._modules: dict[tuple[Path, str], Path | None] = {}
        self._heirs: dict[Class, list[Class]] = {}
        self._local: dict[tuple[Path, str], bool] = {}
        self._roots: dict[Path, tuple[Path, ...]] = {}

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
        folder = importer.parent
        key = (folder, dotted)
        if key not in self._modules:
            self._modules[key] = self._find(folder, dotted)
        return self._modules[key]

    def is_local(self, importer: Path, dotted: str) -> bool:
        """Whether the top package of an absolute import lies in the project."""
        top = dotted.partition(".")[0]
        key = (importer.parent, top)
        if key not in self._local:
            self._local[key] = self.module_path(importer, top) is not None or any(
                self._kind(root / top) == "folder" for root in self._roots_for(importer.parent, top)
            )
        return self._local[key]

    def _find(self, folder: Path, dotted: str) -> Path | None:
        if dotted.startswith("."):
            level = len(dotted) - len(dotted.lstrip("."))
            base = folder
            for _ in range(level - 1):
                base = base.parent
            return self._at(base, dotted.lstrip("."))
        roots = self._roots_for(folder, dotted.partition(".")[0])
        return next((found for root in roots if (found := self._at(root, dotted))), None)

    def _roots_for(self, folder: Path, top: str) -> list[Path]:
        """The roots for a top-level package; what is installed beside a package is foreign."""
        return [root for root in self.roots(folder) if not self._is_foreign(root, top, folder)]

    def _is_foreign(self, root: Path, top: str, folder: Path) -> bool:
        """Whether ``root/top`` would be somebody else's package: an installed or a copied one."""
        if top in _FOREIGN:
            return True
        if root.name in _INSTALLED and (root / top) not in (folder, *folder.parents):
            return True
        # A project may have a package of its own called lightning; the real one holds pytorch.
        return top == "lightning" and self._kind(root / top / "pytorch") == "folder"

    def _at(self, base: Path, dotted: str) -> Path | None:
        stem = os.path.join(base, *dotted.split(".")) if dotted else str(base)
        for candidate in (os.path.join(stem, "__init__.py"), stem + ".py"):
            if self._kind(candidate) == "file":
                return Path(candidate)
        return None

    def _kind(self, path: str | Path) -> str:
        """What lies at a path; taken down, since the result of the run depends on it."""
        path = str(path)
        known = self.probed.get(path)
        if known is None:
            known = self.probed[path] = kind_at(path)
        return known

    def roots(self, folder: Path) -> tuple[Path, ...]:
        """Folders that absolute imports of files in ``folder`` may start from, likeliest first.

        A folder with an ``__init__.py`` is on ``sys.path`` only for a script started in it, so
        such folders come last.
        """
        if folder not in self._roots:
            chain = self._upwards(folder)
            plain = [p for p in chain if self._kind(p / "__init__.py") != "file"]
            packages = [p for p in chain if p not in plain]
            sources = [p / "src" for p in plain if self._kind(p / "src") == "folder"]
            self._roots[folder] = (*plain, *sources, *packages)
        return self._roots[folder]

    def _upwards(self, folder: Path) -> list[Path]:
        """``folder`` and those above it up to the project's own, or a few where none is marked."""
        chain = [folder, *folder.parents][:12]
        for index, candidate in enumerate(chain):
            if any(self._kind(candidate / marker) for marker in MARKERS):
                return chain[: index + 1]
        return chain[:4]

    @property
    def read(self) -> set[Path]:
        """The files that were asked for so far."""
        return set(self._files)

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
            files = [self.file(path) for path in self.members.naming_base(base.name)]
            self._heirs[base] = [
                heir for file in files if file for heir in file.classes if base in heir.bases
            ]
        return self._heirs[base]

    def holding(self, word: bytes, near: Path) -> list[File]:
        """The parsed members of a file's project whose text holds a word, the nearest first."""
        below = self.members.holding(word, self._bytes)
        nearest: dict[Path, None] = {}
        for folder in self._upwards(near.parent):
            for path in below.get(folder, ()):
                if len(nearest) < _NEAREST:
                    nearest[path] = None
        files = [self.file(path) for path in nearest]
        return [file for file in files if file is not None]

    def _bytes(self, path: Path) -> bytes:
        newer = self.overlay.get(path)
        if newer is not None:
            return newer
        try:
            return path.read_bytes()
        except OSError:
            return b""


def is_type_checking(node: ast.AST) -> bool:
    """Whether an ``if`` guards code that only type checkers see."""
    if not isinstance(node, ast.If):
        return False
    name = node.test.attr if isinstance(node.test, ast.Attribute) else getattr(node.test, "id", "")
    return name == "TYPE_CHECKING"
