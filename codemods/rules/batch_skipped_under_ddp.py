"""A step skips a batch by returning None, under several processes.

What it does
    Finds `return None` in a `training_step` that returns a loss elsewhere, in projects whose
    Trainer has a ddp strategy or several devices.

Why
    Since 2.3 it raises `RuntimeError: Skipping the training_step by returning None in distributed
    training is not supported`. Before, the processes waited for each other for ever.

Example
    ```python
    def training_step(self, batch, batch_idx):
        if batch is None:
            return None     # told
        return self.loss(batch)
    ```

Fix safety
    Told: leave such batches out in the collate function, or return a loss of zero that hangs on all
    parameters.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/19918
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import own_nodes
from ..lightning.changes.row import minor
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_STRATEGIES = ("ddp", "fsdp", "deepspeed")


@rule("LF923", triggers=("def training_step",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``return``."""
    if minor(settings.target) < (2, 3):
        return
    for definition in file.tree.classes:
        cls = file.cls(definition)
        step = cls.methods.get("training_step")
        if (
            step is None
            or not cls.has(Role.MODULE)
            or any(cls.self_assignments("automatic_optimization"))
        ):
            continue
        returns = [n for n in own_nodes(step) if isinstance(n, ast.Return)]
        empty = [r for r in returns if _is_none(r.value)]
        if not empty or len(empty) == len(returns) or not _is_distributed(file):
            continue
        for node in empty:
            yield file.finding(
                rule,
                node,
                "a step cannot skip a batch by returning None under several processes, since 2.3",
                reason="leave the batch out in the collate function, or return a loss of zero that "
                "hangs on all parameters: sum(p.sum() for p in self.parameters()) * 0.0",
            )


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _is_distributed(file: File) -> bool:
    """Whether a Trainer of the project surely runs several processes."""
    homes = dict.fromkeys([file, *file.project.holding(b"rainer(", file.path)])
    for call in (c for home in homes for c in trainer_calls(home)):
        strategy, devices = value_of(call, "strategy"), value_of(call, "devices")
        if isinstance(strategy, str) and strategy.startswith(_STRATEGIES):
            return True
        if isinstance(devices, int) and not isinstance(devices, bool) and devices > 1:
            return True
        if isinstance(devices, list) and len(devices) > 1:
            return True
    return False
