"""What a project requires, as a sign of the release that its code was written for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.pins import declaring, naming, pins
from ._pin_versions import goes_below, reaches

if TYPE_CHECKING:
    from pathlib import Path

    from ..engine.pins import Pin
    from ..engine.project import Project


def asked(project: Project, near: Path, root: Path | None) -> list[Pin]:
    """The requirements of Lightning for a file, from the nearest folder that has any."""
    for folder in upwards(near, root):
        found = pins(folder)
        project.consulted |= {pin.path for pin in found}
        if found:
            return found
    return []


def is_settled(project: Project, near: Path, root: Path | None, release: str) -> bool:
    """Whether the project requires ``release`` or newer: what changed there is behind it."""
    versions = [pin.versions for pin in asked(project, near, root)]
    return bool(versions) and not any(v is None or goes_below(v, release) for v in versions)


def is_older(project: Project, near: Path, root: Path | None, release: str) -> bool:
    """Whether releases before one are asked for, and none from there on."""
    versions = [pin.versions for pin in asked(project, near, root)]
    return bool(versions) and not any(v is None or reaches(v, release) for v in versions)


def is_required(project: Project, near: Path, root: Path | None, names: tuple[str, ...]) -> bool:
    """Whether a file of requirements, from a file's folder up, names one of some distributions."""
    folders = upwards(near, root)
    project.consulted |= {path for folder in folders for path in declaring(folder)}
    return any(naming(folder, names) for folder in folders)


def upwards(near: Path, root: Path | None) -> list[Path]:
    """The folders from a file up to the root of its project; its own alone without one above."""
    folders = [near.parent, *near.parent.parents]
    return folders[: folders.index(root) + 1 if root in folders else 1]
