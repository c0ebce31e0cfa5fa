"""A lock file holds a release of Lightning that the code is not for.

What it does
    Reads `poetry.lock`, `pdm.lock`, `uv.lock`, `Pipfile.lock`, `conda-lock.yml`, and requirements
    files that pip-compile or uv wrote or that have hashes, and tells the command that renews them.

Why
    What is locked is what is installed, whatever the project requires.

Example
    ```text
    pytorch-lightning==1.5.10 --hash=sha256:…    # told: pip-compile --generate-hashes
    ```

Fix safety
    Told: only the tool that wrote the file knows the other packages and the hashes.

References
    https://python-poetry.org/docs/cli/#update
    https://docs.astral.sh/uv/concepts/projects/sync/
    https://pip-tools.readthedocs.io/en/stable/
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


@rule("LF933", triggers=("lightning",), context=WORDS)
def find(_rule: Rule, _file: File, _settings: Settings) -> Iterable[Finding]:
    """No findings: Python is no lock file; ``formats`` reads them."""
    return ()
