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


def options(folders: Iterable[Path]) -> Mapping[str, frozenset[str]]:
    """The options by name, each with the values that it is given; none for one without a value."""
    found: dict[str, set[str]] = {}
    for path in _paths(folders):
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


def _paths(folders: Iterable[Path]) -> Iterator[Path]:
    for folder in _folders(folders):
        try:
            held = sorted(p for p in folder.iterdir() if _FILES.fullmatch(p.name))
        except OSError:
            continue
        for path in held:
            try:
                readable = path.is_file() and path.stat().st_size < _LARGEST
            except OSError:
                continue
            if readable:
                yield path


def _folders(tops: Iterable[Path]) -> list[Path]:
    """Some folders and those below them, the nearest first, no more than are soon listed."""
    found = dict.fromkeys(tops)
    level = list(found)
    for _ in range(_DEPTH):
        level = [inner for folder in level for inner in _inside(folder) if inner not in found]
        level = level[: _MOST - len(found)]
        found |= dict.fromkeys(level)
    return list(found)


def _inside(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as held:
            names = [e.name for e in held if e.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return [folder / n for n in sorted(names) if n not in SKIPPED and not n.startswith(".")]
