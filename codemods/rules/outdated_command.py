"""A command line calls a program of Lightning that is not there.

What it does
    Finds `lightning run model` in shell scripts, Makefiles, Dockerfiles and cells of notebooks and
    writes `fabric run`, and names the module of `python -m
    pytorch_lightning.utilities.upgrade_checkpoint` by the distribution that the code imports. The
    same in documents and files of a CI is told. Options of `LightningCLI` (`--trainer.gpus=2`) and
    overrides of Hydra (`trainer.gpus=2`) are looked at by the rules for the Trainer.

Why
    Lightning 2.6 installs no program `lightning`; `fabric` has been there since 2.2 and takes the
    same options.

Example
    ```text
    lightning run model --accelerator=cuda --devices=2 train.py
    ```
    becomes
    ```text
    fabric run --accelerator=cuda --devices=2 train.py
    ```

Fix safety
    Safe.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/19175
    entry points of the wheels, 2.0.9 to 2.6.6
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


@rule("LF935", triggers=("lightning",), context=WORDS)
def find(_rule: Rule, _file: File, _settings: Settings) -> Iterable[Finding]:
    """No findings: ``formats`` reads command lines."""
    return ()
