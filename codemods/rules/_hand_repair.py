"""What to do about a step that drives its optimizers: leave it to Lightning, or declare it."""

from __future__ import annotations

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
)
from ._hand_manual import declaration
from ._hand_removal import clipping, removal, schedule_doubts
from ._optimizers import count, has_none
from ._returning import Repair

_MESSAGE = "training_step drives the optimizer itself under automatic optimization"
_BY_HAND = "training_step drives its optimizers by hand under automatic optimization"


def repair_of(found: Driving) -> Repair | None:
    """The repair of a step that drives its optimizers; None where that is all right."""
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
        return _beside(found)
    if has_none(found.step.cls):
        return None
    if found.inner or found.strangers:
        return Repair(
            _MESSAGE,
            at,
            reason="it also steps an optimizer that Lightning does not know; if both are meant, "
            "set self.automatic_optimization = False and call self.manual_backward(loss)",
        )
    if "optimizer_idx" in {a.arg for a in found.step.function.args.args}:
        return Repair(
            _MESSAGE,
            at,
            reason="optimizer_idx is not passed any more; set self.automatic_optimization = False "
            "and do the work of all optimizers in one call",
        )
    if not is_by_hand(found):
        return removal(found, _MESSAGE, at)
    if found.of(STEP) and found.of(BACKWARD, MANUAL_BACKWARD):
        return declaration(found, _BY_HAND, at)
    return Repair(_MESSAGE, at, reason=_advice(found))


def is_by_hand(found: Driving) -> bool:
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


def _beside(found: Driving) -> Repair | None:
    """Scheduler steps and clipping in a step that leaves the optimizer alone."""
    schedules = found.of(SCHEDULE)
    if schedules:
        message = "training_step steps a scheduler that Lightning steps too"
        if all(c.straight for c in schedules):
            return removal(found, message, schedules[0].node)
        doubts = "; ".join(schedule_doubts(found.step))
        reason = doubts or "Lightning steps it after each batch"
        return Repair(message, schedules[0].node, reason=f"remove the call; {reason}")
    clips = found.of(CLIP)
    if clips:
        message = "gradients are clipped in training_step, before Lightning has computed them"
        return Repair(message, clips[0].node, reason=clipping(clips))
    return None
