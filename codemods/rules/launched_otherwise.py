"""How a program is started says other things to Lightning 2 than it said before.

What it does
    Finds `srun … torchrun …` (and `python -m torch.distributed.run`) in shell scripts, Makefiles
    and documents, and `PyTorchJob`s of Kubeflow in YAML files, and tells. Nothing is said where the
    project requires a release that has changed already.

Why
    Since 2.1 the processes that torchrun starts count, not the tasks of Slurm: four tasks that each
    start one process are four trainings of one process now, not one of four. Since 2.0.7 Lightning
    does not see by itself that it runs in a PyTorchJob: every pod takes itself for the first.
    Neither raises an error.

Example
    ```text
    srun --ntasks=4 torchrun --nproc_per_node=1 train.py     # told
    ```

Fix safety
    Told: how many processes there are to be is decided where the program is started.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18618
    https://github.com/Lightning-AI/pytorch-lightning/pull/18137
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._setup_requirements import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF936", triggers=("lightning",), context=WORDS)
def find(_rule: Rule, _file: File, _settings: Settings) -> Iterable[Finding]:
    """No findings: ``formats`` reads what starts programs."""
    return ()
