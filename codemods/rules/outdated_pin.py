"""A project requires releases of Lightning that its code is not for.

What it does
    Finds requirements of `pytorch-lightning` and `lightning` that do not admit the target, in
    requirements files, `pyproject.toml` (PEP 621, dependency groups, poetry, pdm, uv),
    `setup.cfg`, `setup.py`, `Pipfile`, conda's `environment.yml`, `tox.ini`, `noxfile.py` and
    `pip install` of a `Dockerfile`, a shell script or a notebook, and makes them `>=2.6,<3`: the
    code has been made to fit the target, so nothing older is promised, and the next major release
    may break it. Releases named with `--compat` are admitted too. What admits the target already
    is left alone, unless it is `pytorch-lightning` where the code imports `lightning`. Poetry's
    carets stay carets. The distribution becomes the one that the code imports. Extras, markers,
    comments, quotes and spaces stay.

Why
    With the old pin the old release is installed, and migrated code does not run on it.

Example
    ```text
    pytorch-lightning[extra]==1.5.10  # not 1.6
    ```
    becomes
    ```text
    pytorch-lightning[extra]>=2.6,<3  # not 1.6
    ```

Fix safety
    Safe where the run sees all Python of the project and finds no error in it that is left after
    the fixes: as long as there is one, the code may need the old release. Unsafe otherwise, where
    other releases of Lightning 2 are required than the target, where an extra is not there any
    more, and beside packages that need the old release or were built for the old torch or Python.
    Told for addresses, for what has hashes, where environments of tox are for different releases,
    and in documents, recipes of conda-build and files of a CI.

References
    metadata of the wheels, 1.0.8 to 2.6.6
    https://lightning.ai/docs/pytorch/stable/versioning.html
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


@rule("LF931", triggers=("lightning",), context=WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterable[Finding]:
    """Findings at requirements in a ``setup.py``; other files are read by ``formats``."""
    return findings(rule, file, settings)
