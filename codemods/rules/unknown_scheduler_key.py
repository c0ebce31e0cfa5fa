"""The configuration of an optimizer or its scheduler has a key that Lightning does not know.

What it does
    Finds dicts with a `"scheduler"` in `configure_optimizers` that hold `opt_idx` or another key
    beside `scheduler`, `interval`, `frequency`, `monitor`, `strict`, `reduce_on_plateau`, `name`,
    and dicts with an `"optimizer"` that hold another key beside `lr_scheduler` and `monitor`.
    Also an `interval` that is neither `"step"` nor `"epoch"`, which raises.

Why
    Lightning warns once and ignores it: a `"scheduler"` beside the `"optimizer"` is never stepped.
    `opt_idx` is not needed since 1.6: a scheduler tells by itself whose it is.

Example
    ```python
    return [optimizer], [{"scheduler": scheduler, "opt_idx": 0}]
    ```
    becomes
    ```python
    return [optimizer], [{"scheduler": scheduler}]
    ```

Fix safety
    Safe for `opt_idx`. Unsafe for a key that is nearly one of the others, and for a scheduler under
    another name than `lr_scheduler`: it was not stepped until now. Told otherwise.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/11247
    lightning/pytorch/core/optimizer.py (2.6.6), `_configure_schedulers_automatic_opt`
"""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ..model import Fix, Safety, Severity
from ._optimizers import OPTIMIZER
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_KNOWN = (
    "scheduler", "name", "interval", "frequency", "reduce_on_plateau", "monitor", "strict",
)  # fmt: skip


#: What the dict of an optimizer may hold; ``frequency`` was for taking turns.
_OF_OPTIMIZER = ("optimizer", "lr_scheduler", "monitor", "frequency")
_INTERVALS = ("step", "epoch")
_NAMES = ("scheduler", "schedulers", "lr_schedulers", "lr_sched", "sched", "scheduler_lr")


@rule("LF911", triggers=("configure_optimizers",), context=("scheduler", "optimizer"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at keys."""
    del settings
    for owner, function in file.tree.methods("configure_optimizers"):
        if not file.cls(owner).plays(Role.MODULE):
            continue
        for node in ast.walk(function):
            is_dict = isinstance(node, ast.Dict) or (
                isinstance(node, ast.Call) and file.canonical(node.func) == "dict"
            )
            if is_dict and isinstance(node, (ast.Dict, ast.Call)):
                yield from _of_dict(rule, file, Arguments(file, node))


def _of_dict(rule: Rule, file: File, given: Arguments) -> Iterator[Finding]:
    if "optimizer" in given and is_surely(infer(file, given.value("optimizer")), OPTIMIZER):
        yield from _beside(rule, file, given)
        return
    if "scheduler" not in given or {"optimizer", "lr_scheduler"} & set(given.named):
        return
    interval = literal(given.value("interval"))
    by_hand = b"automatic_optimization" in file.source.data
    if isinstance(interval, str) and interval not in _INTERVALS and not by_hand:
        node = given.named["interval"].node
        message = f"a scheduler has no interval {interval!r}: fit raises"
        yield file.finding(rule, node, message, reason='write "step" or "epoch"')
    for name, argument in given.named.items():
        if name in _KNOWN:
            continue
        near = difflib.get_close_matches(name, _KNOWN, 1, 0.75)
        message = f"Lightning ignores {name} in the configuration of a scheduler"
        fix = None
        reason = f"it knows {', '.join(_KNOWN)}; take the key out"
        if name == "opt_idx":
            fix = Fix("take it out", given.change({name: []}))
            message, reason = f"{message}: a scheduler tells by itself whose it is", ""
        elif near and near[0] not in given:
            edits = given.change({name: [(near[0], given.text(name))]})
            fix, reason = Fix(f"write {near[0]}", edits, Safety.UNSAFE), "it looks misspelt"
        yield file.finding(
            rule,
            argument.node,
            message,
            fix=fix,
            reason=reason or None,
            severity=Severity.WARNING,
        )


def _beside(rule: Rule, file: File, given: Arguments) -> Iterator[Finding]:
    """Findings at keys beside an optimizer."""
    for name, argument in given.named.items():
        if name in _OF_OPTIMIZER:
            continue
        message = f"Lightning ignores {name} in the configuration of an optimizer"
        is_schedule = name in _NAMES and "lr_scheduler" not in given
        fix, reason = None, f"it knows {', '.join(_OF_OPTIMIZER[:-1])}; take the key out"
        if is_schedule:
            edits = given.change({name: [("lr_scheduler", given.text(name))]})
            fix = Fix("write lr_scheduler", edits, Safety.UNSAFE)
            reason = "nothing has stepped the scheduler until now"
        elif name in _KNOWN:
            reason = f'it belongs to the scheduler: "lr_scheduler": {{"scheduler": …, "{name}": …}}'
        yield file.finding(
            rule, argument.node, message, fix=fix, reason=reason, severity=Severity.WARNING
        )
