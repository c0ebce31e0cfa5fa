"""Which release the code is meant for, and why."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .pins import pins
from .settings import NEWEST

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

    from .pins import Pin

#: Minors of Lightning 2 that lfix knows, oldest first.
MINORS = ("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6")
#: More patches than any minor has had.
_PATCHES = 12
_SHOWN = ".".join(NEWEST.split(".")[:2])


@dataclass(frozen=True)
class Target:
    """A release, and in one sentence why it is that one."""

    release: str
    reason: str


def of_project(paths: list[Path]) -> Target:
    """The target of the project that some paths lie in.

    It is the newest release of 2.x that the pins of the project admit, and where these contradict
    each other, as lists of several past installations do, the newest that one of them admits; else
    the newest known.
    """
    root = project_root(paths)
    taken = {
        pin: [minor for minor in MINORS if admits(versions, minor)]
        for pin in pins(root)
        if (versions := pin.versions) is not None
    }
    if not taken:
        return Target(NEWEST, f"target {_SHOWN}: the newest that lfix knows, nothing is pinned")
    pin = next(iter(taken))
    admitted = [m for m in MINORS if all(m in minors for minors in taken.values())]
    if not admitted:
        pin = max(taken, key=lambda pin: taken[pin][-1:])
        admitted = taken[pin]
    shown = _shown(pin, root)
    if not admitted:
        return Target(NEWEST, f"target {_SHOWN}: the newest that lfix knows, {shown} admits no 2.x")
    if admitted[-1] == MINORS[-1]:
        return Target(NEWEST, f"target {_SHOWN}: the newest that {shown} admits")
    return Target(admitted[-1], f"target {admitted[-1]}: the newest that {shown} admits")


def project_root(paths: list[Path]) -> Path:
    """The folder of the project that the first path lies in: where git or pyproject.toml is."""
    # Not pathlib's own tests: they raise where links go in a circle or a name is too long.
    first = Path(os.path.realpath(paths[0])) if paths else Path.cwd()
    folder = first if os.path.isdir(first) else first.parent
    for candidate in (folder, *folder.parents):
        if os.path.exists(candidate / ".git") or os.path.isfile(candidate / "pyproject.toml"):
            return candidate
    return folder


def _shown(pin: Pin, root: Path) -> str:
    try:
        where = pin.path.relative_to(root).as_posix()
    except ValueError:
        where = pin.path.name
    return f"{pin.text} in {where}"


def admits(versions: SpecifierSet, minor: str) -> bool:
    """Whether a specifier takes any release of a minor, also one that has no plain number."""
    exact = [s.version for s in versions if s.operator in ("==", "===")]
    return any(version.startswith(f"{minor}.") for version in exact) or any(
        versions.contains(f"{minor}.{patch}") for patch in range(_PATCHES)
    )
