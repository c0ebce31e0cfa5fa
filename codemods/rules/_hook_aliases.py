"""Methods that a class has under a second name: ``test_step = validation_step``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..model import Edit
from ._epoch_end import STAGES, Stage

if TYPE_CHECKING:
    from ..engine.classes import Class


def aliases(cls: Class, name: str) -> list[ast.Assign] | None:
    """The assignments in a class body that give a method another name.

    None where the body, or that of an heir, does something else with it.
    """
    found = [
        s
        for s in cls.node.body
        if isinstance(s, ast.Assign)
        and len(s.targets) == 1
        and isinstance(s.targets[0], ast.Name)
        and isinstance(s.value, ast.Name)
        and s.value.id == name
    ]
    values = {id(s.value) for s in found}
    scope = cls.file.tree.scopes[cls.node]
    for node in cls.file.tree.all(ast.Name):
        assert isinstance(node, ast.Name)
        loaded = isinstance(node.ctx, ast.Load) and node.id == name and id(node) not in values
        if loaded and cls.file.tree.scope_of(node) is scope:
            return None
    return found


def hook_aliases(cls: Class, stage: Stage, *, shared: bool) -> list[Edit] | str:
    """The edits of second names of an old hook at the end of an epoch, or what to do by hand.

    ``shared`` says that both stages can use one list: their steps are one method as well.
    """
    found = aliases(cls, stage.old)
    if found is None:
        return f"{stage.old} is used in the body of the class: give it its new name by hand"
    edits: list[Edit] = []
    for statement in found:
        other = _stage_of(statement)
        if other is None or not shared:
            return f"{stage.old} has another name too: write a method for each"
        edits.append(cls.file.replace(statement, f"{other.hook} = {stage.hook}"))
    return edits


def step_is_shared(cls: Class, stage: Stage) -> bool | None:
    """Whether all stages that share the step share the hook too; None where nobody shares it."""
    steps = aliases(cls, stage.step)
    if steps is None:
        return False
    hooks = aliases(cls, stage.old) or []
    names = {other.step for statement in hooks if (other := _stage_of(statement)) is not None}
    given = {s.targets[0].id for s in steps if isinstance(s.targets[0], ast.Name)}
    if not given and not names:
        return None
    return given == names


def _stage_of(statement: ast.Assign) -> Stage | None:
    target = statement.targets[0]
    name = target.id if isinstance(target, ast.Name) else ""
    return next((stage for stage in STAGES if stage.old == name), None)
