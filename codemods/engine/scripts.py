"""Which options the command lines of a project use, in its shell scripts and its documentation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_FILES = re.compile(
    r"(.*\.(sh|bash|md|rst|slurm|sbatch)|readme.*|makefile|justfile)", re.IGNORECASE
)
_FOLDERS = ("", "scripts", "script", "bin", "docs")
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
    for folder in (f / name for f in dict.fromkeys(folders) for name in _FOLDERS):
        try:
            held = sorted(folder.iterdir())
        except OSError:
            continue
        for path in held:
            try:
                small = path.is_file() and path.stat().st_size < _LARGEST
            except OSError:
                continue
            if small and _FILES.fullmatch(path.name):
                yield path
