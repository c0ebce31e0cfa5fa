"""The upgrade of a checkpoint: on a copy, by Lightning itself, the original kept beside it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ..engine.checkpoint import UnreadableCheckpointError, read
from ..engine.walk import kind_at

_CHILD = Path(__file__).parent / "runner" / "checkpoint.py"
_QUIET = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1", "PYTHONWARNINGS": "default"}
_OURS = ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT", "__PYVENV_LAUNCHER__")
KEPT = ".bak"


class Status(str, Enum):
    """What became of a checkpoint."""

    UPGRADED = "upgraded"
    CURRENT = "current"
    #: Upgraded or not: it can only be read with ``weights_only=False``.
    OBJECTS = "holds objects"
    UNTRUSTED = "not trusted"
    FAILED = "failed"
    UNVERIFIABLE = "not verifiable"
    BROKEN = "broken"
    #: Where nothing was to be written.
    OLD = "old"

    @property
    def exit_code(self) -> int:
        """The exit code of a run on this checkpoint alone."""
        return _EXITS.get(self, 0)


_EXITS = {
    Status.OBJECTS: 1,
    Status.UNTRUSTED: 1,
    Status.OLD: 1,
    Status.BROKEN: 2,
    Status.FAILED: 3,
    Status.UNVERIFIABLE: 4,
}


@dataclass(frozen=True)
class Upgrade:
    """What became of a checkpoint, and why; ``kept`` is where the original lies."""

    path: Path
    status: Status
    reason: str
    before: str = ""
    after: str = ""
    kept: Path | None = None
    applied: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Manner:
    """How to upgrade.

    ``cls`` is the module that has to load the result, as ``package.module:Class``. Only what is
    ``trusted`` is read with the objects that it holds, which runs whatever code it asks for.
    ``timeout`` is in seconds, for one checkpoint.
    """

    python: Path
    cls: str = ""
    trusted: bool = False
    to_cpu: bool = False
    dry: bool = False
    timeout: float = 600.0


def found(paths: list[Path]) -> tuple[list[Path], list[Upgrade]]:
    """The checkpoints at and below some paths, and what is wrong with paths."""
    files: dict[Path, None] = {}
    wrong = []
    for path in paths:
        real = Path(os.path.realpath(path))
        if kind_at(str(real)) == "file":
            files[real] = None
        elif kind_at(str(real)) != "folder":
            is_there = os.path.lexists(path)
            reason = "is neither a file nor a folder" if is_there else "does not exist"
            wrong.append(Upgrade(path, Status.BROKEN, reason))
        else:
            below = sorted(p for p in real.rglob("*.ckpt") if p.is_file())
            if not below:
                wrong.append(Upgrade(path, Status.BROKEN, "holds no .ckpt files"))
            for file in below:
                target = Path(os.path.realpath(file))
                if target.is_relative_to(real):
                    files[target] = None
                else:
                    reason = f"is a link that leads out of {path}: name the file itself"
                    wrong.append(Upgrade(file, Status.BROKEN, reason))
    return list(files), wrong


def upgrade(path: Path, manner: Manner) -> Upgrade:
    """Upgrade one checkpoint, and write it only where the result can be read and holds the same."""
    try:
        held = read(path)
    except UnreadableCheckpointError as error:
        return Upgrade(path, Status.BROKEN, str(error))
    if not held.version:
        return Upgrade(path, Status.BROKEN, "is no checkpoint of Lightning")
    objects = ", ".join(held.refused)
    if objects and held.is_old and not manner.trusted:
        reason = (
            f"holds {objects}: it can only be read as objects, which runs whatever code the file "
            "asks for; pass --trust if you trust it"
        )
        return Upgrade(path, Status.UNTRUSTED, reason, held.version)
    if objects and not held.is_old:
        reason = f"needs no upgrade, but holds {objects}: read it with weights_only=False"
        return Upgrade(path, Status.OBJECTS, reason, held.version, held.version)
    if not held.is_old and not manner.cls:
        return Upgrade(path, Status.CURRENT, "needs no upgrade", held.version, held.version)
    kept = path.with_name(path.name + KEPT)
    obstacle = _obstacle(path, kept) if held.is_old else ""
    if obstacle:
        return Upgrade(path, Status.BROKEN, obstacle, held.version)
    if manner.dry:
        return Upgrade(path, Status.OLD, f"written by {held.version}", held.version)
    return _upgraded(path, kept, held.version, objects, manner, write=held.is_old)


def _obstacle(path: Path, kept: Path) -> str:
    if os.path.lexists(kept):
        return f"{kept.name} is there already, from an earlier upgrade perhaps: move it away"
    if not os.access(path, os.W_OK):
        return "is read-only: make it writable, or upgrade a copy"
    return "" if os.access(path.parent, os.W_OK) else "lies in a folder that is read-only"


def _upgraded(
    path: Path, kept: Path, version: str, objects: str, manner: Manner, *, write: bool
) -> Upgrade:
    before = _stamp(path)
    with tempfile.TemporaryDirectory(prefix="lfix-checkpoint-") as temp:
        copy = _copy(path) if write else Path(temp) / path.name
        try:
            result = _run(path, copy, Path(temp), manner)
            status = Status.OBJECTS if objects else Status.UPGRADED
            applied, notes = tuple(result.get("applied", ())), tuple(result.get("notes", ()))
            if result["status"] != "done":
                status = _STATUS.get(result["status"], Status.FAILED)
                return Upgrade(path, status, result["reason"], version, notes=notes)
            if not write:
                reason = f"needs no upgrade, and {manner.cls} loads it"
                return Upgrade(path, Status.CURRENT, reason, version, version)
            if _stamp(path) != before:
                reason = "was changed while lfix ran and was not written; run lfix again"
                return Upgrade(path, Status.BROKEN, reason, version)
            _put(path, kept, copy)
        except OSError as error:
            reason = f"could not be written and is as it was: {error.strerror or error}"
            return Upgrade(path, Status.BROKEN, reason, version)
        finally:
            copy.unlink(missing_ok=True)
    reason = f"upgraded from {version} to {result['after']}"
    if not result["plain"]:
        reason += f", but holds {objects}: read it with weights_only=False"
    elif manner.cls:
        reason += f", and {manner.cls} loads it"
    status = Status.UPGRADED if result["plain"] else Status.OBJECTS
    return Upgrade(path, status, reason, version, result["after"], kept, applied, notes)


_STATUS = {
    "unverifiable": Status.UNVERIFIABLE,
    "untrusted": Status.UNTRUSTED,
    "usage": Status.BROKEN,
}


def _copy(path: Path) -> Path:
    """Where the upgraded file is written first: beside the original, on the same disk."""
    return path.with_name(f".{os.getpid()}-{path.name[:100]}.lfix")


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _run(path: Path, copy: Path, folder: Path, manner: Manner) -> dict[str, Any]:
    """What the child found out; it is killed with all that it started."""
    asked = folder / "request.json"
    request = {
        "source": str(path),
        "target": str(copy),
        "cls": manner.cls,
        "trust": manner.trusted,
        "cpu": manner.to_cpu,
    }
    asked.write_text(json.dumps(request), encoding="utf-8")
    # Not resolved: a virtual environment is known by the link that starts it.
    command = [str(manner.python.absolute()), "-c", _CHILD.read_text(encoding="utf-8"), str(asked)]
    environment = {k: v for k, v in os.environ.items() if k not in _OURS} | _QUIET
    try:
        child = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        reason = f"the interpreter {manner.python} cannot be started: {error.strerror}"
        return {"status": "unverifiable", "reason": reason}
    output, is_late = b"", False
    try:
        output, _ = child.communicate(timeout=manner.timeout)
    except subprocess.TimeoutExpired:
        is_late = True
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if is_late:
        reason = f"took more than {manner.timeout:g} s; raise --timeout if it is only slow"
        return {"status": "unverifiable", "reason": reason}
    result = folder / "result.json"
    if not result.exists():
        lines = output.decode("utf-8", "replace").strip().splitlines()
        last = f": {lines[-1]}" if lines else ""
        reason = f"the upgrade ended with status {child.returncode}{last}"
        return {"status": "failed", "reason": reason}
    made: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return made


def _put(path: Path, kept: Path, copy: Path) -> None:
    """Keep the original under another name and put the copy in its place; raises OSError."""
    old = path.stat()
    copy.chmod(stat.S_IMODE(old.st_mode))
    with contextlib.suppress(OSError):
        os.chown(copy, old.st_uid, old.st_gid)
    with copy.open("rb+") as stream:
        os.fsync(stream.fileno())
    try:
        # The same bytes under a second name: nothing is copied, and nothing can be lost between.
        os.link(path, kept)
    except FileExistsError:
        raise
    except OSError:
        _copied(path, kept)
    copy.replace(path)


def _copied(path: Path, kept: Path) -> None:
    """Keep the original as a copy, on disks that know no second names."""
    with path.open("rb") as source, kept.open("xb") as target:
        try:
            shutil.copyfileobj(source, target)
            target.flush()
            os.fsync(target.fileno())
        except OSError:
            kept.unlink(missing_ok=True)
            raise
    shutil.copystat(path, kept)
