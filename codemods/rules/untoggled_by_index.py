"""`untoggle_optimizer` gets a number instead of the optimizer.

What it does
    Finds `self.untoggle_optimizer(index)` in modules, and hands it the optimizer that was toggled
    before.

Why
    It takes the optimizer since 2.0. `optimizer_idx=` raises `TypeError`. A number by position is
    accepted, and works because none of the optimizers is left out; nothing promises that.

Example
    ```python
    self.toggle_optimizer(opt_g, 0)
    self.untoggle_optimizer(0)
    ```
    becomes
    ```python
    self.toggle_optimizer(opt_g)
    self.untoggle_optimizer(opt_g)
    ```

Fix safety
    Safe where the last `toggle_optimizer` in front of it, in the same block, names the optimizer.
    Told where there is none.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16560
    lightning/pytorch/core/module.py (2.6.6), `LightningModule.untoggle_optimizer`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..model import Fix, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypeGuard

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF611", triggers=("untoggle_optimizer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    if minor(settings.target) < (2, 0):
        return
    for call, func in file.tree.method_calls("untoggle_optimizer"):
        value = call.args[0] if call.args else Arguments(file, call).value("optimizer_idx")
        if value is None or not _is_index(file, call, value):
            continue
        if not any(t.kind == Role.MODULE.value for t in infer(file, func.value)):
            continue
        toggled = _toggled(file, call)
        fix = None
        if toggled is not None:
            text = f"{file.text(func)}({toggled})"
            fix = Fix(f"write {text}", (file.replace(call, text),))
        yield file.finding(
            rule,
            call,
            "untoggle_optimizer takes the optimizer since Lightning 2.0, not its index",
            fix=fix,
            reason=None if fix else "hand over the optimizer that was toggled",
            severity=Severity.WARNING if call.args else Severity.ERROR,
        )


def _is_index(file: File, call: ast.Call, value: ast.expr) -> bool:
    if not call.args:
        return True
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int)
    return "idx" in file.text(value) or "index" in file.text(value)


def _toggled(file: File, call: ast.Call) -> str | None:
    statement = file.tree.statement(call)
    found = None
    for other in file.tree.block(statement):
        if other is statement:
            return found
        for node in ast.walk(other):
            if _toggles(node):
                found = file.text(node.args[0])
    return None


def _toggles(node: ast.AST) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "toggle_optimizer"
        and bool(node.args)
    )
