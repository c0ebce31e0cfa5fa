"""Schedulers of a Trainer are read as dicts, and are objects with attributes.

What it does
    Finds `trainer.lr_schedulers`, writes `trainer.lr_scheduler_configs`, and makes attributes of
    the keys that are read from its elements.

Why
    `lr_schedulers` is gone since 1.8. The new list holds dataclasses, which have no keys.

Example
    ```python
    scheduler = trainer.lr_schedulers[0]["scheduler"]
    ```
    becomes
    ```python
    scheduler = trainer.lr_scheduler_configs[0].scheduler
    ```

Fix safety
    Safe where every use of an element is seen: a subscript, or a loop whose variable is only read
    by key. Told where the list or an element goes elsewhere, and for `opt_idx`, which is gone.
    Unsafe where only its name says that the object is a Trainer.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/11443
    lightning/pytorch/utilities/types.py (2.6.6), `LRSchedulerConfig`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..lightning.objects import CLASSES, TRAINER
from ..model import Edit, Fix, Safety, Span
from ._members import uses
from ._variables import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NAME = "lr_schedulers"
_KEYS = ("scheduler", "name", "interval", "frequency", "reduce_on_plateau", "monitor", "strict")


@rule("LF604", triggers=(_NAME,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the attribute."""
    if minor(settings.target) < (1, 8):
        return
    for use in uses(file, (_NAME,)):
        parent = file.tree.parents.get(use.node)
        is_call = isinstance(parent, ast.Call) and parent.func is use.node
        if CLASSES[TRAINER] not in use.owners or is_call:
            continue
        edits = _edits(file, use.node)
        safety = Safety.UNSAFE if use.guessed else Safety.SAFE
        reason = use.doubt or None
        yield file.finding(
            rule,
            use.node,
            f"Trainer.{_NAME} is gone since Lightning 1.8; it is lr_scheduler_configs, whose "
            "elements have attributes instead of keys",
            fix=Fix("read attributes of lr_scheduler_configs", edits, safety) if edits else None,
            reason=reason if edits else "write config.scheduler instead of config['scheduler']",
        )


def _edits(file: File, node: ast.Attribute) -> tuple[Edit, ...]:
    renamed = file.replace(node, f"{file.text(node.value)}.lr_scheduler_configs")
    parent = file.tree.parents[node]
    if isinstance(parent, ast.Subscript) and parent.value is node:
        edit = _as_attribute(file, parent)
        return (renamed, edit) if edit is not None else ()
    if isinstance(parent, ast.Call) and file.canonical(parent.func) in ("len", "bool"):
        return (renamed,)
    if isinstance(parent, (ast.If, ast.While)) and parent.test is node:
        return (renamed,)
    if isinstance(parent, (ast.For, ast.comprehension)) and isinstance(parent.target, ast.Name):
        found = file.tree.scope_of(parent.target).find(parent.target.id)
        if parent.iter is not node or found is None or len(found[1]) != 1:
            return ()
        edits = [_as_attribute(file, n) for n in loads(file, found[0], parent.target.id)]
        return (renamed, *(e for e in edits if e is not None)) if None not in edits else ()
    return ()


def _as_attribute(file: File, element: ast.expr) -> Edit | None:
    """The edit that makes an attribute of the key read from an element; None if that is not all."""
    parent = file.tree.parents[element]
    if not isinstance(parent, ast.Subscript) or parent.value is not element:
        return None
    key = parent.slice
    if not isinstance(key, ast.Constant) or key.value not in _KEYS:
        return None
    return Edit(Span(file.span(element).end, file.span(parent).end), f".{key.value}")
