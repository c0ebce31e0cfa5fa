"""A project asks for a Python or for packages that Lightning cannot be installed with.

What it does
    Reads the requirements that stand beside one of Lightning, in `setup.py` and in the files that
    outdated-pin reads: Python, torch with torchvision, torchaudio and torchtext, torchmetrics, and
    what else the target asks for. Where the requirement of Lightning is lifted, those that
    contradict it are lifted too, to the oldest release that the target takes; what a project says
    to run on (`python_requires`) begins there as well. The image of a `Dockerfile` (`FROM
    python:3.8`, `FROM pytorch/pytorch:1.9…`) is looked at too.

Why
    Nothing that fits is found: Lightning 2.6 needs Python 3.10 and torch 2.1.

Example
    ```text
    pytorch-lightning==1.5.10
    torch==1.10.0
    ```
    becomes, together with outdated-pin
    ```text
    pytorch-lightning>=2.6,<3
    torch>=2.1
    ```

Fix safety
    As safe as lifting Lightning itself. Unsafe where the old one names a build (`+cu111`). Told
    where Lightning stays: which versions a project supports is its own decision; and for images.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/21398
    https://github.com/Lightning-AI/pytorch-lightning/pull/20009
    metadata of the wheels, 2.0.9 to 2.6.6
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


@rule("LF922", triggers=("lightning",), context=WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterable[Finding]:
    """Findings at requirements in a ``setup.py``; other files are read by ``formats``."""
    return findings(rule, file, settings)
