"""Which files a run looks at: the paths given, .gitignore respected, environments skipped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pathspec

from ..model import Problem

_SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        "__pycache__", "node_modules", "site-packages", ".venv", "venv", ".eggs", "__pypackages__",
    }
)  # fmt: skip


class Walk:
    """The Python files under some paths. ``problems`` fills while it is iterated."""

    def __init__(self, paths: list[Path], exclude: tuple[str, ...], root: Path | None) -> None:
        self.paths = paths
        self.root = root
        self.exclude = pathspec.GitIgnoreSpec.from_lines(exclude) if exclude else None
        self.problems: list[Problem] = []
        self._seen: set[str] = set()

    def files(self) -> Iterator[Path]:
        """Resolved paths, each once, in a stable order."""
        for path in self.paths:
            if path.is_dir():
                yield from self._folder(str(path.resolve()))
            elif path.exists():
                yield from self._once(str(path.resolve()))
            elif path.is_symlink():
                self.problems.append(Problem(path, "is a link that leads nowhere"))
            else:
                self.problems.append(Problem(path, "does not exist"))

    def _once(self, path: str) -> Iterator[Path]:
        if path not in self._seen:
            self._seen.add(path)
            yield Path(path)

    def _folder(self, top: str) -> Iterator[Path]:
        inherited = _inherited_ignores(top)
        yield from self._descend(top, inherited)

    def _descend(
        self, folder: str, ignores: list[tuple[str, pathspec.GitIgnoreSpec]]
    ) -> Iterator[Path]:
        real = os.path.realpath(folder)
        if real in self._seen:
            return
        self._seen.add(real)
        try:
            entries = sorted(os.scandir(folder), key=lambda e: e.name)
        except OSError as error:
            self.problems.append(Problem(Path(folder), f"cannot be listed: {error.strerror}"))
            return
        if any(e.name == ".gitignore" for e in entries):
            own = _read_ignore(os.path.join(folder, ".gitignore"))
            ignores = [*ignores, (folder, own)] if own else ignores
        folders = []
        for entry in entries:
            try:
                is_folder = entry.is_dir()
            except OSError as error:
                # A link loop: told if it pretends to be Python, of no interest otherwise.
                if entry.name.endswith(".py"):
                    self.problems.append(
                        Problem(Path(entry.path), f"cannot be read: {error.strerror}")
                    )
                continue
            if not is_folder and not entry.name.endswith(".py"):
                continue
            if self._left_out(entry.path, is_folder=is_folder, ignores=ignores):
                continue
            if not is_folder:
                yield from self._once(
                    entry.path if not entry.is_symlink() else os.path.realpath(entry.path)
                )
            elif entry.name.endswith(".py"):
                self.problems.append(
                    Problem(Path(entry.path), "is a folder, though its name ends in .py")
                )
                folders.append(entry.path)
            elif (
                entry.name not in _SKIPPED
                and not entry.is_symlink()
                and not _is_environment(entry.path)
            ):
                folders.append(entry.path)
        for inner in folders:
            yield from self._descend(inner, ignores)

    def _left_out(
        self, path: str, *, is_folder: bool, ignores: list[tuple[str, pathspec.GitIgnoreSpec]]
    ) -> bool:
        if self.exclude is not None and _match(
            self.exclude, path, str(self.root or Path.cwd()), is_folder=is_folder
        ):
            return True
        verdict = False
        for base, spec in ignores:
            result = _check(spec, path, base, is_folder=is_folder)
            verdict = verdict if result is None else result
        return verdict


def _relative(path: str, base: str, *, is_folder: bool) -> str:
    relative = os.path.relpath(path, base).replace(os.sep, "/")
    return relative + "/" if is_folder else relative


def _match(spec: pathspec.GitIgnoreSpec, path: str, base: str, *, is_folder: bool) -> bool:
    return spec.match_file(_relative(path, base, is_folder=is_folder))


def _check(spec: pathspec.GitIgnoreSpec, path: str, base: str, *, is_folder: bool) -> bool | None:
    return spec.check_file(_relative(path, base, is_folder=is_folder)).include


def _read_ignore(path: str) -> pathspec.GitIgnoreSpec | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            return pathspec.GitIgnoreSpec.from_lines(lines.read().splitlines())
    except OSError:
        return None


def _inherited_ignores(top: str) -> list[tuple[str, pathspec.GitIgnoreSpec]]:
    """The .gitignore files above a folder, up to the repository's own."""
    chain: list[tuple[str, pathspec.GitIgnoreSpec]] = []
    for folder in (Path(top), *Path(top).parents):
        if (folder / ".git").exists():
            above = [p for p in (Path(top), *Path(top).parents) if folder in (p, *p.parents)]
            for parent in reversed(above[1:] if above and above[0] == Path(top) else above):
                spec = _read_ignore(str(parent / ".gitignore"))
                if spec:
                    chain.append((str(parent), spec))
            return chain
    return chain


def _is_environment(folder: str) -> bool:
    """A virtual or conda environment, whatever it is called."""
    return os.path.exists(os.path.join(folder, "pyvenv.cfg")) or os.path.isdir(
        os.path.join(folder, "conda-meta")
    )
