"""A Trainer resumes from a checkpoint of a later epoch than it trains to.

What it does
    Reads the epoch off the name of the checkpoint that `fit` gets as `ckpt_path=`
    (`epoch=19-step=4000.ckpt`) and compares it with `max_epochs`.

Why
    `fit` refuses: `MisconfigurationException: You restored a checkpoint with current_epoch=20, but
    you have set Trainer(max_epochs=5)`.

Example
    ```python
    trainer = pl.Trainer(max_epochs=5)
    trainer.fit(model, ckpt_path="runs/epoch=19-step=4000.ckpt")
    ```
    has to become
    ```python
    trainer = pl.Trainer(max_epochs=25)
    ```

Fix safety
    Told: how long to go on is not in the code. `max_epochs` counts from the first epoch, not from
    the checkpoint's.

References
    lightning/pytorch/trainer/connectors/checkpoint_connector.py (2.6.6), `restore_loops`
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._telling import Repair, tell
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of
from ._trainer_targets import TRAINER_WORDS
from ._trainer_uses import given, uses
from ._variables import leaves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_EPOCH = re.compile(r"epoch=(\d+)[^/]*\.ckpt$")
_POSITION = 4


@rule("LF311", triggers=("max_epochs",), context=("epoch=",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``max_epochs=``."""
    del settings
    if not any(word.encode() in file.source.data for word in TRAINER_WORDS):
        return
    for call in trainer_calls(file):
        most = value_of(call, "max_epochs")
        used = uses(file, call.node) if isinstance(most, int) and most >= 0 else None
        for fit in used.of("fit") if used is not None else ():
            node = given(fit, _POSITION, "ckpt_path")
            values = [leaf.value for leaf in leaves(file, node)] if node is not None else []
            names = [_EPOCH.search(v) for v in values if isinstance(v, str)]
            epochs = [int(found[1]) for found in names if found is not None]
            if len(values) == 1 and epochs and isinstance(most, int) and epochs[0] > most:
                message = f"max_epochs={most}, but the checkpoint is of epoch {epochs[0]}"
                reason = f"max_epochs counts from the first epoch; write more than {epochs[0]}"
                yield tell(rule, call, "max_epochs", message, Repair(reason=reason))
