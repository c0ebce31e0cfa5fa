"""A project does not require what Lightning 2 does not bring along any more.

What it does
    Looks at files that require Lightning. Where the code uses `LightningCLI`, they have to require
    `jsonargparse[signatures]`; where a Trainer picks its logger itself and the requirement admits
    1.x, `tensorboard`; where it makes a `DeviceStatsMonitor(cpu_stats=True)`, `psutil`. They go
    beside the requirement of Lightning.

Why
    `LightningCLI` raises `ModuleNotFoundError` without jsonargparse, and the monitor does without
    psutil, at the first step that is logged. Without tensorboard, which 1.x brought along until
    1.8, the logs become CSV files.

Example
    ```text
    pytorch-lightning==1.7.7
    ```
    becomes, where a `Trainer()` says nothing of its logger
    ```text
    pytorch-lightning==1.7.7
    tensorboard
    ```

Fix safety
    Safe: a package more takes nothing away. For `tensorboard` unsafe as long as the code may need
    1.x and the requirement admits nothing else. Told where the list has no place for it, and for
    conda's own names.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/15728
    https://github.com/Lightning-AI/pytorch-lightning/pull/9116
    https://github.com/Lightning-AI/pytorch-lightning/pull/17010
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._setup_requirements import WORDS, findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF934", triggers=("lightning",), context=WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterable[Finding]:
    """Findings at requirements in a ``setup.py``; other files are read by ``formats``."""
    return findings(rule, file, settings)
