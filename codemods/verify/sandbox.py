"""The copy that a verification runs in, so that nothing appears in the user's tree."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .request import RequestError
from .runner.listing import is_skipped

# Above this a file is data: it is linked, not copied.
LINKED_FROM_BYTES = 5_000_000
# A folder with more files than this and no Python below it is data as a whole.
LINKED_FROM_FILES = 2_000


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A copy of ``root``; both paths are resolved.

    ``guarded`` are the places that must not be written to: the tree, and what its links lead to.
    """

    root: Path
    copy: Path
    guarded: tuple[Path, ...]

    def to_copy(self, path: Path) -> Path:
        """The place in the copy that stands for ``path``; ``path`` where the copy has none.

        A path that is not there yet goes where its folder went.
        """
        full = Path(os.path.normpath(path.absolute()))
        if not full.is_relative_to(self.root):
            return path
        there = full
        while not os.path.lexists(there) and there != self.root:
            there = there.parent
        if not os.path.lexists(self.copy / there.relative_to(self.root)):
            return path
        return self.copy / full.relative_to(self.root)

    def argument(self, text: str) -> str:
        """A command-line argument or variable with its absolute paths led into the copy.

        Both ``/project/data`` and ``--data=/project/data`` are understood.
        """
        head, equals, tail = text.rpartition("=") if not text.startswith("/") else ("", "", text)
        if not tail.startswith(os.sep):
            return text
        return head + equals + str(self.to_copy(Path(tail)))


def make_sandbox(root: Path, copy: Path, changes: Mapping[Path, bytes]) -> Sandbox:
    """Copy ``root`` to ``copy``, which must not exist, and lay ``changes`` over it.

    Raises:
        RequestError: a change lies outside of ``root``.
    """
    copier = _Copier(root, copy)
    copier.folder(root)
    for path, content in changes.items():
        full = path.resolve()
        if not full.is_relative_to(root):
            raise RequestError(f"{path} is not below the project root {root}")
        target = copy / full.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.write_bytes(content)
    return Sandbox(root, copy, (root, *copier.led_to))


class _Copier:
    """Copies a tree; ``led_to`` collects what its links mean outside of it."""

    def __init__(self, root: Path, copy: Path) -> None:
        self._root = root
        self._copy = copy
        self.led_to: list[Path] = []

    def folder(self, source: Path) -> None:
        target = self._copy / source.relative_to(self._root)
        target.mkdir(parents=True)
        for entry in _entries(source):
            path, to = Path(entry.path), target / entry.name
            if self._copy.is_relative_to(path):
                continue
            if entry.is_symlink():
                self._link(path, to)
            elif entry.is_file():
                _copy_file(path, to)
            elif not entry.is_dir() or is_skipped(str(path)):
                continue
            elif _is_data(path):
                to.symlink_to(path)
            else:
                self.folder(path)

    def _link(self, path: Path, to: Path) -> None:
        """A link into the tree leads to the same place of the copy, others to their target."""
        target = Path(os.path.normpath(path.parent / path.readlink()))
        if target.is_relative_to(self._root) and not self._is_left_out(target):
            to.symlink_to(os.path.relpath(target, path.parent))
            return
        to.symlink_to(target)
        self.led_to.append(Path(os.path.realpath(target)))

    def _is_left_out(self, target: Path) -> bool:
        between = [folder for folder in target.parents if folder.is_relative_to(self._root)]
        return any(is_skipped(str(folder)) for folder in (target, *between))


def _copy_file(path: Path, to: Path) -> None:
    try:
        if path.stat().st_size <= LINKED_FROM_BYTES:
            shutil.copy2(path, to)
            return
    except PermissionError:
        to.unlink(missing_ok=True)
    to.symlink_to(path)


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            yield from sorted(found, key=lambda entry: entry.name)
    except PermissionError:
        return


def _is_data(folder: Path) -> bool:
    """Whether the folder is large and has no code below it."""
    count = 0
    for _, _, files in os.walk(folder):
        if any(name.endswith((".py", ".pyi", ".ipynb")) for name in files):
            return False
        count += len(files)
    return count > LINKED_FROM_FILES
