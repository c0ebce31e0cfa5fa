"""A training step is written to be called once for each optimizer.

What it does
    Finds LightningModules whose `training_step` takes `optimizer_idx` because
    `configure_optimizers` returns several optimizers, and writes a `training_step` that takes their
    turns by hand, in the order, and with the toggling, of 1.x. A branch for each optimizer becomes
    straight code. Where the step is more tangled than that, it keeps the old body as a method of
    its own, and calls it for each optimizer. Schedulers that Lightning stepped are stepped too.

Why
    2.x refuses several optimizers under automatic optimization, and a `training_step` that takes
    `optimizer_idx` (`RuntimeError`).

Example
    ```python
    class Gan(pl.LightningModule):
        def training_step(self, batch, batch_idx, optimizer_idx):
            if optimizer_idx == 0:
                return self.generator_loss(batch)
            return self.critic_loss(batch)

        def configure_optimizers(self):
            ...
            return generator, critic
    ```
    becomes
    ```python
    class Gan(pl.LightningModule):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.automatic_optimization = False

        def training_step(self, batch, batch_idx):
            generator, critic = self.optimizers()

            self.toggle_optimizer(generator)
            loss = self.generator_loss(batch)
            generator.zero_grad()
            self.manual_backward(loss)
            generator.step()
            self.untoggle_optimizer(generator)

            self.toggle_optimizer(critic)
            loss = self.critic_loss(batch)
            critic.zero_grad()
            self.manual_backward(loss)
            critic.step()
            self.untoggle_optimizer(critic)
    ```

Fix safety
    Safe where the number of optimizers is seen: losses, logged values and weights are those of
    1.x. A step that gives None for an optimizer skips it. Optimizers with a `frequency` get their
    batches by `batch_idx`; schedulers are stepped when 1.x stepped them, after the last batch of an
    epoch and before validation, those that watch a metric when the epoch ends. An `optimizer_step`
    of the module's own is called with a closure, `optimizer_zero_grad`, `lr_scheduler_step` and
    `configure_gradient_clipping` where they were called. What the Trainers that fit the module say
    of clipping and accumulation moves into the step; with 16 bits gradients are clipped in
    `on_before_optimizer_step`, which sees them unscaled, and so they are where the module or a
    callback has that hook, which ran before. Then the arguments are another finding.
    Unsafe where the number of optimizers is not seen, where `training_epoch_end` reads the outputs
    of each optimizer (they are kept in a list, nested as the hook reads them), and where subclasses
    have steps of their own: those that Lightning drives switch automatic optimization on again.
    Unsafe, too, where a callback reads the outputs of a batch, or has `on_before_zero_grad`, which
    is not called any more.
    A step that calls `manual_backward` optimizes by hand already, which 1.0 and 1.1 were told by
    the Trainer: it only declares that. Told where it reads the index.
    Told where more than the step depends on the automatic loop: other hooks that read those
    outputs, LBFGS, metrics watched after each batch, subclasses whose schedulers differ or that
    call the step, `track_grad_norm` of a Trainer that clips, accumulation by a schedule.
    `trainer.global_step` counts the steps of all optimizers, as it does since 1.6, but none for an
    optimizer that a None skips.
    Callbacks see `on_train_batch_end` without outputs, and schedulers that watch a metric are
    stepped before the checkpoints of the epoch's end are written.

References
    pytorch_lightning/loops/optimization/optimizer_loop.py (1.5.10), `_run_optimization`
    https://lightning.ai/docs/pytorch/stable/model/manual_optimization.html
    https://github.com/Lightning-AI/pytorch-lightning/pull/16539
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._by_hand import apart, new_step
from ._driving import MANUAL_BACKWARD, driving
from ._hand_manual import switched_off
from ._hook_optimizers import Count, optimizer_count
from ._hook_planner import Planner
from ._steps import training_steps
from ._turn_callbacks import unheard
from ._turn_heirs import INDEX_NAMES, driven_on, family_of, index_of, is_indexed
from ._turn_settings import obstacle, overridden
from ._turns import turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding, Need
    from ._steps import Step

_PARAMETERS = 4
_STEP = "training_step"
_NESTED = (
    "until 1.5 training_epoch_end was given a list for each optimizer, since then one for each "
    "batch: it is read here like the one of both that is written"
)
_ONCE = (
    "a step that calls manual_backward was never called for each optimizer, but once, with the "
    "index 0"
)
_UNSEEN = "how many optimizers there are is not seen here; with one, the step is called once"


@rule("LF404", triggers=(_STEP,), context=tuple(sorted(INDEX_NAMES)))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the headers of steps."""
    planner = Planner(settings.target)
    for step in training_steps(file):
        found = index_of(step.cls, step.function)
        if found is not None:
            index, number = found
            yield _finding(rule, step, index, planner, certain=number is Count.SEVERAL)


