"""What is to be said of a checkpoint on the disk that the code or another file names."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.checkpoint import UnreadableCheckpointError, read
from ..lightning import api
from ..lightning.changes.row import minor
from ..lightning.checkpoints import REFUSING
from ..model import Severity

if TYPE_CHECKING:
    from ..engine.checkpoint import Checkpoint
    from ..engine.project import Project
    from ..engine.settings import Settings

ENDING = ".ckpt"
#: What is filled in, looked for, or fetched is no file here.
_OPEN = ("://", "{", "}", "$", "*", "\n", "\0", "<")
_LONGEST = 300
_SHOWN = 3


@dataclass(frozen=True)
class Verdict:
    """A sentence on a checkpoint, and what to do."""

    message: str
    reason: str
    severity: Severity = Severity.WARNING


def verdict(project: Project, near: Path, text: str, settings: Settings) -> Verdict | None:
    """The verdict on the checkpoint that a text in the file ``near`` names, if there is any."""
    path = _located(project, near, text)
    if path is None:
        return None
    project.consulted.add(path)
    try:
        found = read(path)
    except UnreadableCheckpointError as error:
        return Verdict(f"{text} {error}", "look at the file: what reads it will fail")
    if not found.version:
        return None
    command = f"lfix checkpoint {shlex.quote(_shown(path, text, settings))}"
    return _of_classes(found, text, command, settings) or _of_release(found, text, command)


def _located(project: Project, near: Path, text: str) -> Path | None:
    """The file that a path names, seen from a file's folder or one above it in the project."""
    if not text.endswith(ENDING) or len(text) > _LONGEST or any(word in text for word in _OPEN):
        return None
    for folder in project.layout.upwards(str(near.parent)):
        path = Path(os.path.normpath(Path(folder, text)))
        if project.layout.kind(str(path)) == "file":
            return path
    return None


def _shown(path: Path, text: str, settings: Settings) -> str:
    """The path of a checkpoint as it is typed in the folder of the project."""
    root = settings.root
    return str(path.relative_to(root)) if root and path.is_relative_to(root) else text


def _of_classes(found: Checkpoint, text: str, command: str, settings: Settings) -> Verdict | None:
    gone = found.gone(settings.target)
    if gone:
        last = api.until(gone[0])
        return Verdict(
            f"{text}, written by Lightning {found.version}, holds {_list(gone)}, which is gone: "
            "nobody can read the file with this release",
            f"read it with Lightning {last}, take out what names the class, and save it again",
            Severity.ERROR,
        )
    if minor(settings.target) < REFUSING or not found.refused:
        return None
    places = sorted({place for place in found.refused.values() if place})
    where = f" (in {', '.join(places)})" if places else ""
    way_out = "if you trust the file, read it with weights_only=False"
    once = f"; `{command} --trust` makes the upgrade from {found.version} for good"
    return Verdict(
        f"{text}, written by Lightning {found.version}, holds {_list(sorted(found.refused))}"
        f"{where}, which torch does not read by default",
        way_out + (once if found.is_old else ""),
    )


def _of_release(found: Checkpoint, text: str, command: str) -> Verdict | None:
    if not found.is_old:
        return None
    return Verdict(
        f"{text} was written by Lightning {found.version}: it is upgraded again each time that it "
        "is loaded",
        f"`{command}` upgrades it for good and keeps the original",
    )


def _list(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
