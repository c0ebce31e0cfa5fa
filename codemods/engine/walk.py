"""Which files a run looks at: the paths given, .gitignore respected, environments skipped."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pathspec

from ..model import Problem

#: .gitignore files with the folders that they lie in, outermost first.
Ignores = list[tuple[str, pathspec.GitIgnoreSpec]]

#: Folders that hold no code of a project.
SKIPPED = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".mypy_cache", ".ruff_cache", ".pytest_cache",
        "__pycache__", "node_modules", "site-packages", ".venv", "venv", ".eggs", "__pypackages__",
    }
)  # fmt: skip


def _nothing(_: str) -> bool:
    return False


class Walk:
    """The Python files under some paths, and others whose name ``also`` accepts.

    ``problems`` fills while it is iterated.
    What is named by a path is looked at, whatever ignores or excludes it.
    """

    def __init__(
        self,
        paths: list[Path],
        exclude: tuple[str, ...],
        root: Path | None,
        also: Callable[[str], bool] = _nothing,
    ) -> None:
        self.paths = paths
        self.also = also
        self.root = str(root or Path.cwd())
        self.exclude = _spec(exclude) if exclude else None
        self.problems: list[Problem] = []
        self._seen: set[str] = set()

    def files(self) -> Iterator[Path]:
        """Resolved paths, each once, in a stable order."""
        for path in self.paths:
            real = os.path.realpath(path)
            if os.path.isdir(real):
                yield from self._folder(real)
            else:
                yield from self._file(real, path)

    def _file(self, real: str, named: Path) -> Iterator[Path]:
        if real in self._seen:
            return
        self._seen.add(real)
        problem = _not_a_file(real, named)
        if problem is not None:
            self.problems.append(Problem(named, problem))
        else:
            yield Path(real)

    def _folder(self, top: str) -> Iterator[Path]:
        ignores = _inherited_ignores(top)
        if any(_ignored(p, ignores) for p in _upwards(top)):
            ignores = []
        exclude = self.exclude
        if exclude is not None and top != self.root and _matches(exclude, top, self.root):
            self.exclude = None
        yield from self._descend(top, ignores, _skipped_below(top))
        self.exclude = exclude

    def _descend(self, folder: str, ignores: Ignores, skipped: frozenset[str]) -> Iterator[Path]:
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
            is_folder = _is_folder(entry)
            if not is_folder and not entry.name.endswith(".py") and not self.also(entry.name):
                continue
            if self._left_out(entry.path, is_folder=is_folder, ignores=ignores):
                continue
            if not is_folder:
                yield from self._entry(entry)
            elif entry.name.endswith(".py"):
                problem = "is a folder, though its name ends in .py"
                self.problems.append(Problem(Path(entry.path), problem))
                folders.append(entry.path)
            elif (
                entry.name not in skipped
                and not entry.is_symlink()
                and not _is_environment(entry.path)
            ):
                folders.append(entry.path)
        for inner in folders:
            yield from self._descend(inner, ignores, skipped)

    def _entry(self, entry: os.DirEntry[str]) -> Iterator[Path]:
        if not entry.is_file(follow_symlinks=False):
            yield from self._file(os.path.realpath(entry.path), Path(entry.path))
        elif entry.path not in self._seen:
            self._seen.add(entry.path)
            yield Path(entry.path)

    def _left_out(self, path: str, *, is_folder: bool, ignores: Ignores) -> bool:
        if self.exclude is not None and _matches(
            self.exclude, path, self.root, is_folder=is_folder
        ):
            return True
        return _ignored(path, ignores, is_folder=is_folder)


def kind_at(path: str) -> str:
    """What a path leads to: ``file``, ``folder``, or an empty string for nothing of these."""
    if os.path.isfile(path):
        return "file"
    return "folder" if os.path.isdir(path) else ""


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        # A link loop; if it pretends to be Python, reading it tells.
        return False


def _not_a_file(real: str, named: Path) -> str | None:
    """Why a path cannot be read as a file; reading a pipe or a device might never end."""
    try:
        mode = os.stat(real).st_mode
    except FileNotFoundError:
        return "is a link that leads nowhere" if os.path.islink(named) else "does not exist"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None if stat.S_ISREG(mode) else "is not a regular file"


def _skipped_below(top: str) -> frozenset[str]:
    """Names of folders to skip; in an environment that was named itself, packages are not."""
    named = any(os.path.basename(p) in SKIPPED or _is_environment(p) for p in _upwards(top))
    return SKIPPED - {"site-packages"} if named else SKIPPED


def _upwards(folder: str) -> list[str]:
    return [folder, *map(str, Path(folder).parents)]


def _ignored(path: str, ignores: Ignores, *, is_folder: bool = True) -> bool:
    verdict = False
    for base, spec in ignores:
        relative = _relative(path, base, is_folder=is_folder)
        if relative.startswith(("./", "../")):
            continue
        found = spec.check_file(relative).include
        verdict = verdict if found is None else found
    return verdict


def _matches(spec: pathspec.GitIgnoreSpec, path: str, base: str, *, is_folder: bool = True) -> bool:
    return spec.match_file(_relative(path, base, is_folder=is_folder))


def _relative(path: str, base: str, *, is_folder: bool) -> str:
    relative = os.path.relpath(path, base).replace(os.sep, "/")
    return relative + "/" if is_folder else relative


def _spec(lines: Sequence[str]) -> pathspec.GitIgnoreSpec:
    """The patterns of ``lines``; as in git, one that cannot be read, such as ``!``, is left out."""
    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return pathspec.GitIgnoreSpec.from_lines([line for line in lines if is_pattern(line)])


def is_pattern(line: str) -> bool:
    """Whether a line can stand in a .gitignore file."""
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def _read_ignore(path: str) -> pathspec.GitIgnoreSpec | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            return _spec(lines.read().splitlines())
    except OSError:
        return None


def _inherited_ignores(top: str) -> Ignores:
    """The .gitignore files above a folder, up to the repository's own."""
    folders = _upwards(top)
    marked = (i for i, f in enumerate(folders) if os.path.exists(os.path.join(f, ".git")))
    above = reversed(folders[1 : next(marked, 0) + 1])
    found = [(f, _read_ignore(os.path.join(f, ".gitignore"))) for f in above]
    return [(folder, spec) for folder, spec in found if spec is not None]


def _is_environment(folder: str) -> bool:
    """A virtual or conda environment, whatever it is called."""
    return os.path.exists(os.path.join(folder, "pyvenv.cfg")) or os.path.isdir(
        os.path.join(folder, "conda-meta")
    )
