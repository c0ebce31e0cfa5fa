"""An `optimizer_step` that does not run the closure, in which the training step is.

What it does
    Finds overrides of `optimizer_step` that never call their closure and never hand it on, and
    those that do so only on a condition, and lets it run: `optimizer.step(closure=…)`.

Why
    Since 1.5 the training step, `zero_grad` and `backward` run inside the closure. Without it
    `fit` ends with `MisconfigurationException: The closure hasn't been executed`; before 1.5 the
    optimizer stepped without gradients and nothing was trained.

Example
    ```python
    def optimizer_step(self, epoch, batch_idx, optimizer, optimizer_closure):
        optimizer.step()
    ```
    becomes
    ```python
    def optimizer_step(self, epoch, batch_idx, optimizer, optimizer_closure):
        optimizer.step(closure=optimizer_closure)
    ```

Fix safety
    Safe where one `optimizer.step()` gets the closure. Unsafe where the batches that were skipped
    get `else: optimizer_closure()`: their training step runs now, which changes what is logged and
    not what is trained. An override that calls the closure by hand before `optimizer.step()` is
    right, and left alone.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/9360
    lightning/pytorch/loops/optimization/automatic.py (2.6.6), `consume_result`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.statements import indent, insert_after
from ..engine.values import own_nodes
from ..lightning.hooks import MODULE, hooks
from ..model import Fix, Safety
from ._hook_optimizers import Count, declares_manual, optimizer_count
from ._hook_owner import is_plain_method, name_span, owners_of
from ._hook_removed import calls_parent
from ._hook_shape import align, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_MESSAGE = "this optimizer_step does not run its closure, and the training step is in there"
_SKIPS = "this optimizer_step runs its closure for some batches only, and Lightning refuses that"


@rule("LF205", triggers=("def optimizer_step",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the definitions."""
    del settings
    for cls in file.classes:
        function = cls.methods.get("optimizer_step")
        if function is None or owners_of(cls) != [Role.MODULE] or not is_plain_method(function):
            continue
        if declares_manual(cls) or optimizer_count(cls) is Count.SEVERAL:
            continue
        finding = _finding(rule, file, cls, function)
        if finding is not None:
            yield finding


def _finding(rule: Rule, file: File, cls: Class, function: Function) -> Finding | None:
    del cls
    names = _named(function)
    if names is None or calls_parent(function) or _only_refuses(function):
        return None
    optimizer, closure = names
    uses = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == closure]
    place = name_span(file, function)
    if not uses:
        steps = [n for n in own_nodes(function) if _is_bare_step(n, optimizer)]
        if len(steps) != 1:
            way_out = f"write {optimizer}.step(closure={closure})"
            return file.finding(rule, place, _MESSAGE, reason=way_out)
        step = steps[0]
        assert isinstance(step, ast.Call)
        edit = file.replace(step, f"{file.text(step.func)}(closure={closure})")
        return file.finding(rule, place, _MESSAGE, fix=Fix("hand the closure on", (edit,)))
    condition = _condition(file, function, uses)
    if condition is None:
        return None
    way_out = "the training step of skipped batches runs, too, and logs"
    unit = indent(file, condition.body[0])[len(indent(file, condition)) :]
    edit_ = insert_after(file, condition, f"else:\n{unit}{closure}()")
    if edit_ is None or condition.orelse:
        return file.finding(rule, place, _SKIPS, reason=f"call {closure}() for the others")
    fix = Fix("run the closure for the others", (edit_,), Safety.UNSAFE)
    return file.finding(rule, place, _SKIPS, fix=fix, reason=way_out)


def _named(function: Function) -> tuple[str, str] | None:
    """What the method calls the optimizer and the closure."""
    shape, hook = shape_of(function), hooks()[(MODULE, "optimizer_step")]
    if shape is None or shape.starred or shape.splatted:
        return None
    slots = align(hook, shape.names)
    if slots is None or "optimizer" not in slots or "optimizer_closure" not in slots:
        return None
    named = dict(zip(slots, shape.names, strict=True))
    return named["optimizer"], named["optimizer_closure"]


def _only_refuses(function: Function) -> bool:
    return all(isinstance(s, (ast.Pass, ast.Raise, ast.Expr)) for s in function.body) and not any(
        isinstance(n, ast.Call) and not isinstance(n.func, ast.Name) for n in own_nodes(function)
    )


def _is_bare_step(node: ast.AST, optimizer: str) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "step"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == optimizer
        and not node.args
        and not node.keywords
    )


def _condition(file: File, function: Function, uses: list[ast.Name]) -> ast.If | None:
    """The one `if` of the body that holds all uses of the closure and may be passed by."""
    if any(isinstance(n, ast.Return) for n in own_nodes(function)):
        return None
    for statement in function.body:
        if not isinstance(statement, ast.If):
            continue
        held = {id(n) for s in statement.body for n in ast.walk(s)}
        if all(id(use) in held for use in uses) and not statement.orelse:
            direct = [file.tree.statement(use) for use in uses]
            return statement if any(s in statement.body for s in direct) else None
    return None
