"""What is to be verified, and with which interpreter."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .runner.device import is_choice

_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")


class RequestError(ValueError):
    """The request itself is wrong: the script is not there, or an option has no such value."""


@dataclass(frozen=True, slots=True)
class Request:
    """One training step to be tried.

    ``script`` or ``module`` names the program, ``args`` are its own. ``timeout`` is in seconds and
    holds for each stage. ``root`` is the tree to copy (found from ``cwd`` and the script if not
    given). ``changes`` are file contents, by absolute path, laid over the copy before the run.
    Where ``batches`` is not 0, so many are recorded instead of one being checked; ``overlays`` are
    folders of packages that come before the interpreter's own. With ``devices`` above 1, so many
    processes train together by ``strategy``. Instead of a program, ``target`` names the class of
    a module, ``package.module:Class``, made with the keywords in ``init`` and trained on a
    ``batch`` such as ``float32[4,10], int64[4] < 2``.
    """

    script: Path | None
    module: str | None = None
    args: tuple[str, ...] = ()
    python: Path = field(default_factory=lambda: default_python(Path.cwd()))
    device: str = "auto"
    timeout: float = 120.0
    allow_net: bool = False
    cwd: Path = field(default_factory=Path.cwd)
    root: Path | None = None
    changes: Mapping[Path, bytes] = field(default_factory=dict)
    batches: int = 0
    devices: int = 1
    strategy: str = ""
    target: str = ""
    init: str = ""
    batch: str = ""
    overlays: tuple[Path, ...] = ()

    def check(self) -> None:
        """Refuse what can not be run.

        Raises:
            RequestError: with a sentence that says what to do.
        """
        if [self.script, self.module, self.target or None].count(None) != 2:  # noqa: PLR2004
            raise RequestError("give either a script or a module (-m), or package.module:Class")
        if not is_choice(self.device):
            raise RequestError(
                f"unknown device {self.device!r}: use auto, cpu, cuda, cuda:N or mps"
            )
        if self.devices < 1:
            raise RequestError(f"the number of devices has to be 1 or more, not {self.devices}")
        if self.timeout <= 0:
            raise RequestError(f"the time limit has to be above 0 seconds, not {self.timeout:g}")
        if self.script is not None and not (self.cwd / self.script).is_file():
            raise RequestError(f"{self.script} is not a file")

    def project_root(self) -> Path:
        """The folder that holds the whole project, resolved: what the run may read as its own."""
        if self.root is not None:
            return self.root.resolve()
        cwd = self.cwd.resolve()
        script = cwd if self.script is None else (cwd / self.script).resolve().parent
        start = cwd if script.is_relative_to(cwd) else script
        return _marked(start) or start


def default_python(root: Path) -> Path:
    """The project's interpreter: the active environment, one in the project, or our own.

    Order: VIRTUAL_ENV, ``.venv`` and ``venv`` below ``root``, CONDA_PREFIX, ``sys.executable``.
    """
    active = os.environ.get("VIRTUAL_ENV")
    conda = os.environ.get("CONDA_PREFIX")
    folders = [Path(active)] if active else []
    folders += [root / ".venv", root / "venv"]
    folders += [Path(conda)] if conda else []
    for folder in folders:
        for name in ("bin/python", "Scripts/python.exe", "python.exe"):
            if (folder / name).is_file():
                return folder / name
    return Path(sys.executable)


def _marked(start: Path) -> Path | None:
    """The nearest folder at or above ``start`` that looks like a project; never the home folder."""
    home = Path.home().resolve()
    for folder in (start, *start.parents):
        if folder in (home, Path(folder.anchor)):
            return None
        if any((folder / marker).exists() for marker in _MARKERS):
            return folder
    return None
