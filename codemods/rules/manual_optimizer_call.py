"""A training step drives the optimizer itself under automatic optimization.

What it does
    Finds `zero_grad()` and `step()` on Lightning's optimizers and schedulers
    (`self.optimizers()`, `self.lr_schedulers()`, variables that hold them, attributes set in
    `configure_optimizers`), `self.manual_backward(loss)`, `loss.backward()` and gradient clipping
    in the `training_step` of a LightningModule, and in helper methods that only the step calls,
    while optimization is automatic.

Why
    Lightning runs zero_grad, backward and step around the training step. `manual_backward` raises
    MisconfigurationException there; `loss.backward()` together with a returned loss raises
    `RuntimeError: Trying to backward through the graph a second time`; `zero_grad` and `step`
    alone do nothing; a `step` without `zero_grad` applies the gradients of the batch before once
    more; backward and step without a returned loss train past precision, clipping and
    accumulation.

Example
    ```python
    def training_step(self, batch, batch_idx):
        opt = self.optimizers()
        opt.zero_grad()
        loss = self.loss(batch)
        loss.backward()
        opt.step()
    ```
    becomes
    ```python
    def training_step(self, batch, batch_idx):
        loss = self.loss(batch)
        return loss
    ```

Fix safety
    Safe where one optimizer is driven once for each batch by exactly these calls: they are
    removed and the loss is returned. Unsafe where the calls changed the training (a step on old
    gradients, a scheduler step for each batch) or code behind them may need the new weights.
    Where a step drives several optimizers, steps on a condition, in a loop or by a closure, the
    repair is the other one: `self.automatic_optimization = False` and `self.manual_backward`,
    always unsafe. Gradient clipping and scaling by hand are told with the Trainer's argument.
    Manual optimization, optimizers that the step makes for itself and backward calls that are not
    on the returned loss are left alone.

References
    lightning/pytorch/loops/optimization/automatic.py (2.6.6), `Closure.closure`
    lightning/pytorch/core/module.py (2.6.6), `LightningModule.manual_backward`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._driving import driving
from ._hand_repair import is_by_hand, repair_of
from ._steps import is_called, is_manual, training_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF402", triggers=("training_step",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """One finding for each step that drives its optimizer, at the first of the calls."""
    del settings
    for step in training_steps(file):
        repair = repair_of(driving(step))
        if repair is None or is_manual(step) or is_called(step):
            continue
        doubts = (*repair.doubts, *step.doubts)
        fix = None
        if repair.edits:
            by_hand = is_by_hand(driving(step))
            title = "declare manual optimization" if by_hand else "leave the optimizer to Lightning"
            fix = Fix(title, repair.edits, Safety.UNSAFE if doubts else Safety.SAFE)
        reason = repair.reason or "; ".join(doubts) or None
        yield file.finding(rule, repair.at or step.header, repair.message, fix=fix, reason=reason)
