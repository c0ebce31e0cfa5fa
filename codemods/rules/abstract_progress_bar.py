"""`ProgressBar` is abstract today; the bar of 1.x is `TQDMProgressBar`.

What it does
    Finds constructions of `ProgressBar`, and classes derived from it that use what only the bar of
    tqdm has, and writes `TQDMProgressBar`.

Why
    `ProgressBar` was an alias of the bar until 1.6, and is the base of all bars since 2.0. It takes
    no arguments, and as soon as the training begins it raises `NotImplementedError`.

Example
    ```python
    bar = ProgressBar(refresh_rate=20)
    ```
    becomes
    ```python
    bar = TQDMProgressBar(refresh_rate=20)
    ```

Fix safety
    Safe: today's `ProgressBar` cannot be used as it is. A class derived from it that defines
    `disable` or `enable` is written for today's and left alone.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/10134
    lightning/pytorch/callbacks/progress/progress_bar.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.imports import spell
from ..engine.rule import rule
from ..model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_OLD = "lightning.pytorch.callbacks.ProgressBar"
_NEW = "lightning.pytorch.callbacks.TQDMProgressBar"
#: What a class derived from the bar of tqdm overrides or reads. Source: 1.4.9.
_TQDM = frozenset(
    {
        "init_train_tqdm", "init_validation_tqdm", "init_test_tqdm", "init_sanity_tqdm",
        "init_predict_tqdm", "main_progress_bar", "val_progress_bar", "test_progress_bar",
        "predict_progress_bar", "train_progress_bar",
    }
)  # fmt: skip


@rule("LF705", triggers=("ProgressBar",), context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls and at bases."""
    del settings
    for call in file.tree.calls:
        if file.canonical(call.func) == _OLD:
            yield _finding(rule, file, call.func)
    for cls in file.classes:
        for base in cls.node.bases:
            if file.canonical(base) == _OLD and _is_of_tqdm(cls.node):
                yield _finding(rule, file, base, *_named(file, cls.node))


def _is_of_tqdm(node: ast.ClassDef) -> bool:
    defined = {s.name for s in node.body if isinstance(s, ast.FunctionDef)}
    if defined & {"disable", "enable"}:
        return False
    used = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    return bool((defined | used) & _TQDM)


def _named(file: File, node: ast.ClassDef) -> list[ast.expr]:
    """Where methods of a class name its base: in ``super(ProgressBar, self)``, or to call it."""
    return [
        inner
        for statement in node.body
        for inner in ast.walk(statement)
        if isinstance(inner, (ast.Name, ast.Attribute)) and file.canonical(inner) == _OLD
    ]


def _finding(rule: Rule, file: File, node: ast.expr, *others: ast.expr) -> Finding:
    spelled = spell(file, node, _NEW)
    return file.finding(
        rule,
        node,
        "ProgressBar is abstract since Lightning 2.0; the bar of 1.x is TQDMProgressBar",
        fix=Fix(
            f"write {spelled.text}",
            tuple(file.replace(n, spelled.text) for n in (node, *others)),
            needs=spelled.needs,
            drops=(_OLD,),
        ),
    )
