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

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._driving import (
    BACKWARD,
    CLIP,
    MANUAL_BACKWARD,
    SCALER,
    SCHEDULE,
    STEP,
    TOGGLE,
    ZERO,
    Driving,
    driving,
)
from ._hand_manual import declaration
from ._hand_removal import clipping, removal, schedule_doubts
from ._optimizers import count, has_none
from ._returning import Repair
from ._steps import is_manual, training_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_MESSAGE = "training_step drives the optimizer itself under automatic optimization"


@rule("LF402", triggers=("def training_step",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """One finding for each step that drives its optimizer, at the first of the calls."""
    for step in training_steps(file):
        repair = _repair(driving(step))
        if repair is None or is_manual(step):
            continue
        doubts = (*repair.doubts, *step.doubts)
        fix = None
        if repair.edits:
            title = "declare manual optimization" if _is_by_hand(driving(step)) else "leave the optimizer to Lightning"
            fix = Fix(title, repair.edits, Safety.UNSAFE if doubts else Safety.SAFE)
        reason = repair.reason or "; ".join(doubts) or None
        yield file.finding(rule, repair.at or step.header, repair.message, fix=fix, reason=reason)


def _repair(found: Driving) -> Repair | None:
    hand = found.of(ZERO, STEP, BACKWARD, MANUAL_BACKWARD)
    at = found.calls[0].node if found.calls else None
    if at is None:
        return None
    if found.of(SCALER):
        return Repair(
            _MESSAGE,
            at,
            reason='pass precision="16-mixed" to the Trainer, remove the scaler and the optimizer '
            "calls and return the loss",
        )
    if not hand or all(c.on is None and c.kind == ZERO for c in hand):
        return _beside(found, at)
    if has_none(found.step.cls):
        return None
    if found.inner or found.strangers:
        return Repair(
            _MESSAGE,
            at,
            reason="it also steps an optimizer that Lightning does not know; if both are meant, set "
            "self.automatic_optimization = False and call self.manual_backward(loss)",
        )
    if "optimizer_idx" in {a.arg for a in found.step.function.args.args}:
        return Repair(
            _MESSAGE,
            at,
            reason="optimizer_idx is not passed any more; set self.automatic_optimization = False "
            "and do the work of all optimizers in one call",
        )
    if not _is_by_hand(found):
        return removal(found, _MESSAGE, at)
    if found.of(STEP) and found.of(BACKWARD, MANUAL_BACKWARD):
        return declaration(found, "training_step drives its optimizers by hand under automatic optimization", at)
    return Repair(_MESSAGE, at, reason=_advice(found))


def _is_by_hand(found: Driving) -> bool:
    """Whether more is done than what Lightning does for each batch."""
    hand = found.of(ZERO, STEP, BACKWARD, MANUAL_BACKWARD)
    return (
        _are_several(found)
        or bool(found.of(TOGGLE))
        or any(not c.straight for c in hand)
        or any(c.kind == STEP and (c.node.args or c.node.keywords) for c in hand)
        or len(found.of(STEP)) > 1
        or len(found.of(BACKWARD, MANUAL_BACKWARD)) > 1
    )


def _are_several(found: Driving) -> bool:
    held = [c.on for c in found.calls if c.on is not None and c.kind != SCHEDULE]
    return any(on.several for on in held) or (count(found.step.cls) or 1) > 1


def _advice(found: Driving) -> str:
    if _are_several(found):
        return (
            "several optimizers need manual optimization: set self.automatic_optimization = False, "
            "call self.manual_backward(loss), and zero_grad and step on each optimizer"
        )
    return (
        "Lightning runs backward and step itself; remove the calls, and for a step every n batches "
        "pass accumulate_grad_batches=n to the Trainer"
    )


def _beside(found: Driving, at: ast.AST) -> Repair | None:
    """Scheduler steps and clipping in a step that leaves the optimizer alone."""
    schedules = found.of(SCHEDULE)
    if schedules:
        message = "training_step steps a scheduler that Lightning steps too"
        if all(c.straight for c in schedules):
            return removal(found, message, schedules[0].node)
        doubts = "; ".join(schedule_doubts(found.step))
        reason = doubts or "Lightning steps it after each batch"
        return Repair(message, schedules[0].node, reason=f"remove the call; {reason}")
    clips = [c for c in found.of(CLIP)]
    if clips:
        message = "gradients are clipped in training_step, before Lightning has computed them"
        return Repair(message, clips[0].node, reason=clipping(clips))
    return None
