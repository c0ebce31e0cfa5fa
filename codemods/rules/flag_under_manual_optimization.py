"""A Trainer clips or accumulates gradients although its module optimizes by hand.

What it does
    Follows the Trainer to its `fit` and the module that it is given, and finds
    `gradient_clip_val` and `accumulate_grad_batches` where that module sets
    `automatic_optimization = False`.

Why
    Since 1.4 `fit` refuses: `MisconfigurationException: Automatic gradient clipping is not
    supported for manual optimization`.

Example
    ```python
    trainer = pl.Trainer(gradient_clip_val=0.5)
    trainer.fit(ByHand())
    ```
    becomes, with a call in the module's training_step,
    ```python
    self.clip_gradients(optimizer, gradient_clip_val=0.5, gradient_clip_algorithm="norm")
    optimizer.step()
    ```

Fix safety
    Unsafe: before 1.4 nothing was clipped or accumulated, and the module does it under every
    Trainer then. For accumulation the loss is divided, and `step` and `zero_grad` move behind a
    condition. Told where the step is not in sight, or does more than that. Safe where the module
    clips, or counts batches, by itself already: the argument only made `fit` fail. A module with
    an attribute of the argument's name, as the fix of LF404 writes it where the value is known to
    the script alone, gets the value just before `fit`.

References
    https://lightning.ai/docs/pytorch/2.6.1/model/manual_optimization.html
    https://github.com/Lightning-AI/pytorch-lightning/pull/7788
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Class, self_name
from ..engine.rule import rule
from ..engine.statements import insert_before
from ._driving import STEP, driving
from ._steps import Step
from ._telling import Repair, tell
from ._trainer_accumulation import accumulated
from ._trainer_calls import TrainerCall, trainer_calls
from ._trainer_module import is_by_hand, module_of
from ._trainer_moves import handed
from ._trainer_remedy import value_of
from ._trainer_targets import TRAINER_WORDS
from ._turn_settings import HANDED
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding


@rule("LF309", triggers=("gradient_clip_val", "accumulate_grad_batches"), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the arguments."""
    del settings
    for call in trainer_calls(file):
        clip, many = call.get("gradient_clip_val"), call.get("accumulate_grad_batches")
        cls = module_of(call) if clip is not None or many is not None else None
        if cls is None or not is_by_hand(cls):
            continue
        for found in (clip, many):
            if found is not None and _takes(cls, found.name):
                message = f"{cls.name} optimizes by hand, and reads its own {found.name}"
                yield tell(rule, call, found.name, message, _handed(call, found.name))
        if clip is not None and _matters(call, cls, clip.name, (None, 0, UNKNOWN)):
            message = f"{cls.name} optimizes by hand: fit refuses gradient_clip_val="
            yield tell(rule, call, clip.name, message, _clipping(call, cls))
        if many is not None and _matters(call, cls, many.name, (None, 1, UNKNOWN)):
            message = f"{cls.name} optimizes by hand: fit refuses accumulate_grad_batches="
            # Both at once would write into the same lines; the next round does the rest.
            alone = clip is None or value_of(call, clip.name) in (None, 0)
            yield tell(rule, call, many.name, message, _accumulation(call, cls, alone=alone))


def _matters(call: TrainerCall, cls: Class, name: str, harmless: tuple[object, ...]) -> bool:
    return not _takes(cls, name) and value_of(call, name) not in harmless


def _takes(cls: Class, name: str) -> bool:
    """Whether a module has an attribute in the place of the argument, and reads it."""
    found = [(owner, value) for owner, _, value, path in cls.self_assignments(name) if not path]
    texts = {owner.file.text(value) for owner, value in found if value is not None}
    reads = [c.file.text(c.node).count(f".{name}") for c in cls.mro]
    return texts == {HANDED[name]} and sum(reads) > len(found)


def _handed(call: TrainerCall, name: str) -> Repair:
    move = handed(call, name)
    if move is None:
        return Repair(reason=f"leave it away and set {name} of the module before fit")
    return Repair({name: []}, move.edits)


def _clipping(call: TrainerCall, cls: Class) -> Repair:
    reason = (
        "leave it away and call self.clip_gradients(optimizer, gradient_clip_val=…, "
        'gradient_clip_algorithm="norm") before optimizer.step()'
    )
    names = ("gradient_clip_val", "gradient_clip_algorithm")
    given = {n: call.text(n) for n in names if call.get(n) is not None}
    if any("clip_gradients(" in c.file.text(c.node) for c in cls.mro):
        return Repair({name: [] for name in given})
    plain = all(literal(call.value(n)) is not UNKNOWN for n in given)
    edits = _calls(cls, given) if plain and cls.file is call.file else None
    if edits is None:
        return Repair(reason=reason)
    doubts = ["until 1.3 nothing was clipped, and now it is under every Trainer"]
    return Repair({name: [] for name in given}, edits, doubts=doubts)


def _accumulation(call: TrainerCall, cls: Class, *, alone: bool) -> Repair:
    name = "accumulate_grad_batches"
    reason = (
        f"leave it away, and in training_step call step and zero_grad only when "
        f"(batch_idx + 1) % {call.text(name)} == 0 or self.trainer.is_last_batch"
    )
    if any(f"% {value_of(call, name)} == 0" in c.file.text(c.node) for c in cls.mro):
        return Repair({name: []})
    step = _step(cls)
    number = literal(call.value(name))
    if step is None or not alone or not isinstance(number, int) or cls.file is not call.file:
        return Repair(reason=reason)
    edits = accumulated(cls, step, call.text(name))
    if edits is None:
        return Repair(reason=reason)
    doubts = ["until 1.3 nothing was accumulated, and now it is under every Trainer"]
    return Repair({name: []}, edits, doubts=doubts)


def _step(cls: Class) -> Step | None:
    """The training step, where it stands in the file of the class."""
    method = cls.method("training_step")
    own = self_name(method[1]) if method is not None else None
    if method is None or own is None or method[0].file is not cls.file:
        return None
    return Step(cls.file, method[0], method[1], own)


def _calls(cls: Class, given: dict[str, str]) -> tuple[Edit, ...] | None:
    """The edits that clip before each step of an optimizer; None where one is not in sight."""
    own = _step(cls)
    if own is None:
        return None
    file = cls.file
    steps = driving(own).of(STEP)
    edits = []
    for step in steps:
        statement, func = file.tree.parents[step.node], step.node.func
        if not isinstance(statement, ast.Expr) or not isinstance(func, ast.Attribute):
            return None
        if step.home.file is not file or step.nested or step.node.args or step.node.keywords:
            return None
        algorithm = given.get("gradient_clip_algorithm", '"norm"')
        arguments = (
            f"{file.text(func.value)}, gradient_clip_val={given['gradient_clip_val']}, "
            f"gradient_clip_algorithm={algorithm}"
        )
        text = f"{step.home.own}.clip_gradients({arguments})"
        edit = insert_before(file, statement, text)
        if edit is None:
            return None
        edits.append(edit)
    return tuple(edits) or None