def _finding(rule: Rule, step: Step, index: str, planner: Planner, *, certain: bool) -> Finding:
    message = (
        f"training_step takes {index}, and 2.x does not call it once for each optimizer: several "
        "optimizers need manual optimization"
    )
    if driving(step).of(MANUAL_BACKWARD):
        return _by_hand(rule, step, index, message)
    reason = _misshapen(step, index) or obstacle(step.cls, index, planner)
    if reason is not None:
        return step.file.finding(rule, step.header, message, reason=reason)
    family = family_of(step.cls)
    several = certain and all(
        optimizer_count(c) is Count.SEVERAL for c in family.configuring if c is not step.cls
    )
    way = turns(step.cls, step.function, family, several=several, overridden=overridden(family))
    needs: tuple[Need, ...] = ()
    if way.kept is not None and way.entry:
        detached, needs = apart(step)
        way = replace(way, detached=detached)
    edits = new_step(step, index, way)
    driven = driven_on(family)
    if not edits or driven is None:
        reason = "set self.automatic_optimization = False and take turns in training_step"
        return step.file.finding(rule, step.header, message, reason=reason)
    doubts = [*step.doubts, *(() if certain else (_UNSEEN,)), *((_NESTED,) if way.kept else ())]
    doubts += [d for d in (family.doubt, _above(step.cls), *unheard(step.file)) if d]
    fix = Fix(
        "take turns by hand", (*edits, *driven), Safety.UNSAFE if doubts else Safety.SAFE, needs
    )
    return step.file.finding(rule, step.header, message, fix=fix, reason="; ".join(doubts) or None)


def _by_hand(rule: Rule, step: Step, index: str, message: str) -> Finding:
    """A step that 1.x refused under automatic optimization: it was called once for each batch."""
    switch, driven = switched_off(step), driven_on(family_of(step.cls))
    asked = any(isinstance(node, ast.Name) and node.id == index for node in step.nodes)
    if asked or switch is None or driven is None:
        reason = f"{_ONCE}; set self.automatic_optimization = False and leave {index} away"
        return step.file.finding(rule, step.header, message, reason=reason)
    safety = Safety.UNSAFE if step.doubts else Safety.SAFE
    fix = Fix("declare manual optimization", (switch, *driven), safety)
    reason = "; ".join((_ONCE, *step.doubts))
    return step.file.finding(rule, step.header, message, fix=fix, reason=reason)


def _above(cls: Class) -> str:
    """The doubt where a base has a step that takes turns too: both are written at once."""
    bases = [c.name for c in cls.mro if c is not cls and _STEP in c.methods]
    steps = [c.methods[_STEP] for c in cls.mro if c is not cls and _STEP in c.methods]
    if not any(map(is_indexed, steps)):
        return ""
    return f"the training_step of {bases[0]} takes turns too"


def _misshapen(step: Step, index: str) -> str | None:
    arguments = step.function.args
    plain = [a.arg for a in arguments.args]
    others = arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs
    if others or len(plain) != _PARAMETERS or plain[-1] != index:
        return "the step has other parameters too (hiddens of truncated backpropagation?)"
    if step.decorators:
        return "the decorator of the step may count on optimizer_idx"
    return None
