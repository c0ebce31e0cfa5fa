"""A loop of the Trainer is replaced, connected or run by the program.

What it does
    Finds `trainer.fit_loop.replace(…)`, `.connect(…)` and `.run(…)` on the Trainer's loops, and
    classes derived from Lightning's loops that are put there.

Why
    Custom loops were an experiment of 1.5 to 1.9. Since 2.0 the loops are protected: `replace` and
    `connect` are gone, and `run` skips what the Trainer does around it.

Example
    ```python
    trainer.fit_loop.replace(epoch_loop=MyEpochLoop)
    ```

Fix safety
    Only told: a training loop of one's own is written with Fabric.

References
    https://lightning.ai/docs/fabric/stable/
    https://github.com/Lightning-AI/pytorch-lightning/pull/16384
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_METHODS = ("replace", "connect", "run")
_LOOPS = (
    "fit_loop", "validate_loop", "test_loop", "predict_loop", "epoch_loop", "batch_loop",
    "val_loop", "optimizer_loop", "manual_loop", "dataloader_loop",
)  # fmt: skip
_WAY_OUT = (
    "write the training loop with lightning.fabric.Fabric, or subclass the Trainer's protected "
    "loops at your own risk"
)


@rule("LF214", triggers=tuple(f"_loop.{name}(" for name in _METHODS))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    for call, func in file.tree.method_calls(*_METHODS):
        if _is_loop(file, func.value):
            message = (
                f"custom loops went in 2.0: {file.text(func.value)}.{func.attr} is not for use"
            )
            yield file.finding(rule, call, message, reason=_WAY_OUT)


def _is_loop(file: File, node: ast.expr) -> bool:
    """Whether an expression is a loop of a Trainer (of what is called so), or a loop in one."""
    while isinstance(node, ast.Attribute) and node.attr in _LOOPS:
        node = node.value
        types = infer(file, node)
        if is_surely(types, Role.TRAINER.value):
            return True
        named = file.text(node).rpartition(".")[2] == "trainer"
        if named and all(t.kind == "unknown" for t in types):
            return True
    return False
