"""Where the modules lie that imports name, and which of them are the project's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from .places import MARKERS, Places
from .scripts import Scripts

if TYPE_CHECKING:
    from .places import Surroundings

#: Folders in which packages of many origins lie side by side.
_INSTALLED = ("site-packages", "dist-packages")
#: Packages that nobody means when a folder of their name lies about: copies of the real ones.
_FOREIGN = frozenset(
    {"torch", "torchvision", "torchaudio", "torchmetrics", "torch_geometric", "numpy",
     "pytorch_lightning", "lightning_fabric", "lightning_utilities"}
)  # fmt: skip


class Layout:
    """Answers about modules and folders, each looked up once."""

    def __init__(self) -> None:
        self.scripts = Scripts()
        self._places = Places()
        self._modules: dict[tuple[str, str], Path | None] = {}
        self._local: dict[tuple[str, str], bool] = {}
        self._roots: dict[str, tuple[str, ...]] = {}
        self._chains: dict[str, list[str]] = {}
        self._folders: dict[Path, str] = {}

    def news(self) -> Surroundings:
        """What was looked at since the last time that this was asked."""
        return self._places.news()

    def module_path(self, importer: Path, dotted: str) -> Path | None:
        """Where a module lies, None where it is not a file of the project."""
        folder = self._folder(importer)
        key = (folder, dotted)
        if key not in self._modules:
            self._modules[key] = self._find(folder, dotted)
        return self._modules[key]

    def is_local(self, importer: Path, dotted: str) -> bool:
        """Whether the top package of an absolute import lies in the project."""
        top = dotted.partition(".")[0]
        folder = self._folder(importer)
        key = (folder, top)
        known = self._local.get(key)
        if known is None:
            known = self._local[key] = self.module_path(importer, top) is not None or any(
                self.kind(os.path.join(root, top)) == "folder"
                for root in self._roots_for(folder, top)
            )
        return known

    def _folder(self, importer: Path) -> str:
        folder = self._folders.get(importer)
        if folder is None:
            folder = self._folders[importer] = os.path.dirname(importer)
        return folder

    def _find(self, folder: str, dotted: str) -> Path | None:
        if dotted.startswith("."):
            level = len(dotted) - len(dotted.lstrip("."))
            base = folder
            for _ in range(level - 1):
                base = os.path.dirname(base)
            return self._at(base, dotted.lstrip("."))
        roots = self._roots_for(folder, dotted.partition(".")[0])
        return next((found for root in roots if (found := self._at(root, dotted))), None)

    def _roots_for(self, folder: str, top: str) -> list[str]:
        """The roots for a top-level package; what is installed beside a package is foreign."""
        if top in _FOREIGN:
            return []
        return [root for root in self.roots(folder) if not self._is_foreign(root, top, folder)]

    def _is_foreign(self, root: str, top: str, folder: str) -> bool:
        """Whether ``root/top`` would be somebody else's package: an installed or a copied one."""
        if os.path.basename(root) in _INSTALLED:
            package = os.path.join(root, top)
            if package != folder and not folder.startswith(package + os.sep):
                return True
        # A project may have a package of its own called lightning; the real one holds pytorch.
        return top == "lightning" and self.kind(os.path.join(root, top, "pytorch")) == "folder"

    def _at(self, base: str, dotted: str) -> Path | None:
        stem = os.path.join(base, *dotted.split(".")) if dotted else base
        for candidate in (os.path.join(stem, "__init__.py"), stem + ".py"):
            if self.kind(candidate) == "file":
                return Path(candidate)
        return None

    def kind(self, path: str) -> str:
        """What lies at a path; taken down, since the result of the run depends on it."""
        return self._places.kind(path)

    def roots(self, folder: str) -> tuple[str, ...]:
        """Folders that absolute imports of files in ``folder`` may start from, likeliest first.

        A folder with an ``__init__.py`` is on ``sys.path`` only for a script started in it, so
        such folders come last.
        """
        if folder not in self._roots:
            chain = self.upwards(folder)
            plain = [p for p in chain if self.kind(os.path.join(p, "__init__.py")) != "file"]
            packages = [p for p in chain if p not in plain]
            sources = [
                source for p in plain if self.kind(source := os.path.join(p, "src")) == "folder"
            ]
            self._roots[folder] = (*plain, *sources, *packages)
        return self._roots[folder]

    def upwards(self, folder: str) -> list[str]:
        """``folder`` and those above it up to the project's own, or a few where none is marked."""
        if folder not in self._chains:
            chain = [folder, *map(str, Path(folder).parents)][:12]
            marked = (
                index
                for index, candidate in enumerate(chain)
                if any(self.kind(os.path.join(candidate, marker)) for marker in MARKERS)
            )
            self._chains[folder] = chain[: next(marked, 3) + 1]
        return self._chains[folder]
