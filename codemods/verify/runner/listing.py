"""What lies in a tree, and how two looks at it differ."""

from __future__ import annotations

import os
import stat
from typing import Dict, Tuple

#: Folders that are not the project.
SKIPPED = frozenset(
    {
        ".git",
        ".hg",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        "__pycache__",
        "node_modules",
    }
)

Listing = Dict[str, Tuple[int, int]]

_SHOWN = 20


def is_skipped(path: str) -> bool:
    """Whether the folder is version control, a cache or a virtual environment."""
    return (
        os.path.basename(path) in SKIPPED
        or os.path.isfile(os.path.join(path, "pyvenv.cfg"))
        or os.path.isdir(os.path.join(path, "conda-meta"))
    )


def listing(root: str) -> Listing:
    """Every entry of the tree with its size and time of change (in nanoseconds)."""
    entries = {}
    for folder, names, files in os.walk(root):
        names[:] = [name for name in names if not is_skipped(os.path.join(folder, name))]
        for name in names + files:
            full = os.path.join(folder, name)
            try:
                found = os.lstat(full)
            except OSError:
                continue
            is_folder = stat.S_ISDIR(found.st_mode)
            path = os.path.relpath(full, root)
            entries[path] = (-1, 0) if is_folder else (found.st_size, found.st_mtime_ns)
    return entries


def difference(before: Listing, after: Listing) -> Tuple[str, ...]:
    """What appeared, vanished or changed, as sentences."""
    appeared = [f"{path} appeared" for path in sorted(after.keys() - before.keys())]
    vanished = [f"{path} vanished" for path in sorted(before.keys() - after.keys())]
    both = sorted(before.keys() & after.keys())
    changed = [f"{path} changed" for path in both if before[path] != after[path]]
    return tuple(appeared + vanished + changed)


def few(sentences: Tuple[str, ...]) -> Tuple[str, ...]:
    """Not more than one wants to read."""
    more = len(sentences) - _SHOWN
    return sentences if more <= 0 else (*sentences[:_SHOWN], f"and {more} more")
