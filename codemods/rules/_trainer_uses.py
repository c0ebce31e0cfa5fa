"""What becomes of a Trainer after it was made: the methods called on it, and who else gets it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.flow import reaching
from ._variables import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.scopes import Scope

_STAGES = ("fit", "tune", "validate", "test", "predict")


@dataclass(frozen=True, eq=False)
class Uses:
    """The calls of a Trainer's methods, in source order.

    ``name`` is how it is spelt, empty where a method is called on the construction itself.
    ``escapes`` tells that somebody else may call methods too, ``nested`` that a call stands in
    another function than the construction.
    """

    name: str
    calls: tuple[ast.Call, ...]
    escapes: bool = False
    nested: bool = False

    def of(self, *names: str) -> list[ast.Call]:
        """The calls of some methods."""
        return [c for c in self.calls if isinstance(c.func, ast.Attribute) and c.func.attr in names]

    @property
    def stages(self) -> list[ast.Call]:
        """The calls that work on a module."""
        return self.of(*_STAGES)


def uses(file: File, made: ast.Call) -> Uses | None:
    """How the Trainer of a construction is used; None where that cannot be seen."""
    tree = file.tree
    parent = tree.parents[made]
    if isinstance(parent, ast.Attribute):
        call = _called(file, parent)
        return Uses("", (call,)) if call is not None else None
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1:
        return None
    target = parent.targets[0]
    if not isinstance(target, ast.Name):
        return None
    scope = tree.scope_of(made)
    reads = _reads(file, scope, target.id, parent)
    if reads is None:
        return None
    escapes = nested = False
    calls: list[ast.Call] = []
    for use in reads:
        owner = tree.parents[use]
        if not isinstance(owner, ast.Attribute):
            escapes = True
            continue
        call = _called(file, owner)
        if call is not None:
            calls.append(call)
            nested = nested or tree.scope_of(call) is not scope
    return Uses(target.id, tuple(calls), escapes, nested)


def _reads(file: File, scope: Scope, name: str, made: ast.Assign) -> list[ast.Name] | None:
    """The reads of a name that mean what one assignment gave it; None where some may not."""
    bindings = scope.bindings.get(name, [])
    found = []
    for use in loads(file, scope, name):
        reached = reaching(file.tree, use, (scope, bindings))
        if not any(b.node is made for b in reached):
            continue
        if len(reached) != 1:
            return None
        found.append(use)
    return found


def _called(file: File, owner: ast.Attribute) -> ast.Call | None:
    call = file.tree.parents[owner]
    return call if isinstance(call, ast.Call) and call.func is owner else None


def given(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """The argument at a position of a method call, or of one of some names."""
    if any(isinstance(a, ast.Starred) for a in call.args):
        return None
    if position < len(call.args):
        return call.args[position]
    return next((k.value for k in call.keywords if k.arg in names), None)


def model_of(call: ast.Call) -> ast.expr | None:
    """The module that a call of ``fit`` or ``tune`` is given."""
    return given(call, 0, "model")


def rebound(file: File, node: ast.expr, made: ast.AST, later: ast.AST) -> bool:
    """Whether a name in an expression may change its meaning between two places."""
    start, end = file.span(made).end, file.span(later).start
    return any(start <= file.span(b).start < end for b in _bindings(file, node))


def _bindings(file: File, node: ast.expr) -> Iterator[ast.AST]:
    for name in ast.walk(node):
        if isinstance(name, ast.Name):
            found = file.tree.scope_of(name).find(name.id)
            for binding in found[1] if found else ():
                yield binding.node
