"""A datamodule hands transforms or `dims` to its parent, which ignores them.

What it does
    Finds `super().__init__(train_transforms=…, val_transforms=…, test_transforms=…, dims=…)` in
    datamodules and sets the attributes there instead, and datamodules without `__init__` that are
    made with these arguments.

Why
    Until 1.6 `LightningDataModule.__init__` kept them. Since 1.7 it takes anything and keeps
    nothing: reading `self.train_transforms` is an `AttributeError` later.

Example
    ```python
    def __init__(self, augment):
        super().__init__(train_transforms=augment, dims=(1, 28, 28))
    ```
    becomes
    ```python
    def __init__(self, augment):
        super().__init__()
        self.train_transforms = augment
        self.dims = (1, 28, 28)
    ```

Fix safety
    Safe where the call stands on its own line and the class has no other member of that name.
    Told where a base of the project stands in between, arguments come from a `**` dict, or the
    class has no `__init__`.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/8851
    lightning/pytorch/core/datamodule.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..engine.scopes import FUNCTIONS
from ..engine.statements import insert_after
from ..engine.values import infer
from ..model import Fix
from ._hook_removed import is_super

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding

#: In the order in which 1.6 took them by position.
_NAMES = ("train_transforms", "val_transforms", "test_transforms", "dims")


@rule("LF208", triggers=_NAMES, context=("lightning", "DataModule", "datamodule"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    for call in file.tree.calls:
        if not any(k.arg in _NAMES for k in call.keywords):
            continue
        cls = _parent_call(file, call)
        if cls is not None:
            yield _finding(rule, file, call, cls)
            continue
        made = [t.cls for t in infer(file, call) if t.cls is not None]
        if len(made) == 1 and _keeps_nothing(made[0]):
            way_out = f"give {made[0].name} an __init__ that takes and keeps them"
            yield file.finding(rule, call, _message(call), reason=way_out)


def _message(call: ast.Call) -> str:
    names = ", ".join(k.arg for k in call.keywords if k.arg in _NAMES)
    return f"a LightningDataModule ignores {names} since 1.7, and says nothing"


def _keeps_nothing(cls: Class) -> bool:
    if not cls.has(Role.DATAMODULE) or cls.unknown_bases or cls.method("__init__") is not None:
        return False
    return all(name == "lightning.pytorch.LightningDataModule" for name in cls.foreign_bases)


def _parent_call(file: File, call: ast.Call) -> Class | None:
    """The datamodule whose `__init__` calls that of its parent here."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "__init__" or not is_super(func):
        return None
    cls = file.class_of(call)
    return cls if cls is not None and cls.has(Role.DATAMODULE) else None


def _finding(rule: Rule, file: File, call: ast.Call, cls: Class) -> Finding:
    edits = _edits(file, call, cls)
    if edits is None:
        way_out = "set them as attributes of self behind super().__init__()"
        return file.finding(rule, call, _message(call), reason=way_out)
    fix = Fix("set them as attributes", tuple(edits))
    return file.finding(rule, call, _message(call), fix=fix)


def _edits(file: File, call: ast.Call, cls: Class) -> list[Edit] | None:
    bases = [base for base in cls.mro[1:] if "__init__" in base.methods]
    plain = all(name == "lightning.pytorch.LightningDataModule" for name in cls.foreign_bases)
    statement = file.tree.statement(call)
    holder = next((a for a in file.tree.ancestors(call) if isinstance(a, FUNCTIONS)), None)
    own = self_name(holder) if holder is not None else None
    known = all(k.arg in _NAMES for k in call.keywords) and len(call.args) <= len(_NAMES)
    if bases or not plain or cls.unknown_bases or own is None or not known:
        return None
    if not isinstance(statement, ast.Expr) or statement.value is not call:
        return None
    values = {name: file.text(a) for name, a in zip(_NAMES, call.args, strict=False)}
    values |= {k.arg: file.text(k.value) for k in call.keywords if k.arg is not None}
    if any(cls.method(name) is not None or cls.class_values(name) for name in values):
        return None
    if any(isinstance(a, ast.Starred) for a in call.args):
        return None
    lines = "\n".join(f"{own}.{name} = {text}" for name, text in values.items())
    after = insert_after(file, statement, lines)
    if after is None:
        return None
    return [file.replace(call, f"{file.text(call.func)}()"), after]
