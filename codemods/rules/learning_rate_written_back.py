"""`lr_find` writes its suggestion into the model, and was only to look.

What it does
    Finds `lr_find` of a `Tuner` without `update_attr` where the model has no `lr` or
    `learning_rate` that it could write to, and where its result is only plotted before the model
    is trained.

Why
    `update_attr` was False by default in 1.x and is True: without an attribute it raises
    `AttributeError`, and with one it changes the training in silence.

Example
    ```python
    Tuner(trainer).lr_find(model)
    ```
    becomes
    ```python
    Tuner(trainer).lr_find(model, update_attr=False)
    ```

Fix safety
    Safe where the model has no such attribute, unsafe where its result is only looked at.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16462
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.rule import rule
from ..model import Fix, Safety, Severity
from ._behaviour_uses import model_of, stage_calls
from ._variables import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_TUNERS = ("lightning.pytorch.tuner.Tuner", "lightning.pytorch.tuner.tuning.Tuner")
_RATE = re.compile(r"\b(lr|learning_rate)\b")
_LOOKS = frozenset({"plot", "results"})


@rule("LF910", triggers=("lr_find",), context=("Tuner",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls."""
    del settings
    for call, func in file.tree.method_calls("lr_find"):
        given = Arguments(file, call)
        if {"update_attr", "attr_name"} & set(given.named) or given.splat:
            continue
        if not _is_tuner(file, func.value):
            continue
        cls = model_of(file, call)
        edits = given.change({"": [("update_attr", "False")]})
        if cls is not None and _has_no_rate(cls):
            message = f"{cls.name} has no lr or learning_rate for lr_find to write to"
            yield file.finding(rule, call, message, fix=Fix("only look", edits))
        elif _only_looks(file, call):
            yield file.finding(
                rule,
                call,
                "lr_find writes its suggestion into the model, by default since 2.0",
                fix=Fix("only look", edits, Safety.UNSAFE),
                reason="the rate may be meant to be taken by now",
                severity=Severity.WARNING,
            )


def _is_tuner(file: File, node: ast.expr) -> bool:
    value = file.assigned(node) if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Call) and file.canonical(value.func) in _TUNERS


def _has_no_rate(cls: Class) -> bool:
    if cls.unknown_bases or any(
        not b.startswith(("lightning.", "torch.")) for b in cls.foreign_bases
    ):
        return False
    return not any(_RATE.search(owner.file.text(owner.node)) for owner in cls.mro) or not any(
        any(cls.self_assignments(name)) or cls.class_values(name) or _saves(cls, name)
        for name in ("lr", "learning_rate")
    )


def _saves(cls: Class, name: str) -> bool:
    init = cls.method("__init__")
    if init is None:
        return False
    text = init[0].file.text(init[1])
    return "hparams" in text or ("save_hyperparameters" in text and name in text)


def _only_looks(file: File, call: ast.Call) -> bool:
    """Whether the result is plotted or printed, its suggestion not taken, and the model trained."""
    statement = file.tree.parents[call]
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    found = file.tree.scope_of(call).find(target.id) if isinstance(target, ast.Name) else None
    if found is None or not isinstance(target, ast.Name):
        return False
    read = [file.tree.parents[use] for use in loads(file, found[0], target.id)]
    looks = [n for n in read if isinstance(n, ast.Attribute) and n.attr in _LOOKS]
    after = [c for c in stage_calls(file, frozenset({"fit"})) if c.lineno > call.lineno]
    return bool(looks) and len(looks) == len(read) and bool(after)
