"""What git knows of files: which of them hold changes that nobody committed."""

from __future__ import annotations

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

#: A command line holds only so many names.
_PORTION = 500


def uncommitted(paths: Iterable[Path]) -> Mapping[Path, str]:
    """Those of ``paths`` that git would lose (changed, staged or never added), each with why.

    Files of a repository that git cannot read count too. Files outside of a repository, and
    ignored ones, do not; nor does any where git is not installed.
    """
    by_folder: dict[Path, list[Path]] = defaultdict(list)
    for path in paths:
        by_folder[path.parent].append(path)
    found: dict[Path, str] = {}
    for folder, files in by_folder.items():
        for start in range(0, len(files), _PORTION):
            found |= _dirty_among(folder, files[start : start + _PORTION])
    return found


def _dirty_among(folder: Path, files: list[Path]) -> dict[Path, str]:
    # A repository may name a program to run as its file system monitor; none is to run here.
    git = ["git", "-c", "core.fsmonitor=false", "-C", str(folder)]
    status = ["status", "--porcelain", "-z", "--no-renames", "--untracked-files=all"]
    command = [*git, *status, "--", *(f.name for f in files)]
    # Another repository's variables (in a git hook, say) must not decide.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_LITERAL_PATHSPECS": "1", "LC_ALL": "C"}
    try:
        done = subprocess.run(command, capture_output=True, env=environment, check=False)
    except OSError:
        return {}
    if done.returncode != 0:
        told = os.fsdecode(done.stderr).strip().partition("\n")[0]
        if "not a git repository" in told:
            return {}
        return dict.fromkeys(files, f"lies in a repository that git cannot read ({told})")
    entries = [os.fsdecode(e) for e in done.stdout.split(b"\0") if e]
    names = {os.path.basename(entry[3:]) for entry in entries}
    return {f: "has uncommitted changes" for f in files if f.name in names}


def refusal(paths: Iterable[Path]) -> str | None:
    """Why the repository of some paths cannot take commits now; None where it can."""
    folder = _folder_of(next(iter(paths), Path()))
    if _git(folder, "rev-parse", "--show-toplevel").returncode != 0:
        return f"{folder} lies in no git repository; leave out --commit"
    if _git(folder, "diff", "--cached", "--quiet").returncode != 0:
        return "something is staged already; commit it, or take it back with `git restore --staged`"
    return None


def commit(paths: Iterable[Path], message: str) -> str | None:
    """Commit some files and nothing else, hooks and all; what git says where it refuses."""
    files = [str(path) for path in paths]
    folder = _folder_of(Path(files[0]))
    for words in (("add", "--", *files), ("commit", "--quiet", "--message", message, "--", *files)):
        done = _git(folder, *words)
        if done.returncode != 0:
            said = os.fsdecode(done.stderr or done.stdout).strip().splitlines()
            return said[-1] if said else f"exit status {done.returncode}"
    return None


def _folder_of(path: Path) -> Path:
    real = path.resolve()
    return real if real.is_dir() else real.parent


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_INDEX")}
    environment |= {"GIT_LITERAL_PATHSPECS": "1"}
    command = ["git", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, env=environment, check=False)
