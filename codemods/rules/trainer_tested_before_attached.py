"""A module asks whether it has a Trainer, and the question itself raises.

What it does
    Finds `self.trainer is None`, `not self.trainer` and `hasattr(self, "trainer")` in `forward`,
    in the constructor and in other methods of a module that are no hooks.

Why
    `LightningModule.trainer` raises `RuntimeError` as long as no Trainer is attached, since 1.9.
    Code that is to run without one stops at the test. In hooks there always is a Trainer.

Example
    ```python
    def forward(self, x):
        if self.trainer is None:
            return x
    ```
    becomes
    ```python
    def forward(self, x):
        if self._trainer is None:
            return x
    ```

Fix safety
    Unsafe: `_trainer` is protected. Code that catches the error, and classes with a `trainer` of
    their own, are left alone.

References
    lightning/pytorch/core/module.py (2.6.6), `LightningModule.trainer`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Fix, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_HOOKS = ("on_", "configure_", "training_", "validation_", "test_", "predict_", "optimizer_")
_OTHERS = frozenset(
    {
        "setup", "teardown", "prepare_data", "train_dataloader", "val_dataloader",
        "test_dataloader", "predict_dataloader", "backward", "lr_scheduler_step",
        "transfer_batch_to_device",
    }
)  # fmt: skip


@rule("LF610", triggers=("self.trainer", '"trainer"', "'trainer'"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the tests."""
    if minor(settings.target) < (1, 9):
        return
    for owner, function in file.tree.methods():
        name = self_name(function)
        if name is None or function.name in _OTHERS:
            continue
        if function.name.startswith(_HOOKS):
            continue
        tests = [n for n in ast.walk(function) if _tested(file, n, name) is not None]
        if not tests:
            continue
        cls = file.cls(owner)
        if (
            not cls.has(Role.MODULE)
            or cls.method("trainer")
            or any(cls.self_assignments("trainer"))
        ):
            continue
        for test in tests:
            if _is_caught(file, test):
                continue
            edit = _tested(file, test, name)
            assert edit is not None
            yield file.finding(
                rule,
                test,
                f"{name}.trainer raises RuntimeError while no Trainer is attached, since "
                "Lightning 1.9",
                fix=Fix(f"ask {name}._trainer", (file.replace(*edit),), Safety.UNSAFE),
                reason="_trainer is protected: it may change in any release",
                severity=Severity.WARNING,
            )


def _tested(file: File, node: ast.AST, name: str) -> tuple[ast.AST, str] | None:
    """What to replace in an expression that asks for the Trainer, and by what."""
    if isinstance(node, ast.Call):
        text = file.text(node)
        asked = text.replace("'", '"').replace(" ", "") == f'hasattr({name},"trainer")'
        return (node, f"{name}._trainer is not None") if asked else None
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Is, ast.IsNot)):
        right = node.comparators[0]
        is_none = isinstance(right, ast.Constant) and right.value is None
        subject: ast.expr | None = node.left if is_none else None
    elif isinstance(node, (ast.If, ast.IfExp)):
        subject = node.test
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        subject = node.operand
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        subject = node.values[0]
    else:
        return None
    if isinstance(subject, ast.Attribute) and file.text(subject) == f"{name}.trainer":
        return subject, f"{name}._trainer"
    return None


def _is_caught(file: File, node: ast.AST) -> bool:
    return any(isinstance(a, ast.Try) and a.handlers for a in file.tree.ancestors(node))
