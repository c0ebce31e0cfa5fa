"""A Trainer is asked to tune, which is a Tuner's work.

What it does
    Finds `trainer.tuner.lr_find(…)`, `trainer.tuner.scale_batch_size(…)` and `trainer.tune(…)`,
    and writes `Tuner(trainer)` for the first two. A `tune` of a Trainer without the flags that it
    obeyed did nothing and is removed; that of one with them goes together with the flags.

Why
    `Trainer.tuner` and `Trainer.tune` are gone since 2.0 and raise `AttributeError`.

Example
    ```python
    finder = trainer.tuner.lr_find(model)
    ```
    becomes
    ```python
    finder = Tuner(trainer).lr_find(model, update_attr=False)
    ```

Fix safety
    Safe: `lr_find` of today writes the found rate into the module, which `update_attr=False` keeps
    it from. `scale_batch_size` is unsafe: it stops at 8192 now. Where flags of the constructor are
    not in sight, `tune` is told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16462
    lightning/pytorch/tuner/tuning.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.imports import spell
from ..engine.rule import rule
from ..engine.statements import remove, stands_alone
from ..lightning.changes.row import minor
from ..lightning.objects import CLASSES, TRAINER
from ..model import Fix, Safety
from ._members import uses
from ._trainer_calls import trainer_calls
from ._trainer_tuning import FLAGS
from ._trainer_uses import uses as uses_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._members import Use

#: What the arguments by position mean is the same in all releases up to there.
_POSITIONS = 3
_TUNER = "lightning.pytorch.tuner.Tuner"
_SHORTER = "it stops at 8192 now, and binsearch takes off 5 %"
_BY_HAND = "call Tuner(trainer).lr_find(model) or Tuner(trainer).scale_batch_size(model)"


@rule("LF605", triggers=(".tune",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the attributes."""
    if minor(settings.target) < (2, 0):
        return
    for use in uses(file, ("tune", "tuner")):
        if CLASSES[TRAINER] in use.owners:
            found = _of_tuner(rule, file, use) if use.name == "tuner" else _of_tune(rule, file, use)
            if found is not None:
                yield found


def _of_tuner(rule: Rule, file: File, use: Use) -> Finding | None:
    if not use.is_read:
        return None
    spelled = spell(file, use.node, _TUNER)
    edits = [file.replace(use.node, f"{spelled.text}({file.text(use.node.value)})")]
    outer = file.tree.parents.get(use.node)
    call = file.tree.parents.get(outer) if isinstance(outer, ast.Attribute) else None
    method = outer.attr if isinstance(outer, ast.Attribute) else ""
    doubts = [use.doubt] if use.doubt else []
    if isinstance(call, ast.Call) and call.func is outer and method == "lr_find":
        if len(call.args) > _POSITIONS:
            doubts.append("the fourth argument by position was the datamodule in 1.4 and older")
        if "update_attr" not in Arguments(file, call):
            edits += Arguments(file, call).change({"": [("update_attr", "False")]})
    elif method == "scale_batch_size":
        doubts.append(_SHORTER)
    else:
        doubts.append("lr_find writes the found rate into the module now")
    return file.finding(
        rule,
        use.node,
        "Trainer.tuner is gone since Lightning 2.0; it is Tuner(trainer)",
        fix=Fix(
            "make a Tuner of the Trainer",
            tuple(edits),
            Safety.UNSAFE if doubts else Safety.SAFE,
            spelled.needs,
        ),
        reason="; ".join(doubts) or None,
    )


def _of_tune(rule: Rule, file: File, use: Use) -> Finding | None:
    call = file.tree.parents.get(use.node)
    statement = file.tree.parents.get(call) if isinstance(call, ast.Call) else None
    fix, reason = None, _BY_HAND
    maker = next((c for c in trainer_calls(file) if _makes(file, c.node, call)), None)
    if maker is not None and not maker.hidden and not use.guessed:
        if any(maker.get(flag) is not None for flag in FLAGS):
            reason = f"the flags {' and '.join(FLAGS)} say what it does: they become its calls"
        elif isinstance(statement, ast.Expr) and stands_alone(file, statement):
            edits = remove(file, [statement])
            fix, reason = Fix("remove it: without flags it did nothing", edits), ""
    return file.finding(
        rule,
        use.node,
        "Trainer.tune is gone since Lightning 2.0; a Tuner does it",
        fix=fix,
        reason=reason or None,
    )


def _makes(file: File, node: ast.Call, tune: ast.AST | None) -> bool:
    """Whether a Trainer made by a call is the one that is tuned by another."""
    used = uses_of(file, node)
    return used is not None and any(t is tune for t in used.of("tune"))
