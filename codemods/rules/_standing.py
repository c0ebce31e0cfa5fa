"""What the Python of a project says of the Lightning that it needs."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.namespaces import distributions
from ..engine.references import references
from ..lightning.objects import CLASSES, TRAINER

if TYPE_CHECKING:
    from pathlib import Path

    from ..engine.file import File
    from ..engine.project import Project
    from ..engine.settings import Settings

_CLI = "lightning.pytorch.cli.LightningCLI"
_STATS = "lightning.pytorch.callbacks.DeviceStatsMonitor"
_OLD_CLI = "lightning.pytorch.utilities.cli.LightningCLI"
#: Arguments of a Trainer that decide on its logger; ``None`` stands for ``**``.
_SAYING = (None, "logger", "fast_dev_run", "barebones")


@dataclass(frozen=True)
class Standing:
    """What decides on a requirement.

    ``distribution`` is the only one that the code is to import, empty where there are both or
    none. ``doubt`` says why the code may need the old release still, empty where it surely does
    not. ``cli`` is whether it uses ``LightningCLI``, ``logs`` whether a Trainer is made that picks
    its logger itself, ``stats`` whether the load of the processor is watched.
    """

    distribution: str
    doubt: str
    cli: bool
    logs: bool
    stats: bool


def standing(project: Project, near: Path, settings: Settings, doubt: str) -> Standing:
    """What the members of a project say; ``doubt`` is what the caller knows of."""
    used = distributions(project)
    if not used:
        doubt = "no Python that uses Lightning was looked at: look at the whole project at once"
    distribution = settings.namespace or (next(iter(used)) if len(used) == 1 else "")
    return Standing(
        distribution.replace("_", "-"),
        doubt,
        any(uses_cli(file) for file in project.holding(b"LightningCLI", near)),
        any(_logs(file) for file in project.holding(b"Trainer", near)),
        any(_watches(file) for file in project.holding(b"DeviceStatsMonitor", near)),
    )


def uses_cli(file: File) -> bool:
    """Whether a file names ``LightningCLI``."""
    return any(r.path in (_CLI, _OLD_CLI) for r in references(file))


def _logs(file: File) -> bool:
    """Whether a Trainer is made without a word on its logger."""
    return any(
        file.canonical(call.func) == CLASSES[TRAINER]
        and not call.args
        and not any(k.arg in _SAYING for k in call.keywords)
        for call in file.tree.calls
    )


def _watches(file: File) -> bool:
    """Whether a DeviceStatsMonitor is to look at the processor, whatever the accelerator."""
    return any(file.canonical(call.func) == _STATS and _is_true(call) for call in file.tree.calls)


def _is_true(call: ast.Call) -> bool:
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "cpu_stats")]
    return any(isinstance(value, ast.Constant) and value.value is True for value in given)
