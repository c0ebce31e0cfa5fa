"""None is given for a Trainer switch that it turned off in 1.x and leaves on in 2.x.

What it does
    Finds `logger=None`, `enable_checkpointing=None`, `enable_progress_bar=None` and
    `enable_model_summary=None` of a `Trainer`.

Why
    In 1.x None was no logger, no checkpoints, no bar, no summary. Since 2.0 None is the default
    of these arguments and means that they are on: files appear that nobody asked for, without a
    word.

Example
    ```python
    trainer = pl.Trainer(logger=None)
    ```
    becomes
    ```python
    trainer = pl.Trainer(logger=False)
    ```

Fix safety
    Unsafe: code that was written for 2.x may mean the default.

References
    https://lightning.ai/docs/pytorch/2.6.1/common/trainer.html
    lightning/pytorch/trainer/trainer.py (2.6.6), `Trainer.__init__`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Severity
from ._telling import Repair, tell
from ._trainer_calls import handings
from ._trainer_targets import TRAINER_WORDS
from ._variables import leaves, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_SWITCHES = ("logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary")


@rule("LF308", triggers=(*_SWITCHES, "**"), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``None``."""
    del settings
    seen: set[ast.AST] = set()
    for call in handings(file):
        for name in _SWITCHES:
            argument = call.get(name)
            if call.kind != "Trainer" or argument is None or argument.node in seen:
                continue
            wrong = [leaf for leaf in leaves(call.home(name), argument.value) if leaf.value is None]
            if not wrong:
                continue
            seen.add(argument.node)
            text, edits = put(call.home(name), argument.value, dict.fromkeys(wrong, "False"))
            within = any(leaf.within for leaf in wrong)
            repair = Repair(
                {name: [(name, text)]} if within else {},
                edits,
                doubts=["code that was written for 2.x may mean the default"],
            )
            message = (
                f"{name}=None switched it off in 1.x and is the default since 2.0, which is on"
            )
            yield tell(rule, call, name, message, repair, severity=Severity.WARNING)
