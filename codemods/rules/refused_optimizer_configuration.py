"""What `configure_optimizers` makes or returns is nothing that Lightning trains with.

What it does
    Finds optimizers that are given the method `parameters` and not what it returns, an optimizer
    and a scheduler that are returned side by side without lists, a scheduler that is returned
    alone, and an optimizer that is made last and never returned.

Why
    `TypeError: 'method' object is not iterable`, or `Unknown configuration for model optimizers`.
    Where nothing is returned, Lightning warns once and trains nothing.

Example
    ```python
    return optimizer, scheduler
    ```
    becomes
    ```python
    return [optimizer], [scheduler]
    ```

Fix safety
    Safe where it raises today. Unsafe for an optimizer that is never returned, since nothing was
    trained by it until now, and for `parameters` of other objects than the module itself. Told for
    a scheduler that is returned alone.

References
    lightning/pytorch/core/optimizer.py (2.6.6), `_configure_optimizers`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.statements import insert_after
from ..engine.values import infer, own_nodes
from ..model import Fix, Safety
from ._optimizers import OPTIMIZER, SCHEDULER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_PARAMETERS = "parameters"
_PAIR = 2


@rule("LF407", triggers=("configure_optimizers",), context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at what is made and what is returned."""
    del settings
    for owner, function in file.tree.methods("configure_optimizers"):
        cls = file.cls(owner)
        if not cls.plays(Role.MODULE):
            continue
        nodes = list(own_nodes(function))
        for node in nodes:
            if isinstance(node, ast.Call):
                yield from _uncalled(rule, cls, function, node)
            if isinstance(node, ast.Return) and node.value is not None:
                yield from _returned(rule, file, node.value)
        if not any(isinstance(n, (ast.Return, ast.Yield, ast.Raise)) for n in nodes):
            yield from _lost(rule, file, function)


def _uncalled(rule: Rule, cls: Class, function: Function, call: ast.Call) -> Iterator[Finding]:
    """A finding at ``parameters`` without parentheses."""
    file = cls.file
    if not (file.canonical(call.func) or "").startswith("torch.optim."):
        return
    named = [k.value for k in call.keywords if k.arg == "params"]
    given = [*call.args[:1], *named]
    if not given or not isinstance(given[0], ast.Attribute) or given[0].attr != _PARAMETERS:
        return
    held, text = given[0].value, file.text(given[0])
    own = isinstance(held, ast.Name) and held.id == self_name(function)
    if own and (cls.method(_PARAMETERS) is not None or list(cls.self_assignments(_PARAMETERS))):
        return
    fix = Fix(
        "call it", (file.replace(given[0], f"{text}()"),), Safety.SAFE if own else Safety.UNSAFE
    )
    message = f"the optimizer is given the method {text}, not what it returns"
    reason = None if own else "it may be no method of a layer"
    yield file.finding(rule, given[0], message, fix=fix, reason=reason)


def _returned(rule: Rule, file: File, value: ast.expr) -> Iterator[Finding]:
    """A finding at a scheduler without, or beside, its optimizer."""
    if isinstance(value, ast.Tuple) and len(value.elts) == _PAIR:
        first, second = value.elts
        if is_surely(infer(file, first), OPTIMIZER) and is_surely(infer(file, second), SCHEDULER):
            edits = tuple(file.replace(n, f"[{file.text(n)}]") for n in value.elts)
            message = "an optimizer and a scheduler are returned in lists, or in a dict"
            yield file.finding(rule, value, message, fix=Fix("make them lists", edits))
    elif is_surely(infer(file, value), SCHEDULER):
        message = "a scheduler is returned without its optimizer"
        yield file.finding(rule, value, message, reason="write return [optimizer], [scheduler]")


def _lost(rule: Rule, file: File, function: Function) -> Iterator[Finding]:
    """A finding at an optimizer that is made at the end of a function, which returns nothing."""
    last = function.body[-1]
    if not isinstance(last, ast.Assign) or len(last.targets) != 1:
        return
    target = last.targets[0]
    if not isinstance(target, ast.Name) or not is_surely(infer(file, last.value), OPTIMIZER):
        return
    edit = insert_after(file, last, f"return {target.id}")
    yield file.finding(
        rule,
        last,
        "configure_optimizers returns nothing, so nothing is trained",
        fix=Fix("return it", (edit,), Safety.UNSAFE) if edit is not None else None,
        reason="nothing has been trained by it until now",
    )
