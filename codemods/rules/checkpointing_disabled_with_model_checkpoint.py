"""Checkpointing is switched off although a ModelCheckpoint is among the callbacks.

What it does
    Finds a `Trainer` with `enable_checkpointing=False` and a `ModelCheckpoint` (or a subclass) in
    `callbacks=`.

Why
    The two contradict each other: `MisconfigurationException: Trainer was configured with
    enable_checkpointing=False but found ModelCheckpoint in callbacks list`.

Example
    ```python
    trainer = pl.Trainer(enable_checkpointing=False, callbacks=[ModelCheckpoint()])
    ```
    becomes
    ```python
    trainer = pl.Trainer(callbacks=[ModelCheckpoint()])
    ```

Fix safety
    Unsafe: the callback was written with more care than the switch, but which of the two was
    meant is not certain.

References
    lightning/pytorch/trainer/connectors/callback_connector.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._callback_lists import holds
from ._telling import Repair, tell
from ._trainer_calls import trainer_calls
from ._variables import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF305", triggers=("enable_checkpointing",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``enable_checkpointing=False``."""
    del settings
    seen: set[ast.AST] = set()
    for call in trainer_calls(file):
        node = call.value("enable_checkpointing")
        if node is None or call.kind != "Trainer" or node in seen:
            continue
        values = [leaf.value for leaf in leaves(call.home("enable_checkpointing"), node)]
        if values != [False] or not holds(call, ("ModelCheckpoint",)):
            continue
        seen.add(node)
        yield tell(
            rule,
            call,
            "enable_checkpointing",
            "checkpointing is off, but callbacks= holds a ModelCheckpoint",
            Repair(
                {"enable_checkpointing": []},
                doubts=["the callback may be what is too much; then remove it instead"],
            ),
        )
