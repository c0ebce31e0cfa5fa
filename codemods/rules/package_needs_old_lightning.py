"""A project requires a package that needs Lightning 1.x.

What it does
    Tells requirements of `lightning-bolts`, `lightning-flash`, `lightning-transformers`,
    `ray-lightning`, `test-tube` and `lightning-lite`, with what is known of each.

Why
    With such a package Lightning 2 cannot be installed, or the package breaks when it is imported.

Example
    ```text
    lightning-bolts==0.5.0   # told
    ```

Fix safety
    Told.

References
    https://pypi.org/project/lightning-bolts/
    https://pypi.org/project/lightning-flash/
    https://pypi.org/project/ray-lightning/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._pin_verdicts import NEEDING_OLD
from ._setup_requirements import WORDS, findings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF932", triggers=tuple(NEEDING_OLD), context=WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterable[Finding]:
    """Findings at requirements in a ``setup.py``; other files are read by ``formats``."""
    return findings(rule, file, settings)
