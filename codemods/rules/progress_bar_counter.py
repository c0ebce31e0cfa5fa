"""A progress bar reads the number of a batch from a counter that is gone.

What it does
    Finds `self.train_batch_idx`, `self.val_batch_idx`, `self.test_batch_idx` and
    `self.predict_batch_idx` in progress bars, and reads the hook's own `batch_idx`.

Why
    The counters are gone since 2.0 and raise `AttributeError`.

Example
    ```python
    class Bar(TQDMProgressBar):
        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
            print(self.train_batch_idx)
    ```
    becomes
    ```python
    class Bar(TQDMProgressBar):
        def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
            print(batch_idx + 1)
    ```

Fix safety
    Unsafe: the counter of validation went over all loaders, and `batch_idx` starts anew with each.
    Told outside of the hooks of that stage's batches.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16760
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..lightning.lineage import inherits, today
from ..model import Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_STAGES = {
    "train_batch_idx": "train",
    "val_batch_idx": "validation",
    "test_batch_idx": "test",
    "predict_batch_idx": "predict",
}
#: Where the hooks are handed ``batch_idx``.
_AT_START, _AT_END = 4, 5
_BAR = "lightning.pytorch.callbacks.ProgressBar"


@rule("LF613", triggers=tuple(_STAGES))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the attributes."""
    if minor(settings.target) < (2, 0):
        return
    for owner, function in file.tree.methods():
        name = self_name(function)
        if name is None:
            continue
        nodes = [n for n in ast.walk(function) if _reads(n, name)]
        if not nodes or not _is_bar(file.cls(owner), nodes):
            continue
        for node in nodes:
            assert isinstance(node, ast.Attribute)
            text = _instead(function, _STAGES[node.attr])
            if text and not _stands_free(file, node):
                text = f"({text})" if " " in text else text
            yield file.finding(
                rule,
                node,
                f"a progress bar has no {node.attr} since Lightning 2.0",
                fix=Fix(f"write {text}", (file.replace(node, text),), Safety.UNSAFE)
                if text
                else None,
                reason="the counter went over all loaders of the stage; batch_idx is of one"
                if text
                else "use batch_idx of the hooks that are handed a batch",
            )


def _reads(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr in _STAGES
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )


def _is_bar(cls: Class, nodes: list[ast.AST]) -> bool:
    if not any(inherits(today(base), _BAR) for base in cls.foreign_bases):
        return False
    names = {n.attr for n in nodes if isinstance(n, ast.Attribute)}
    return not any(cls.method(n) or any(cls.self_assignments(n)) for n in names)


def _instead(function: Function, stage: str) -> str:
    parameters = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    if function.name == f"on_{stage}_batch_end" and len(parameters) > _AT_END:
        return f"{parameters[_AT_END]} + 1"
    if function.name == f"on_{stage}_batch_start" and len(parameters) > _AT_START:
        return parameters[_AT_START]
    return ""


def _stands_free(file: File, node: ast.expr) -> bool:
    parent = file.tree.parents[node]
    return isinstance(parent, (ast.Assign, ast.Call, ast.keyword, ast.Return, ast.FormattedValue))
