"""First batches that were kept, so that a project can be verified where its data is not.

They lie in ``$XDG_CACHE_HOME/lfix/recorded``, else ``~/.cache/lfix/recorded``, in a folder for each
project. A small file beside each says what it is, and where it lies if a place was named.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class RecordingError(Exception):
    """A recording that cannot be kept; the message says why."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A batch in ``file``: what delivered it, when, how it looks, and for which class of module.

    ``named`` says that somebody chose the place: what lies there is not known to be our own work.
    """

    file: Path
    program: str
    when: str
    shape: str
    module: str
    named: bool

    def told(self) -> str:
        """For the report."""
        return f"the batch {self.shape} that was recorded from {self.program} on {self.when}"


def folder(root: Path) -> Path:
    """Where the recordings of a project lie."""
    base = os.environ.get("XDG_CACHE_HOME")
    cache = Path(base) if base else Path.home() / ".cache"
    return cache / "lfix" / "recorded" / _key(str(root))


def keep(root: Path, program: str, batch: Path, facts: dict[str, Any], to: Path | None) -> Recorded:
    """Take the file ``batch`` over, to ``to`` where that is given.

    ``facts`` are what the runner says of it: ``shape`` and ``module``.

    Raises:
        RecordingError: it cannot be written.
    """
    home = folder(root)
    file = to.absolute() if to is not None else home / f"{_key(program)}.pt"
    when = time.strftime("%Y-%m-%d %H:%M:%S")
    made = Recorded(file, program, when, facts["shape"], facts["module"], to is not None)
    try:
        home.mkdir(parents=True, exist_ok=True)
        part = file.with_name(f".{file.name}.{os.getpid()}")
        shutil.move(batch, part)
        part.replace(file)
        text = json.dumps(asdict(made) | {"file": str(file)}, indent=2)
        (home / f"{_key(program)}.json").write_text(text, encoding="utf-8")
    except OSError as error:
        raise RecordingError(f"{error.filename or file}: {error.strerror or error}") from error
    return made


def find(root: Path, program: str, target: str) -> Recorded | None:
    """The newest recording of a program, or for the module class ``target``; None without one."""
    fitting = [
        one for one in _all(root) if one.program == program or (target and one.module == target)
    ]
    return max(fitting, key=lambda one: one.when, default=None)


def _all(root: Path) -> Iterator[Recorded]:
    for path in sorted(folder(root).glob("*.json")):
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
            made = Recorded(**{**known, "file": Path(known["file"])})
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if made.file.is_file():
            yield made


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]
