"""The configuration of a learning rate scheduler has a key that Lightning does not know.

What it does
    Finds dicts with a `"scheduler"` in `configure_optimizers` that hold `opt_idx` or another key
    beside `scheduler`, `interval`, `frequency`, `monitor`, `strict`, `reduce_on_plateau`, `name`.

Why
    Lightning warns once and ignores it. `opt_idx` is not needed since 1.6: a scheduler tells by
    itself whose it is.

Example
    ```python
    return [optimizer], [{"scheduler": scheduler, "opt_idx": 0}]
    ```
    becomes
    ```python
    return [optimizer], [{"scheduler": scheduler}]
    ```

Fix safety
    Safe for `opt_idx`. Unsafe for a key that is nearly one of the others. Told otherwise.

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
from ..engine.rule import rule
from ..model import Fix, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_KNOWN = (
    "scheduler", "name", "interval", "frequency", "reduce_on_plateau", "monitor", "strict",
)  # fmt: skip


@rule("LF911", triggers=("configure_optimizers",), context=("scheduler",))
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
    if "scheduler" not in given or {"optimizer", "lr_scheduler"} & set(given.named):
        return
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
