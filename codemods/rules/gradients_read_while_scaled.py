"""Gradients are clipped or read in `on_after_backward`, where mixed precision has them scaled.

What it does
    Finds `on_after_backward` of modules and callbacks that clips gradients or reads `.grad`, in
    projects whose Trainer runs in half precision, and moves it to `on_before_optimizer_step`.

Why
    With a gradient scaler the gradients are multiplied by up to 65536 until the optimizer steps: a
    limit cuts all of them, and what is logged is no norm of anything. With accumulation they are
    not complete either. The hook for it came with 1.4.

Example
    ```python
    def on_after_backward(self):
        torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
    ```
    becomes
    ```python
    def on_before_optimizer_step(self, optimizer):
        torch.nn.utils.clip_grad_norm_(self.parameters(), 1.0)
    ```

Fix safety
    Unsafe: it changes the training. Told where the class has the other hook already.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/8328
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rewrite import rewrite_parameters
from ..engine.rule import rule
from ..model import Edit, Fix, Safety, Severity, Span
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_OLD, _NEW = "on_after_backward", "on_before_optimizer_step"
_SCALED = (16, "16", "16-mixed")


@rule("LF906", triggers=(_OLD,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at hooks."""
    del settings
    for owner, function in file.tree.methods(_OLD):
        if not _reads(file, function):
            continue
        cls = file.cls(owner)
        if not cls.plays(Role.MODULE, Role.CALLBACK) or not _is_scaled(file):
            continue
        message = f"gradients are still scaled in {_OLD}, with 16-bit mixed precision"
        positional = len(function.args.args)
        fix = None
        if cls.method(_NEW) is None and positional == (3 if cls.has(Role.CALLBACK) else 1):
            edits = rewrite_parameters(file, function, [*range(positional), "optimizer"])
            start = file.source.offset(function.lineno, function.col_offset)
            at = file.source.data.index(_OLD.encode(), start)
            name = Edit(Span(at, at + len(_OLD)), _NEW)
            fix = Fix(f"make it {_NEW}", (name, *edits), Safety.UNSAFE)
        reason = f"{_NEW} sees them as they are: the training changes, and logged norms do"
        yield file.finding(
            rule, function, message, fix=fix, reason=reason, severity=Severity.WARNING
        )


def _reads(file: File, function: Function) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and node.attr == "grad":
            return True
        name = file.canonical(node.func) if isinstance(node, ast.Call) else None
        if name in ("torch.nn.utils.clip_grad_norm_", "torch.nn.utils.clip_grad_value_"):
            return True
    return False


def _is_scaled(file: File) -> bool:
    """Whether a Trainer of the project scales the loss."""
    homes = dict.fromkeys([file, *file.project.holding(b"precision", file.path)])
    return any(
        value_of(call, "precision") in _SCALED for home in homes for call in trainer_calls(home)
    )
