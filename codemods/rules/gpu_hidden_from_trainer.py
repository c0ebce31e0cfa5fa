"""A Trainer asks for a GPU in a script that hides all of them.

What it does
    Finds `accelerator="gpu"` or `"cuda"` in a file that sets `CUDA_VISIBLE_DEVICES` to nothing.

Why
    `MisconfigurationException: No supported gpu backend found!` From 1.7 on Lightning looks for the
    hardware when the Trainer is made; a script that was switched to the CPU for debugging by the
    environment alone stops there.

Example
    ```python
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    trainer = pl.Trainer(accelerator="gpu", devices=1)
    ```
    has to become
    ```python
    trainer = pl.Trainer(accelerator="auto", devices=1)
    ```

Fix safety
    Told: the other line may be what is wrong. Machines without a GPU cannot be seen in the code;
    there `lfix verify` tells.

References
    lightning/pytorch/trainer/connectors/accelerator_connector.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Severity
from ._telling import Repair, tell
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_VARIABLE = "CUDA_VISIBLE_DEVICES"


@rule("LF312", triggers=(_VARIABLE,), context=("accelerator",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``accelerator=``."""
    del settings
    if not _hides(file):
        return
    for call in trainer_calls(file):
        if value_of(call, "accelerator") in ("gpu", "cuda"):
            message = f"a GPU is asked for, and {_VARIABLE} hides them all"
            reason = 'write accelerator="auto", or "cpu"; or let the GPU be seen'
            repair = Repair(reason=reason)
            yield tell(rule, call, "accelerator", message, repair, severity=Severity.WARNING)


def _hides(file: File) -> bool:
    """Whether the one assignment of the variable, on every run of the file, hides all GPUs."""
    found = [s for s in file.tree.all(ast.Assign) if isinstance(s, ast.Assign) and _sets(file, s)]
    alone = len(found) == 1 and any(s is found[0] for s in file.tree.module.body)
    return alone and literal(found[0].value) in ("", "-1")


def _sets(file: File, statement: ast.Assign) -> bool:
    target = statement.targets[0]
    return (
        isinstance(target, ast.Subscript)
        and literal(target.slice) == _VARIABLE
        and file.canonical(target.value) == "os.environ"
    )
