"""A module assigns to `self.hparams`, which cannot be assigned to.

What it does
    Finds `self.hparams = …` in modules and datamodules, and calls `save_hyperparameters` instead.

Why
    `hparams` is a property without a setter since 1.3. The assignment raises `AttributeError`.

Example
    ```python
    class Net(pl.LightningModule):
        def __init__(self, hparams):
            super().__init__()
            self.hparams = hparams
    ```
    becomes
    ```python
    class Net(pl.LightningModule):
        def __init__(self, hparams):
            super().__init__()
            self.save_hyperparameters(hparams)
    ```

Fix safety
    Safe for parameters of the constructor, dicts and Namespaces, behind `super().__init__()`.
    Unsafe where it is not seen what the value is, and where the object is changed later on:
    `self.hparams` is a copy. Told where the class saves its hyperparameters as well, where the
    value is `None`, and where several targets are assigned at once. A class with an `hparams` of
    its own is left alone.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/6207
    lightning/pytorch/core/mixins/hparams_mixin.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..engine.values import own_nodes
from ..lightning.changes.row import minor
from ..model import Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_PLAIN = ("vars", "dict", "argparse.Namespace", "copy.deepcopy", "copy.copy")


@rule("LF603", triggers=("hparams",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the assignments."""
    if minor(settings.target) < (1, 3):
        return
    for owner, function in file.tree.methods():
        name = self_name(function)
        if name is None:
            continue
        assigned = [n for n in own_nodes(function) if _is_assignment(n, name)]
        if not assigned:
            continue
        cls = file.cls(owner)
        if not cls.plays(Role.MODULE, Role.DATAMODULE) or _has_own(cls):
            continue
        for statement in assigned:
            assert isinstance(statement, (ast.Assign, ast.AnnAssign))
            reason = _unfixable(function, statement)
            doubt = "" if reason else _doubt(file, function, statement)
            assert reason or statement.value is not None
            yield file.finding(
                rule,
                statement,
                f"{name}.hparams cannot be assigned to; {name}.save_hyperparameters(…) sets it",
                fix=None if reason else _fix(file, statement, name, safe=not doubt),
                reason=reason or doubt or None,
            )


def _is_assignment(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Assign):
        targets = [t for target in node.targets for t in ast.walk(target)]
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    else:
        return False
    return any(
        isinstance(t, ast.Attribute)
        and t.attr == "hparams"
        and isinstance(t.ctx, ast.Store)
        and isinstance(t.value, ast.Name)
        and t.value.id == name
        for t in targets
    )


def _has_own(cls: Class) -> bool:
    return cls.method("hparams") is not None or bool(cls.class_values("hparams"))


def _unfixable(function: Function, statement: ast.Assign | ast.AnnAssign) -> str:
    plain = isinstance(statement, ast.AnnAssign) or (
        len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Attribute)
    )
    if not plain:
        return "several things are assigned at once: call save_hyperparameters in a line of its own"
    if isinstance(statement.value, ast.Constant):
        return "there is nothing to save: leave it away, or call save_hyperparameters()"
    called = [n.func for n in own_nodes(function) if isinstance(n, ast.Call)]
    if any(isinstance(f, ast.Attribute) and f.attr == "save_hyperparameters" for f in called):
        return "they are saved by save_hyperparameters already: leave one of them away"
    return ""


def _doubt(file: File, function: Function, statement: ast.Assign | ast.AnnAssign) -> str:
    value = statement.value
    if function.name != "__init__":
        return "save_hyperparameters belongs into the constructor"
    if not _follows_parent(function, statement):
        return "save_hyperparameters has to come behind super().__init__()"
    if isinstance(value, ast.Name):
        found = file.tree.scope_of(value).find(value.id)
        bindings = found[1] if found is not None else []
        if len(bindings) != 1 or bindings[0].kind not in ("parameter", "assign"):
            return "it is not seen what the value is"
        later = [
            n
            for n in own_nodes(function)
            if isinstance(n, (ast.Attribute, ast.Subscript))
            and isinstance(n.ctx, ast.Store)
            and isinstance(n.value, ast.Name)
            and n.value.id == value.id
            and n.lineno > statement.lineno
        ]
        return f"{value.id} is changed later on; self.hparams is a copy of it" if later else ""
    if isinstance(value, ast.Dict) or (
        isinstance(value, ast.Call) and file.canonical(value.func) in _PLAIN
    ):
        return ""
    return "it is not seen what the value is; it has to be a dict, a Namespace or a config"


def _follows_parent(function: Function, statement: ast.stmt) -> bool:
    return any(
        isinstance(n, ast.Attribute)
        and n.attr == "__init__"
        and isinstance(n.value, (ast.Call, ast.Name))
        and n.lineno < statement.lineno
        for n in own_nodes(function)
    )


def _fix(file: File, statement: ast.Assign | ast.AnnAssign, name: str, *, safe: bool) -> Fix:
    assert statement.value is not None
    text = f"{name}.save_hyperparameters({file.text(statement.value)})"
    edit = file.replace(statement, text)
    return Fix(f"write {text}", (edit,), Safety.SAFE if safe else Safety.UNSAFE)
