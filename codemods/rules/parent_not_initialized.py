"""A LightningModule sets its parts before, or without, the `__init__` of its parent.

What it does
    Finds `__init__` of modules that never calls that of the parent, or that sets a layer before.
    Datamodules without the call are found where they have `prepare_data`.

Why
    `AttributeError: cannot assign module before Module.__init__() call`, or one about a
    `_parameters` or `prepare_data_per_node` that is not there.

Example
    ```python
    class Net(LightningModule):
        def __init__(self):
            self.layer = nn.Linear(10, 2)
    ```
    becomes
    ```python
    class Net(LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = nn.Linear(10, 2)
    ```

Fix safety
    Safe: without it nothing can be trained. Told where the parent is a class of the project whose
    constructor needs arguments, and where the call that comes too late has some.

References
    torch/nn/modules/module.py, `Module.__setattr__`
    lightning/pytorch/core/hooks.py (2.6.6), `DataHooks.__init__`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role, self_name
from ..engine.rule import rule
from ..engine.statements import remove, stands_alone
from ..engine.values import own_nodes
from ..lightning.names import is_lightning
from ..model import Fix
from ._construction import is_parent_init
from ._hook_body import insert_first
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_CALL = "super().__init__()"
_LAYERS = "torch.nn."
_NO_LAYERS = ("torch.nn.functional.", "torch.nn.init.", "torch.nn.utils.")


@rule("LF406", triggers=("__init__",), context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at constructors."""
    del settings
    for cls in file.classes:
        init = cls.methods.get("__init__")
        if not isinstance(init, ast.FunctionDef) or not _is_plain(cls):
            continue
        own = self_name(init)
        call = next((n for n in own_nodes(init) if is_parent_init(n)), None)
        if own is None or (call is None and (not _needs_it(cls) or _is_called_elsewhere(cls))):
            continue
        early = _first_layer(file, init, own, call)
        if call is None:
            yield _missing(rule, cls, init)
        elif early is not None and cls.has(Role.MODULE):
            yield _late(rule, file, init, call, early)


def _is_plain(cls: Class) -> bool:
    """Whether all bases are in sight, each class has just one, and nothing wraps this one."""
    return (
        not cls.unknown_bases
        and all(len(c.node.bases) == 1 for c in cls.mro)
        and all(is_lightning(name) for name in cls.foreign_bases)
        and not cls.node.decorator_list
    )


def _needs_it(cls: Class) -> bool:
    return cls.has(Role.MODULE) or (cls.has(Role.DATAMODULE) and "prepare_data" in cls.methods)


def _is_called_elsewhere(cls: Class) -> bool:
    """Whether another method of the class calls the constructor, which this one may call."""
    return any(is_parent_init(n) for function in cls.methods.values() for n in own_nodes(function))


def _first_layer(
    file: File, init: ast.FunctionDef, own: str, call: ast.AST | None
) -> ast.Assign | None:
    """The first statement that makes a layer an attribute, if it stands before a call."""
    for statement in init.body:
        if call is not None and any(node is call for node in ast.walk(statement)):
            return None
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        made = file.canonical(statement.value.func) or ""
        is_layer = made.startswith(_LAYERS) and not made.startswith(_NO_LAYERS)
        if is_layer and any(_is_own(target, own) for target in statement.targets):
            return statement
    return None


def _is_own(target: ast.expr, own: str) -> bool:
    if not isinstance(target, ast.Attribute) or not isinstance(target.value, ast.Name):
        return False
    return target.value.id == own


def _missing(rule: Rule, cls: Class, init: Function) -> Finding:
    """The finding where the call is not there at all."""
    file = cls.file
    message = f"{cls.name}.__init__ does not call that of its parent"
    parent = next((c for c in cls.mro[1:] if "__init__" in c.methods), None)
    shape = shape_of(parent.methods["__init__"]) if parent is not None else None
    edit = insert_first(file, init, _CALL)
    if edit is None or (parent is not None and (shape is None or shape.required)):
        named = parent.name if parent is not None else "the parent"
        reason = f"call super().__init__(…) first, with what {named} needs"
        return file.finding(rule, init, message, reason=reason)
    return file.finding(rule, init, message, fix=Fix(f"call {_CALL} first", (edit,)))


def _late(
    rule: Rule, file: File, init: ast.FunctionDef, call: ast.AST, early: ast.Assign
) -> Finding:
    """The finding where a layer is there before the call."""
    message = f"{file.text(early.targets[0])} is set before {_CALL}"
    statement = file.tree.statement(call)
    alone = isinstance(statement, ast.Expr) and statement.value is call
    first = insert_first(file, init, _CALL)
    movable = alone and file.text(call) == _CALL and statement in init.body
    if first is None or not movable or not stands_alone(file, statement):
        reason = "a module takes no parts before: call super().__init__(…) first"
        return file.finding(rule, early, message, reason=reason)
    edits = (first, *remove(file, [statement]))
    return file.finding(rule, early, message, fix=Fix(f"call {_CALL} first", edits))
