"""A model that is built in `configure_sharded_model`, which is `configure_model` now.

What it does
    Finds `configure_sharded_model` in modules and makes it `configure_model`, with a guard in
    front, since that hook may find the layers there already.

Why
    The old hook is deprecated since 2.1. The new one also runs when a checkpoint is loaded with
    `load_from_checkpoint`, which leaves a model whose layers come from the old one without
    weights.

Example
    ```python
    def configure_sharded_model(self):
        self.layer = nn.Linear(10, 2)
    ```
    becomes
    ```python
    def configure_model(self):
        if getattr(self, "layer", None) is not None:
            return
        self.layer = nn.Linear(10, 2)
    ```

Fix safety
    Unsafe: with the guard, layers are made once, where the old hook made new ones for each of
    `fit`, `validate`, `test` and `predict`. Told where the class has both hooks, where the body
    wraps a layer that is there already, or where the project calls the hook itself.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18004
    lightning/pytorch/trainer/call.py, core/saving.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Fix, Safety, Severity
from ._hook_body import insert_first
from ._hook_owner import is_plain_method, name_span, owners_of
from ._hook_removed import called_by_name, calls_parent, is_free
from ._hook_state import renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Edit, Finding

_SINCE = (2, 1)
_OLD, _NEW = "configure_sharded_model", "configure_model"
_ONCE = "layers are made once now, not anew for each of fit, validate, test and predict"


@rule("LF209", triggers=(f"def {_OLD}",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the hooks."""
    if minor(settings.target) < _SINCE:
        return
    for cls in file.classes:
        function = cls.methods.get(_OLD)
        if function is None or owners_of(cls) != [Role.MODULE] or not is_plain_method(function):
            continue
        place = name_span(file, function)
        message = f"{_OLD} is deprecated since 2.1"
        edits = _edits(cls, function)
        if edits is None:
            way_out = f"build the layers in {_NEW}, and leave those that are there already alone"
            yield file.finding(rule, place, message, reason=way_out, severity=Severity.WARNING)
            continue
        fix = Fix(f"make it {_NEW}", tuple(edits), Safety.UNSAFE)
        yield file.finding(rule, place, message, fix=fix, reason=_ONCE, severity=Severity.WARNING)


def _edits(cls: Class, function: Function) -> list[Edit] | None:
    family = [c for c in (*cls.mro, *cls.file.project.heirs(cls)) if c is not cls]
    if any(_OLD in member.methods for member in family) or not is_free(cls, _NEW):
        return None
    if called_by_name(cls, _OLD) or calls_parent(function):
        return None
    own = self_name(function)
    made = [(n.attr, s.value) for s in function.body for n, s in _targets(s, own)]
    if not made or any(_mentions(value, name, own) for name, value in made):
        return None
    if any(_is_built(cls, function, name) for name, _ in made):
        return None
    guard = f'if getattr({own}, "{made[0][0]}", None) is not None:\n    return'
    first = insert_first(cls.file, function, guard)
    return [renamed(cls.file, function, _NEW), first] if first is not None else None


def _targets(statement: ast.stmt, own: str | None) -> Iterator[tuple[ast.Attribute, ast.Assign]]:
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if (
                isinstance(target, ast.Attribute)
                and isinstance(target.value, ast.Name)
                and target.value.id == own
            ):
                yield target, statement


def _mentions(value: ast.expr, name: str, own: str | None) -> bool:
    return any(
        isinstance(n, ast.Attribute)
        and n.attr == name
        and isinstance(n.value, ast.Name)
        and n.value.id == own
        for n in ast.walk(value)
    )


def _is_built(cls: Class, function: Function, name: str) -> bool:
    """Whether something else gives the module the layer before the hook does."""
    inside = {id(n) for n in ast.walk(function)}
    return any(
        id(statement) not in inside
        and not (isinstance(value, ast.Constant) and value.value is None)
        for _, statement, value, _ in cls.self_assignments(name)
    )
