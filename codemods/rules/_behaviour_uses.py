"""What the rules about silent changes ask of a program: trainers, their models, the steps."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.kinds import is_surely
from ..engine.values import infer, own_nodes
from ._construction import class_of
from ._trainer_calls import trainer_calls
from ._variables import reached_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function
    from ._trainer_calls import TrainerCall

STAGES = frozenset({"fit", "validate", "test", "predict"})


def stage_calls(file: File, stages: frozenset[str] = STAGES) -> Iterator[ast.Call]:
    """Calls such as ``trainer.fit(…)`` on what is surely a Trainer."""
    for call, func in file.tree.method_calls(*stages):
        if is_surely(infer(file, func.value), Role.TRAINER.value):
            yield call


def stage_of(call: ast.Call) -> str:
    """The stage that such a call runs."""
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr


def model_of(file: File, call: ast.Call) -> Class | None:
    """The class of the module that such a call is given, where it is in sight."""
    model = next((k.value for k in call.keywords if k.arg == "model"), None)
    model = call.args[0] if call.args else model
    return class_of(file, model) if model is not None else None


def made_by(file: File, call: ast.Call) -> TrainerCall | None:
    """The construction of the Trainer that such a call is made on, where it is in sight."""
    assert isinstance(call.func, ast.Attribute)
    value: ast.expr | None = call.func.value
    if isinstance(value, ast.Name):
        values = reached_values(file, value)
        value = values[0] if len(values) == 1 else None
    found = (t for t in trainer_calls(file) if t.node is value and t.kind == "Trainer")
    return next(found, None)


def reached(cls: Class, name: str, depth: int = 3) -> Iterator[tuple[Class, Function]]:
    """A method, and the methods of the same class that it calls."""
    pending, seen = [(name, 0)], {name}
    while pending:
        current, level = pending.pop()
        found = cls.method(current)
        if found is None:
            continue
        yield found
        own = self_name(found[1])
        for node in own_nodes(found[1]):
            if not isinstance(node, ast.Call) or level == depth:
                continue
            called = _called(node.func, own)
            if called is not None and called not in seen:
                seen.add(called)
                pending.append((called, level + 1))


def _called(func: ast.expr, own: str | None) -> str | None:
    if isinstance(func, ast.Name) and func.id == own:
        return "forward"
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        return func.attr if func.value.id == own else None
    return None


def function_at(file: File, node: ast.AST) -> ast.AST:
    """The function around a node, or the module."""
    return file.tree.enclosing_function(node) or file.tree.module


def before(file: File, node: ast.AST, home: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function or module that stand above a node, on its level."""
    for statement in getattr(home, "body", ()):
        if file.span(statement).end <= file.span(node).start:
            yield statement
