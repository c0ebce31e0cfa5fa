"""A training step is written to be called once for each optimizer.

What it does
    Finds LightningModules whose `training_step` takes `optimizer_idx` because
    `configure_optimizers` returns several optimizers, and writes a `training_step` that takes their
    turns by hand: it keeps the old body as a method of its own, and calls it for each optimizer in
    the order, and with the toggling, of 1.x. Schedulers that Lightning stepped are stepped too.

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
    ```
    becomes
    ```python
    class Gan(pl.LightningModule):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.automatic_optimization = False

        def training_step(self, batch, batch_idx):
            for optimizer_idx, optimizer in enumerate(self.optimizers()):
                self.toggle_optimizer(optimizer)
                loss = self._training_step(batch, batch_idx, optimizer_idx)
                optimizer.zero_grad()
                self.manual_backward(loss)
                optimizer.step()
                self.untoggle_optimizer(optimizer)

        def _training_step(self, batch, batch_idx, optimizer_idx):
            if optimizer_idx == 0:
                return self.generator_loss(batch)
            return self.critic_loss(batch)
    ```

Fix safety
    Safe where the number of optimizers is seen: losses, logged values and weights are those of
    1.x. A step that gives None for an optimizer skips it. Unsafe where the number is not seen. Told
    where more than the step depends on the automatic loop: frequencies, overridden
    `optimizer_step` or `backward`, LBFGS, schedulers with a monitor, subclasses with steps of their
    own. A Trainer that clips or accumulates gradients is another finding. `trainer.global_step`
    counts the steps of all optimizers, as it does since 1.6.

References
    pytorch_lightning/loops/optimization/optimizer_loop.py (1.5.10), `_run_optimization`
    https://lightning.ai/docs/pytorch/stable/model/manual_optimization.html
    https://github.com/Lightning-AI/pytorch-lightning/pull/16539
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..engine.statements import indent
from ..model import Edit, Fix, Safety, Span
from ._hand_manual import switched_off
from ._hook_optimizers import Count
from ._steps import training_steps
from ._turns import INDEX_NAMES, Turns, index_of, obstacle, turns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._steps import Step

_PARAMETERS = 4
_STEP, _HELPERS = "training_step", ("_training_step", "_step_of_optimizer")
_UNSEEN = "how many optimizers there are is not seen here; with one, the step is called once"


@rule("LF404", triggers=(_STEP,), context=tuple(sorted(INDEX_NAMES)))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the headers of steps."""
    del settings
    for step in training_steps(file):
        found = index_of(step.cls, step.function)
        if found is not None:
            index, number = found
            yield _finding(rule, step, index, certain=number is Count.SEVERAL)


def _finding(rule: Rule, step: Step, index: str, *, certain: bool) -> Finding:
    message = (
        f"training_step takes {index}, and 2.x does not call it once for each optimizer: several "
        "optimizers need manual optimization"
    )
    reason = _misshapen(step, index) or obstacle(step.cls)
    if reason is not None:
        return step.file.finding(rule, step.header, message, reason=reason)
    edits = _edits(step, index, turns(step.cls, step.function, several=certain))
    if not edits:
        reason = "set self.automatic_optimization = False and take turns in training_step"
        return step.file.finding(rule, step.header, message, reason=reason)
    doubts = [*step.doubts, *(() if certain else (_UNSEEN,))]
    fix = Fix("take turns by hand", edits, Safety.UNSAFE if doubts else Safety.SAFE)
    return step.file.finding(rule, step.header, message, fix=fix, reason="; ".join(doubts) or None)


def _misshapen(step: Step, index: str) -> str | None:
    arguments = step.function.args
    plain = [a.arg for a in arguments.args]
    others = arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs
    if others or len(plain) != _PARAMETERS or plain[-1] != index:
        return "the step has other parameters too (hiddens of truncated backpropagation?)"
    if step.decorators:
        return "the decorator of the step may count on optimizer_idx"
    return None


def _edits(step: Step, index: str, way: Turns) -> tuple[Edit, ...]:
    switch = switched_off(step)
    helper = next((name for name in _HELPERS if not _is_taken(step, name)), None)
    body = step.function.body[0]
    inner = step.file.source.indent_of(step.function.lineno)
    unit = indent(step.file, body)[len(inner) :]
    if switch is None or helper is None or not unit:
        return ()
    own, batch, batch_idx, _ = (a.arg for a in step.function.args.args)
    lines = way.step(own, batch, batch_idx, index, helper)
    method = "".join(f"{inner}{line.replace('    ', unit)}\n" if line else "\n" for line in lines)
    start = step.file.source.line_span(step.function.lineno).start
    name = _name_span(step)
    edits = [switch, Edit(name, helper)]
    edits += [
        step.file.replace(call.func, f"{step.file.text(call.func.value)}.{helper}")
        for call in step.file.tree.calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == _STEP
        and step.file.class_of(call) is step.cls
        and isinstance(call.func.value, ast.Name)
    ]
    if switch.span.start == start:
        # A new __init__ goes to the same place: one edit for both.
        edits[0] = Edit(switch.span, switch.text + method)
    else:
        edits.append(Edit(Span(start, start), method))
    if way.schedules:
        more = way.epoch_end(step.cls, inner, unit)
        if more is None:
            return ()
        edits.append(more)
    return tuple(edits)


def _name_span(step: Step) -> Span:
    """The name in the ``def`` line."""
    start = step.file.source.offset(step.function.lineno, step.function.col_offset)
    found = step.file.source.data.index(_STEP.encode(), start)
    return Span(found, found + len(_STEP))


def _is_taken(step: Step, name: str) -> bool:
    cls = step.cls
    return bool(cls.method(name) or cls.class_values(name) or any(cls.self_assignments(name)))
