"""Which options the command lines of a project use, in its shell scripts and its documentation."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from .walk import SKIPPED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_FILES = re.compile(
    r"(.*\.(sh|bash|md|rst|slurm|sbatch)|readme.*|makefile|justfile)", re.IGNORECASE
)
#: How far down scripts are looked for, and in how many folders at the most.
_DEPTH, _MOST = 4, 400
_OPTION = re.compile(r"(?<![\w-])--(?P<name>[A-Za-z]\w*)(?:[ \t=]+(?P<value>(?!--)[^\s\\`|&;]+))?")
_LARGEST = 1_000_000


class Scripts:
    """The options in scripts and documents; each folder is listed, and each file read, once."""

    def __init__(self) -> None:
        self._below: dict[Path, list[Path]] = {}
        self._said: dict[Path, Mapping[str, frozenset[str]]] = {}

    def options(self, folders: Iterable[Path]) -> Mapping[str, frozenset[str]]:
        """The options by name, each with the values that it is given; none for one without."""
        found: dict[str, set[str]] = {}
        for folder in self._folders(folders):
            if folder not in self._said:
                self._said[folder] = _options_in(folder)
            for name, values in self._said[folder].items():
                found.setdefault(name, set()).update(values)
        return {name: frozenset(values) for name, values in found.items()}

    def _folders(self, tops: Iterable[Path]) -> list[Path]:
        """Some folders and those below them, nearest first, no more than are soon listed."""
        found = dict.fromkeys(tops)
        level = list(found)
        for _ in range(_DEPTH):
            level = [f for folder in level for f in self._inside(folder) if f not in found]
            level = level[: _MOST - len(found)]
            found |= dict.fromkeys(level)
        return list(found)

    def _inside(self, folder: Path) -> list[Path]:
        if folder not in self._below:
            self._below[folder] = _inside(folder)
        return self._below[folder]


def _options_in(folder: Path) -> dict[str, frozenset[str]]:
    """The options in the files that lie in a folder itself."""
    found: dict[str, set[str]] = {}
    for path in _paths(folder):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for match in _OPTION.finditer(text):
            values = found.setdefault(match["name"], set())
            value = match["value"]
            if value:
                values.add(value.strip("'\""))
    return {name: frozenset(values) for name, values in found.items()}


def _paths(folder: Path) -> Iterator[Path]:
    try:
        held = sorted(p for p in folder.iterdir() if _FILES.fullmatch(p.name))
    except OSError:
        return
    for path in held:
        try:
            readable = path.is_file() and path.stat().st_size < _LARGEST
        except OSError:
            continue
        if readable:
            yield path


def _inside(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as held:
            names = [e.name for e in held if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / n for n in sorted(names) if n not in SKIPPED and not n.startswith(".")]
