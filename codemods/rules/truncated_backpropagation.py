"""A training step is written to be called once for each piece of a sequence.

What it does
    Finds LightningModules whose `training_step` takes `hiddens` because they set
    `truncated_bptt_steps`, and writes a `training_step` that goes through the pieces by hand: it
    keeps the old body as a method of its own, hands on the hidden state, cut off from its graph,
    and takes an optimizer step after each piece.

Why
    Lightning 2.0 knows no truncated backpropagation: it calls `training_step` once for the whole
    sequence, without `hiddens` (`TypeError`, or in silence where that has a default).

Example
    ```python
    class Net(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.truncated_bptt_steps = 2

        def training_step(self, batch, batch_idx, hiddens):
            ...
            return {"loss": loss, "hiddens": hiddens}
    ```
    becomes
    ```python
    class Net(pl.LightningModule):
        def __init__(self):
            super().__init__()
            self.automatic_optimization = False
            self.truncated_bptt_steps = 2

        def training_step(self, batch, batch_idx):
            optimizer = self.optimizers()
            hiddens = None
            for split in self._split_batch(batch):
                output = self._training_step(split, batch_idx, hiddens)
                hiddens = apply_to_collection(output["hiddens"], torch.Tensor, torch.Tensor.detach)
                loss = output["loss"]
                optimizer.zero_grad()
                self.manual_backward(loss)
                optimizer.step()

        def _split_batch(self, batch):
            ...
    ```

Fix safety
    Safe where there is one optimizer, the number of steps is set and every return is a dict with
    `loss`: losses, logged values and weights are those of 1.x. A `tbptt_split_batch` of the
    module's own is called; else a method is added that cuts tensors along their second dimension
    and sequences in pieces, as 1.x did. Schedulers, hooks and arguments of the Trainer move into
    the step as they do for several optimizers. Unsafe where the number of steps may be 0. Told
    otherwise. `trainer.global_step` counts every piece, as it does since 1.6.

References
    pytorch_lightning/loops/batch/training_batch_loop.py (1.5.10), `_tbptt_split_batch`
    https://github.com/Lightning-AI/pytorch-lightning/pull/16172
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ..engine.rule import rule
from ..model import Fix, Safety
from ._by_hand import apart, new_step
from ._hook_optimizers import Count, optimizer_count
from ._hook_planner import Planner
from ._steps import training_steps
from ._turn_heirs import INDEX_NAMES, family_of
from ._turn_settings import (
    HIDDENS,
    TIME_STEPS,
    obstacle,
    overridden,
    takes_pieces,
    time_steps,
)
from ._turns import Names, Turns, turns
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._steps import Step

_OWN_SPLIT = "tbptt_split_batch"
_SPLIT = "_split_batch"
_PARAMETERS = 4
_WAY_OUT = (
    "with manual optimization, loop over pieces of the sequence in training_step and carry the "
    "hidden state in a variable"
)


@dataclass(frozen=True)
class _Unrolled(Turns):
    """A step that goes through the pieces of a batch with one optimizer."""

    pieces: str = ""

    def step(self, names: Names) -> list[str]:
        """The lines of the new step."""
        own = names.own
        piece = Names(own, "split", names.batch_idx, names.index, names.helper)
        called = f"{own}.{names.helper}(split, {names.batch_idx}, {names.index})"
        return [
            f"def training_step({own}, {names.batch}, {names.batch_idx}):",
            f"    optimizer = {own}.optimizers()",
            f"    {names.index} = None",
            f"    for split in {self.pieces.format(own=own, batch=names.batch)}:",
            *("        " + line for line in [*self._carried(names, called), *self.turn(piece)]),
            *("    " + line for line in self.scheduled(names)),
            "",
        ]

    def _carried(self, names: Names, called: str) -> list[str]:
        """The lines that call the old body and keep the hidden state without its graph."""
        return [
            f"output = {called}",
            f"{names.index} = {self.detached}",
            f"loss = {self.entry}",
        ]


@rule("LF405", triggers=(HIDDENS,), context=(TIME_STEPS,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the headers of steps."""
    planner = Planner(settings.target)
    for step in training_steps(file):
        if takes_pieces(step.cls, step.function):
            yield _finding(rule, step, planner)


def _finding(rule: Rule, step: Step, planner: Planner) -> Finding:
    message = (
        f"training_step takes {HIDDENS}, and 2.x does not call it once for each piece of a sequence"
    )
    reason = _refused(step, planner)
    family = family_of(step.cls)
    way = turns(step.cls, step.function, family, several=True, overridden=overridden(family))
    if reason is None and (way.entry != 'output["loss"]' or way.skips):
        reason = f"not every return is a dict with the loss and {HIDDENS}: {_WAY_OUT}"
    if reason is not None:
        return step.file.finding(rule, step.header, message, reason=reason)
    detached, needs = apart(step)
    own_split = step.cls.method(_OWN_SPLIT) is not None
    pieces = f"{{own}}.{_OWN_SPLIT}({{batch}}, {{own}}.{TIME_STEPS})"
    unrolled = _Unrolled(
        **{**vars(way), "detached": detached.format(f'output["{HIDDENS}"]')},
        pieces=pieces if own_split else f"{{own}}.{_SPLIT}({{batch}})",
    )
    tensor = spell(step.file, step.function, "torch.Tensor")
    added = [] if own_split else _splitting(step.own, tensor.text)
    edits = new_step(step, HIDDENS, unrolled, added)
    if not edits:
        return step.file.finding(rule, step.header, message, reason=_WAY_OUT)
    doubts = list(step.doubts)
    if not all(type(literal(v)) is int for v in time_steps(step.cls)):
        doubts.append(
            f"with {TIME_STEPS} at 0 the batch was left whole, and no {HIDDENS} were passed"
        )
    needs = (*needs, *tensor.needs)
    fix = Fix(
        "go through the pieces by hand", edits, Safety.UNSAFE if doubts else Safety.SAFE, needs
    )
    return step.file.finding(rule, step.header, message, fix=fix, reason="; ".join(doubts) or None)


def _refused(step: Step, planner: Planner) -> str | None:
    names = [a.arg for a in step.function.args.args]
    arguments = step.function.args
    others = arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.posonlyargs
    if INDEX_NAMES.intersection(names) or optimizer_count(step.cls) is not Count.ONE:
        return f"several optimizers, or an unknown number of them: {_WAY_OUT}"
    if others or len(names) != _PARAMETERS or names[-1] != HIDDENS or step.decorators:
        return f"the step has other parameters too: {_WAY_OUT}"
    if step.cls.method(TIME_STEPS) is not None or "optimizer_step" in overridden(
        family_of(step.cls)
    ):
        return _WAY_OUT
    if step.cls.method(_SPLIT) is not None:
        return f"{_SPLIT} is there already: {_WAY_OUT}"
    return obstacle(step.cls, HIDDENS, planner, split=True)


def _splitting(own: str, tensor: str) -> list[str]:
    """The lines of a method that cuts a batch as 1.x did."""
    return [
        f"def {_SPLIT}({own}, batch):",
        f"    steps = {own}.{TIME_STEPS}",
        f"    length = next(len(x[0]) for x in batch if isinstance(x, ({tensor}, list, tuple)))",
        "    for start in range(0, length, steps):",
        "        yield [",
        f"            x[:, start : start + steps] if isinstance(x, {tensor})",
        "            else [row[start : start + steps] for row in x]",
        "            for x in batch",
        "        ]",
        "",
    ]
