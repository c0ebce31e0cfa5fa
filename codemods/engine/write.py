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
import stat
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
    try:
        journal = _open_journal(pending)
    except (OSError, RuntimeError) as error:
        why = f"was not written, since its old text cannot be kept for `lfix undo`: {error}"
        problems += [Problem(report.path, why) for report in pending]
        return Written((), tuple(problems))
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
    """Restore what the newest run wrote at or below ``folder``.

    A file that was edited since is left and reported; files that still are as before are skipped.
    Raises NothingToUndoError.
    """
    journal, manifest, below = _newest(Path(os.path.realpath(folder)))
    restored: list[Path] = []
    problems: list[Problem] = []
    for entry in below:
        path = Path(entry["path"])
        try:
            _temporary(path, journal.name).unlink(missing_ok=True)
            now = _digest(path.read_bytes())
            old = (journal / entry["blob"]).read_bytes()
        except OSError as error:
            problems.append(Problem(path, f"cannot be restored: {error.strerror or error}"))
            continue
        if now == entry["before"]:
            continue
        if now != entry["after"]:
            kept = journal / entry["blob"]
            message = (
                f"was changed after lfix wrote it and is left alone; its old text is in {kept}"
            )
            problems.append(Problem(path, message))
            continue
        problem = _replace(path, old, journal.name)
        if problem:
            problems.append(problem)
        else:
            restored.append(path)
    rest = [entry for entry in manifest["files"] if entry not in below]
    if rest and not problems:
        _write_durably(journal / "rest", json.dumps({**manifest, "files": rest}, indent=1).encode())
        (journal / "rest").replace(journal / _MANIFEST)
    elif not problems:
        shutil.rmtree(journal)
    return Undone(tuple(restored), tuple(problems), str(manifest["when"]))


def previous(folder: Path) -> tuple[dict[Path, bytes], str]:
    """The text before lfix came, of what it wrote at or below a folder, and when it came first.

    Runs that follow each other count as one; what was changed by hand after the last of them is
    among it, what was changed between two is as it was between them. Empty where lfix wrote nothing
    that could be undone.
    """
    real = Path(os.path.realpath(folder))
    found: dict[Path, bytes] = {}
    since: dict[Path, str] = {}
    when = ""
    for journal in reversed(_journals(state_folder() / "journal")):
        manifest = json.loads((journal / _MANIFEST).read_text())
        for entry in manifest["files"]:
            path = Path(entry["path"])
            if not path.is_relative_to(real) or since.get(path, entry["after"]) != entry["after"]:
                continue
            with contextlib.suppress(OSError):
                found[path] = (journal / entry["blob"]).read_bytes()
                since[path] = entry["before"]
                when = str(manifest["when"])
    return found, when


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
    folder.parent.mkdir(parents=True, exist_ok=True)
    building.mkdir(mode=0o700)
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
    if not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        return Problem(path, "is read-only and was not written")
    temporary = _temporary(path, journal)
    try:
        _write_durably(temporary, data)
        old = path.stat()
        with contextlib.suppress(OSError):
            os.chown(temporary, old.st_uid, old.st_gid)
        temporary.chmod(stat.S_IMODE(old.st_mode))
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        return Problem(path, f"could not be written and is as it was: {error.strerror or error}")
    return None


def _temporary(path: Path, journal: str) -> Path:
    # Not the file's own name with more behind it: that may be longer than a name can be.
    return path.with_name(f".{journal}.{_digest(os.fsencode(path.name))[:12]}.lfix")


def _write_durably(path: Path, data: bytes) -> None:
    # For the user's eyes only, until it gets the permissions of the file that it stands for.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
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


def _newest(folder: Path) -> tuple[Path, dict[str, Any], list[dict[str, str]]]:
    """The newest journal with files at or below a folder, its manifest, and those files."""
    for journal in reversed(_journals(state_folder() / "journal")):
        manifest = json.loads((journal / _MANIFEST).read_text())
        below = [e for e in manifest["files"] if Path(e["path"]).is_relative_to(folder)]
        if below:
            return journal, manifest, below
    raise NothingToUndoError(f"lfix has written nothing at or below {folder} that could be undone")


def _journals(base: Path) -> list[Path]:
    """The complete journals, oldest first; one that ends in ``.new`` was never finished."""
    return sorted(p for p in base.glob("*") if p.suffix != ".new" and (p / _MANIFEST).is_file())


def _prune(newest: Path) -> None:
    """Old journals go, so that the state folder does not grow for ever."""
    for old in _journals(newest.parent)[:-_KEPT]:
        shutil.rmtree(old, ignore_errors=True)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
