"""What git knows of files: which of them hold changes that nobody committed."""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path


def uncommitted(paths: Iterable[Path]) -> frozenset[Path]:
    """Those of ``paths`` that git would lose: changed, staged or never added.

    Files outside of a repository, and ignored ones, are not among them; nor is any where git is
    not installed.
    """
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        by_folder[path.parent].append(path)
    found: set[Path] = set()
    for folder, files in by_folder.items():
        found |= _dirty_in(folder, files)
    return frozenset(found)


def _dirty_in(folder: Path, files: list[Path]) -> set[Path]:
    command = ["git", "-C", str(folder), "status", "--porcelain", "-z", "--no-renames",
               "--untracked-files=all", "--", *[f.name for f in files]]  # fmt: skip
    # Another repository's variables (in a git hook, say) must not decide.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment["GIT_OPTIONAL_LOCKS"] = "0"
    environment["GIT_LITERAL_PATHSPECS"] = "1"
    try:
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
    except OSError:
        return set()
    if done.returncode != 0:
        return set()
    entries = [os.fsdecode(e) for e in done.stdout.split(b"\0") if e]
    names = {os.path.basename(entry[3:]) for entry in entries}
    return {f for f in files if f.name in names}
