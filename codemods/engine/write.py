"""Writing: a journal first, then one atomic replacement per file; and the way back.

The journal lies in the user's state folder, not in the project, and holds the old bytes. It is
complete on disk before the first file is touched, so ``undo`` works after a crash too.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..model import FileReport, Problem

_MANIFEST = "manifest.json"
_KEPT = 20


@dataclass(frozen=True)
class Written:
    """What became of a request to write: paths written, and why others were not."""

    paths: tuple[Path, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Undone:
    """What ``undo`` did: paths restored, and those that had to be left."""

    restored: tuple[Path, ...]
    problems: tuple[Problem, ...]
    when: str


class NothingToUndoError(Exception):
    """No journal holds files at or below the folder asked for."""


def state_folder() -> Path:
    """Where journals are kept: ``$XDG_STATE_HOME/lfix``, else ``~/.local/state/lfix``."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "lfix"


def write(reports: Iterable[FileReport]) -> Written:
    """Write the changed files; one that is no longer what was scanned is refused."""
    pending: list[FileReport] = []
    problems: list[Problem] = []
    for report in reports:
        if not report.changed:
            continue
        problem = _not_as_scanned(report)
        if problem:
            problems.append(problem)
        else:
            pending.append(report)
    if not pending:
        return Written((), tuple(problems))
    journal = _open_journal(pending)
    written = []
    for report in pending:
        problem = _not_as_scanned(report)
        if problem is None:
            problem = _replace(report.path, report.after, journal.name)
        if problem:
            problems.append(problem)
        else:
            written.append(report.path)
    _prune(journal)
    return Written(tuple(written), tuple(problems))


def undo(folder: Path) -> Undone:
    """Restore what the newest run below ``folder`` wrote.

    A file that was edited since is left and reported; files that still are as before are skipped.
    Raises NothingToUndoError.
    """
    journal, manifest = _newest(folder.resolve())
    restored: list[Path] = []
    problems: list[Problem] = []
    for entry in manifest["files"]:
        path = Path(entry["path"])
        _temporary(path, journal.name).unlink(missing_ok=True)
        try:
            now = path.read_bytes()
        except OSError as error:
            problems.append(Problem(path, f"cannot be restored: {error.strerror or error}"))
            continue
        if _digest(now) == entry["before"]:
            continue
        if _digest(now) != entry["after"]:
            kept = journal / entry["blob"]
            problems.append(
                Problem(
                    path,
                    f"was changed after lfix wrote it and is left alone; its old text is in {kept}",
                )
            )
            continue
        problem = _replace(path, (journal / entry["blob"]).read_bytes(), journal.name)
        if problem:
            problems.append(problem)
        else:
            restored.append(path)
    if not problems:
        shutil.rmtree(journal)
    return Undone(tuple(restored), tuple(problems), str(manifest["when"]))


def _not_as_scanned(report: FileReport) -> Problem | None:
    try:
        now = report.path.read_bytes()
    except OSError as error:
        return Problem(report.path, f"was not written: {error.strerror or error}")
    if now != report.before:
        return Problem(
            report.path, "was changed while lfix ran and was not written; run lfix again"
        )
    return None


def _open_journal(reports: Sequence[FileReport]) -> Path:
    name = f"{time.strftime('%Y%m%d-%H%M%S')}-{time.time_ns() % 10**9:09d}-{secrets.token_hex(3)}"
    folder = state_folder() / "journal" / name
    building = folder.with_name(folder.name + ".new")
    building.mkdir(parents=True)
    entries = []
    for index, report in enumerate(reports):
        blob = f"{index}.before"
        _write_durably(building / blob, report.before)
        entries.append(
            {
                "path": str(report.path),
                "before": _digest(report.before),
                "after": _digest(report.after),
                "blob": blob,
            }
        )
    manifest = {"when": time.strftime("%Y-%m-%d %H:%M:%S"), "files": entries}
    _write_durably(building / _MANIFEST, json.dumps(manifest, indent=1).encode())
    building.rename(folder)
    _sync_folder(folder.parent)
    return folder


def _replace(path: Path, data: bytes, journal: str) -> Problem | None:
    """Put ``data`` in the place of a file in one step, with the file's own permissions."""
    temporary = _temporary(path, journal)
    try:
        _write_durably(temporary, data)
        shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        return Problem(path, f"could not be written and is as it was: {error.strerror or error}")
    return None


def _temporary(path: Path, journal: str) -> Path:
    return path.with_name(f".{path.name}.{journal}.lfix")


def _write_durably(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _newest(folder: Path) -> tuple[Path, dict[str, Any]]:
    base = state_folder() / "journal"
    names = sorted((p for p in base.glob("*") if (p / _MANIFEST).is_file()), reverse=True)
    for journal in names:
        manifest = json.loads((journal / _MANIFEST).read_text())
        paths = [Path(e["path"]) for e in manifest["files"]]
        if any(folder == p or folder in p.parents for p in paths):
            return journal, manifest
    raise NothingToUndoError(f"lfix has written nothing at or below {folder} that could be undone")


def _prune(newest: Path) -> None:
    """Old journals go, so that the state folder does not grow for ever."""
    journals = sorted(p for p in newest.parent.glob("*") if (p / _MANIFEST).is_file())
    for old in journals[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
