"""What an interpreter has installed, read from metadata; nothing is imported."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from importlib.metadata import distributions
from typing import TYPE_CHECKING

from lfix.codemods.lightning import requirements

if TYPE_CHECKING:
    from pathlib import Path

#: Isolated, so that neither the current folder nor the user's site packages are looked at.
_ASK = "import json, sys; print(json.dumps(['.'.join(map(str, sys.version_info[:3])), sys.path]))"
_SECONDS = 30
NAMES = ("lightning", "pytorch-lightning", "lightning-fabric", "torchmetrics", "torch")


class EnvironmentUnreadableError(Exception):
    """The interpreter cannot be asked; the message says why."""


@dataclass(frozen=True)
class Environment:
    """An interpreter, its version, and the versions of what matters to Lightning."""

    interpreter: Path
    python: str
    versions: dict[str, str]

    def complaints(self, target: str) -> list[str]:
        """What does not fit together, or does not fit the target; a sentence each."""
        return [*self._of_lightning(target), *self._beside(target)]

    def _of_lightning(self, target: str) -> list[str]:
        both = {n: self.versions[n] for n in NAMES[:2] if n in self.versions}
        minor = ".".join(target.split(".")[:2])
        if not both:
            wanted = f"install lightning~={minor}.0"
            return [f"neither lightning nor pytorch-lightning is installed: {wanted}"]
        found = []
        if len(set(both.values())) > 1:
            found.append(
                f"lightning {both['lightning']} and pytorch-lightning {both['pytorch-lightning']} "
                "are both installed, in different versions: keep one, or give both the same version"
            )
        for name, version in both.items():
            if _order(version) < _order(minor):
                found.append(
                    f"{name} {version} is older than the target {minor}: "
                    f"install {name}~={minor}.0, or say --to {'.'.join(version.split('.')[:2])}"
                    if _order(version) >= (2,)
                    else f"{name} {version} is older than the target {minor}: "
                    f"install {name}~={minor}.0"
                )
        fabric, own = self.versions.get("lightning-fabric"), both.get("pytorch-lightning")
        if fabric and own and fabric != own:
            found.append(
                f"lightning-fabric {fabric} stands beside pytorch-lightning {own}: "
                f"install lightning-fabric=={own}"
            )
        return found

    def _beside(self, target: str) -> list[str]:
        needs = requirements.of(target)
        minor = ".".join(target.split(".")[:2])
        found = []
        if _order(self.python) < _order(needs.python):
            found.append(f"Python {self.python} is too old: Lightning {minor} needs {needs.python}")
        torch = self.versions.get("torch")
        if torch is None:
            found.append(f"torch is not installed: Lightning {minor} needs {needs.torch}")
        elif _order(torch) < _order(needs.torch):
            found.append(f"torch {torch} is too old: Lightning {minor} needs {needs.torch}")
        metrics = self.versions.get("torchmetrics")
        if metrics is not None and _order(metrics)[:2] <= _order(requirements.TORCHMETRICS):
            found.append(
                f"torchmetrics {metrics} is too old: Lightning {minor} needs more than "
                f"{requirements.TORCHMETRICS}"
            )
        return found


def look(interpreter: Path) -> Environment:
    """The environment of an interpreter; raises EnvironmentUnreadableError where it fails."""
    try:
        done = subprocess.run(
            [interpreter, "-I", "-c", _ASK],
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
        version, path = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise EnvironmentUnreadableError(f"{interpreter} cannot be asked: {error}") from error
    versions: dict[str, str] = {}
    for distribution in distributions(path=path):
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
        if name in NAMES:
            versions.setdefault(name, distribution.version)
    return Environment(interpreter, version, versions)


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("+")[0])[:3])
