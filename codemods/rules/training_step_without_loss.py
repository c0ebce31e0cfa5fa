"""A training step does not hand its loss to Lightning.

What it does
    Follows every way through the `training_step` of a LightningModule under automatic
    optimization, and finds the ways that compute a loss and fall off the end, and returns of what
    Lightning cannot train with: a dict without `"loss"`, a tuple, a number, a tensor that is cut
    off from its graph by `.item()`, `.detach()` or `float()`.

Why
    Lightning runs `backward` on what the step returns. A step that returns None is skipped: `fit`
    runs to its end without an error, and no weight ever changes. A dict without `"loss"`, a tuple
    or a number raises MisconfigurationException; a detached loss raises `RuntimeError: element 0
    of tensors does not require grad`.

Example
    ```python
    def training_step(self, batch, batch_idx):
        loss = self.loss(self(batch[0]), batch[1])
        self.log("train_loss", loss)
    ```
    becomes
    ```python
    def training_step(self, batch, batch_idx):
        loss = self.loss(self(batch[0]), batch[1])
        self.log("train_loss", loss)
        return loss
    ```

Fix safety
    Safe where one variable is the loss (it is logged as one, computed by a loss function, or named
    so, and all other candidates are parts of it) and is assigned on every way to the end. Several
    candidates, none, or a way without the loss are told. Unsafe where a base class is unknown or
    a decorator may change what is returned. Manual optimization, batches that are skipped by
    `return None`, and steps that call `backward` themselves (`manual-optimizer-call`) are left
    alone.

References
    lightning/pytorch/loops/optimization/automatic.py (2.6.6), `ClosureResult`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._driving import drives
from ._optimizers import has_none
from ._returning import missing_return, wrong_return
from ._steps import is_called, is_manual, training_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._returning import Repair
    from ._steps import Step


@rule("LF401", triggers=("training_step",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at steps that lose their loss, and at wrong return values."""
    del settings
    for step in training_steps(file):
        repairs = _repairs(step)
        if not repairs or _is_other(step):
            continue
        yield from (_finding(rule, step, repair) for repair in repairs)


def _repairs(step: Step) -> list[Repair]:
    found = [missing_return(step)]
    found += [wrong_return(step, end) for end in step.paths.returns]
    return [repair for repair in found if repair is not None]


def _is_other(step: Step) -> bool:
    """Whether something else decides what becomes of the step's output."""
    if step.cls.method("training_step_end") is not None:
        return True
    return drives(step) or has_none(step.cls) or is_manual(step) or is_called(step)


def _finding(rule: Rule, step: Step, repair: Repair) -> Finding:
    doubts = (*repair.doubts, *step.doubts)
    fix = None
    if repair.edits:
        fix = Fix("return the loss", repair.edits, Safety.UNSAFE if doubts else Safety.SAFE)
    reason = repair.reason or "; ".join(doubts) or None
    return step.file.finding(rule, repair.at or step.header, repair.message, fix=fix, reason=reason)
