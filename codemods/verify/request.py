"""What is to be verified, and with which interpreter."""

from __future__ import annotations

import math
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path

from ..engine.places import MARKERS
from .data import CHOICES, OWN, Data
from .runner import memory
from .runner.device import is_choice
from .runner.precision import PRECISIONS, whole


class RequestError(ValueError):
    """The request itself is wrong: the script is not there, or an option has no such value."""


@dataclass(frozen=True, slots=True)
class Request:
    """One training step to be tried.

    ``script`` or ``module`` names the program, ``args`` are its own. ``timeout`` is in seconds and
    holds for each stage; ``memory`` is in GB and holds for all its processes together, 0 for what
    the machine has to spare. ``root`` is the tree to copy (found from ``cwd`` and the script if not
    given). ``changes`` are file contents, by absolute path, laid over the copy before the run.
    Where ``batches`` is not 0, so many are recorded instead of one being checked; ``overlays`` are
    folders of packages that come before the interpreter's own. With ``devices`` above 1, so many
    processes train together by ``strategy``. Instead of a program, ``target`` names the class of
    a module, ``package.module:Class``, made with the keywords in ``init``. ``data`` is what is
    trained on, ``precision`` counts over what the script asks for.
    """

    script: Path | None
    _: KW_ONLY
    module: str | None = None
    args: tuple[str, ...] = ()
    python: Path = field(default_factory=lambda: default_python(Path.cwd()))
    device: str = "auto"
    timeout: float = 120.0
    memory: float = 0.0
    allow_net: bool = False
    cwd: Path = field(default_factory=Path.cwd)
    root: Path | None = None
    changes: Mapping[Path, bytes] = field(default_factory=dict)
    batches: int = 0
    devices: int = 1
    strategy: str = ""
    target: str = ""
    init: str = ""
    data: Data = field(default_factory=Data)
    precision: str = ""
    overlays: tuple[Path, ...] = ()
    launcher: tuple[str, ...] = ()

    def check(self) -> None:
        """Refuse what can not be run.

        Raises:
            RequestError: with a sentence that says what to do.
        """
        if [self.script, self.module, self.target or None].count(None) != 2:  # noqa: PLR2004
            raise RequestError("give either a script or a module (-m), or package.module:Class")
        if not is_choice(self.device):
            raise RequestError(
                f"unknown device {self.device!r}: use auto, cpu, cuda, cuda:N, mps or tpu"
            )
        if self.devices < 1:
            raise RequestError(f"the number of devices has to be 1 or more, not {self.devices}")
        if self.timeout <= 0:
            raise RequestError(f"the time limit has to be above 0 seconds, not {self.timeout:g}")
        if not 0 <= self.memory < math.inf:
            raise RequestError(f"the memory limit has to be above 0 GB, not {self.memory:g}")
        if self.memory and not self.launcher and not memory.known():
            raise RequestError("--memory needs Linux: here, nobody tells what a process holds")
        if self.script is not None and not (self.cwd / self.script).is_file():
            raise RequestError(f"{self.script} is not a file")
        if self.precision and not whole(self.precision):
            known = ", ".join(PRECISIONS)
            raise RequestError(f"unknown precision {self.precision!r}: use one of {known}")
        self._check_launcher()
        self._check_data()

    def _check_launcher(self) -> None:
        others = (
            ("--against", bool(self.batches or self.overlays), "the old release is installed here"),
            ("--devices", self.devices > 1, "a launcher runs one process"),
            ("--record", self.data.record, "no batch comes back"),
        )
        for option, given, why in others:
            if self.launcher and given:
                raise RequestError(
                    f"{option} does not go with a launcher, because {why}: leave {option} out, or"
                    " the launcher (--launcher '' where the settings name it)"
                )

    def _check_data(self) -> None:
        if self.data.kind not in CHOICES:
            choices = ", ".join(CHOICES)
            raise RequestError(f"unknown data {self.data.kind!r}: use one of {choices}")
        if self.data.record and (self.data.kind != OWN or self.target):
            raise RequestError(
                "only a script's own data can be recorded: name a script, and leave out --data and"
                " --batch"
            )

    def program(self) -> str:
        """What is run, as it is typed from the project's root, without its arguments."""
        return shlex.join(self._words())

    def command(self) -> str:
        """What is run, as it is typed, with its arguments."""
        return shlex.join([*self._words(), *self.args])

    def _words(self) -> list[str]:
        if self.script is None:
            return ["-m", self.module] if self.module else [self.target]
        path, root = (self.cwd / self.script).resolve(), self.project_root()
        inside = path.is_relative_to(root)
        return [path.relative_to(root).as_posix() if inside else str(path)]

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
        if any((folder / marker).exists() for marker in MARKERS):
            return folder
    return None
