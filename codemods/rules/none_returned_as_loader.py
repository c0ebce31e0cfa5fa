"""A hook for validation, testing or prediction gives None where loaders belong.

What it does
    Finds `val_dataloader`, `test_dataloader` and `predict_dataloader` of modules and datamodules
    that return None, or nothing, on some way, and lets them return `[]`: no loaders.

Why
    Until 1.9 None meant that there is nothing to validate. Since 2.0 it raises as soon as the
    module has the step that goes with it: `TypeError: An invalid dataloader was returned from
    val_dataloader(). Found None.`

Example
    ```python
    def val_dataloader(self):
        pass
    ```
    becomes
    ```python
    def val_dataloader(self):
        return []
    ```

Fix safety
    Safe: an empty list is what None was, on every release. Unsafe where the project calls the hook
    itself and may ask for None. A module without the step, or whose heirs all bring the hook, is
    left alone, and so is a datamodule where no module of the project has the step.

References
    lightning/pytorch/trainer/connectors/data_connector.py (2.0.9), `_check_dataloader_iterable`
    pytorch_lightning/trainer/connectors/data_connector.py (1.9.5), `_reset_eval_dataloader`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.statements import append_to, indent, stands_alone
from ..engine.values import own_nodes
from ..model import Fix, Safety
from ._hook_owner import is_plain_method
from ._hook_removed import called_by_name, outside_calls
from ._paths import paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Edit, Finding

_STEPS = {
    "val_dataloader": "validation_step",
    "test_dataloader": "test_step",
    "predict_dataloader": "predict_step",
}
_EMPTY = "return []"
_CALLED = "the project calls it too, and may ask for None"


@rule("LF104", triggers=tuple(_STEPS))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the names of hooks."""
    del settings
    for cls in file.classes:
        if not cls.plays(Role.MODULE, Role.DATAMODULE):
            continue
        for hook in _STEPS:
            function = cls.methods.get(hook)
            if function is None or not _is_asked(cls, function):
                continue
            edits = _edits(file, function)
            if edits is None:
                continue
            called = called_by_name(cls, hook) or outside_calls(cls, hook) is not None
            safety = Safety.UNSAFE if called else Safety.SAFE
            yield file.finding(
                rule,
                function,
                f"{hook} gives None, which Lightning refuses since 2.0; no loaders are []",
                fix=Fix("return an empty list", tuple(edits), safety) if edits else None,
                reason=_CALLED if called else None if edits else "return [] where there are none",
            )


def _is_asked(cls: Class, function: Function) -> bool:
    """Whether Lightning asks a class for the loaders that a method of its gives."""
    if not is_plain_method(function) or function.decorator_list:
        return False
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(function)):
        return False
    hook, step = function.name, _STEPS[function.name]
    heirs = cls.file.project.heirs(cls)
    if heirs and all(heir.method(hook) != (cls, function) for heir in heirs):
        return False
    if cls.has(Role.MODULE):
        return any(member.method(step) is not None for member in (cls, *heirs))
    word = f"def {step}(".encode()
    if word in cls.file.source.data:
        return True
    return any(True for _ in cls.file.project.holding(word, cls.file.path))


def _edits(file: File, function: Function) -> list[Edit] | None:
    """The edits that give an empty list; None where nothing gives None, empty for no place."""
    last = function.body[-1]
    if all(_is_idle(s) for s in function.body):
        return [file.replace(last, _EMPTY)] if isinstance(last, ast.Pass) else _at_end(file, last)
    returns = [n for n in own_nodes(function) if isinstance(n, ast.Return) and _is_none(n)]
    edits = [file.replace(node, _EMPTY) for node in returns]
    if paths(function).fall is None:
        return edits or None
    end = _at_end(file, last)
    return [*edits, *end] if end else []


def _at_end(file: File, last: ast.stmt) -> list[Edit]:
    """The edit that adds the return behind the last statement."""
    if not stands_alone(file, last) or not indent(file, last):
        return []
    edit = append_to(file, [last], _EMPTY)
    return [edit] if edit is not None else []


def _is_none(node: ast.Return) -> bool:
    value = node.value
    return value is None or (isinstance(value, ast.Constant) and value.value is None)


def _is_idle(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass)
