"""Lightning's optimizers and schedulers in a step, and what configure_optimizers gives."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.flow import reaching
from ..engine.kinds import is_surely
from ..engine.values import infer, own_nodes, returned
from ._paths import variable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.kinds import Type, Types
    from ..engine.scopes import Binding, Function
    from ._steps import Step

OPTIMIZER = "optimizer"
SCHEDULER = "scheduler"
_GIVERS = {"optimizers": OPTIMIZER, "lr_schedulers": SCHEDULER}
_DEPTH = 6


@dataclass(frozen=True)
class Held:
    """An expression that is an optimizer or a scheduler which Lightning holds.

    ``several``: the text shows that Lightning holds more than one.
    """

    kind: str
    several: bool = False


def held(step: Step, node: ast.AST, depth: int = _DEPTH) -> Held | None:
    """What Lightning object an expression in a step is; None for everything else."""
    if depth == 0:
        return None
    if isinstance(node, ast.Call):
        return _given(step, node)
    if isinstance(node, ast.Name):
        return _named(step, node, depth)
    if isinstance(node, ast.Subscript):
        owner = held(step, node.value, depth - 1)
        if owner is None:
            return None
        number = node.slice.value if isinstance(node.slice, ast.Constant) else None
        # self.optimizers() gives a list only where there are several; the Trainer's is always one.
        alone = number == 0 and isinstance(node.value, ast.Attribute)
        return replace(owner, several=owner.several or not alone)
    if not isinstance(node, ast.Attribute):
        return None
    if node.attr == "optimizer":
        inner = held(step, node.value, depth - 1)
        if inner is not None and inner.kind == OPTIMIZER:
            return inner
    if node.attr == "optimizers" and step.is_self(node.value, "trainer"):
        return Held(OPTIMIZER)
    if step.is_self(node.value):
        return _handed_over(step.cls, node.attr)
    return None


def _given(step: Step, call: ast.Call) -> Held | None:
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr not in _GIVERS:
        return None
    receiver = func.value
    is_super = (
        isinstance(receiver, ast.Call)
        and isinstance(receiver.func, ast.Name)
        and receiver.func.id == "super"
    )
    if not is_super and not step.is_self(receiver):
        return None
    return Held(_GIVERS[func.attr])


def _named(step: Step, node: ast.Name, depth: int) -> Held | None:
    scope = step.file.tree.scope_of(node)
    found = scope.find(node.id)
    if found is None or found[0].is_module:
        return None
    known = [_bound(step, b, depth) for b in reaching(step.file.tree, node, found)]
    several = len(known) > 1
    first = next((k for k in known if k is not None), None)
    return replace(first, several=True) if first and several else first


def _bound(step: Step, binding: Binding, depth: int) -> Held | None:
    if binding.value is None:
        return None
    value = held(step, binding.value, depth - 1)
    if value is None:
        return None
    if binding.kind == "loop":
        return replace(value, several=True)
    if not binding.path:
        return value
    targets = getattr(binding.node, "targets", [])
    width = max((len(t.elts) for t in targets if isinstance(t, (ast.Tuple, ast.List))), default=1)
    return replace(value, several=value.several or width > 1)


def _handed_over(cls: Class, attribute: str) -> Held | None:
    """``self.opt`` where configure_optimizers gives the same object to Lightning."""
    found = cls.method("configure_optimizers")
    if found is None:
        return None
    given = _mentioned_in_returns(found[1])
    own = self_name(found[1])
    for home, statement, value, _ in cls.self_assignments(attribute):
        names = {variable(t) for t in getattr(statement, "targets", ())}
        names |= {variable(value), f"{own}.{attribute}"} if value is not None else set()
        if value is None or not names & given:
            continue
        types = infer(home.file, value)
        if is_surely(types, OPTIMIZER):
            return Held(OPTIMIZER, several=(count(cls) or 1) > 1)
        if is_surely(types, SCHEDULER):
            return Held(SCHEDULER)
    return None


def _mentioned_in_returns(function: Function) -> set[str]:
    """Variables that a function's return values are made of."""
    made: dict[str, set[str]] = {}
    found: set[str] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Return) and node.value is not None:
            found |= _variables(node.value)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                for name in _variables(target):
                    made.setdefault(name, set()).update(_variables(node.value))
    pending = list(found)
    while pending:
        new = made.get(pending.pop(), set()) - found
        found |= new
        pending += new
    return found


def _variables(node: ast.AST) -> set[str]:
    return {name for n in ast.walk(node) if (name := variable(n)) is not None}


# configure_optimizers -----------------------------------------------------------------------


def count(cls: Class) -> int | None:
    """How many optimizers configure_optimizers gives, None where that cannot be seen."""
    found = cls.method("configure_optimizers")
    if found is None:
        return None
    owner, function = found
    if all(isinstance(s, (ast.Raise, ast.Expr)) for s in function.body):
        return None
    held = _containers(function)
    if any(_grown(node) in held for node in own_nodes(function)):
        return None
    counts = {_count(t) for t in returned(owner.file, function)}
    return counts.pop() if len(counts) == 1 else None


def _grown(node: ast.AST) -> str | None:
    """The list that gets longer, whose literal does not hold all of it."""
    if isinstance(node, ast.AugAssign):
        return variable(node.target)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        growing = node.func.attr in ("append", "extend", "insert")
        return variable(node.func.value) if growing else None
    return None


def _containers(function: Function) -> set[str]:
    """Variables that may be the lists which a function returns, or stand in them.

    What is handed to a call is no part of what it returns, but where that copies a list.
    """
    links: dict[str, set[str]] = {}
    found: set[str] = set()
    for node in own_nodes(function):
        if isinstance(node, ast.Return) and node.value is not None:
            found |= _parts(node.value)
        elif isinstance(node, ast.Assign):
            value = variable(node.value)
            for name in {name for target in node.targets for name in _variables(target)}:
                links.setdefault(name, set()).update(_parts(node.value))
                if value is not None:
                    links.setdefault(value, set()).add(name)
    pending = list(found)
    while pending:
        new = links.get(pending.pop(), set()) - found
        found |= new
        pending += new
    return found


def _parts(node: ast.expr) -> set[str]:
    """The variables in an expression, without those that are handed to calls."""
    if isinstance(node, ast.Call):
        copies = isinstance(node.func, ast.Name) and node.func.id in ("list", "tuple")
        return {name for arg in node.args for name in _parts(arg)} if copies else set()
    name = variable(node)
    below = (child for child in ast.iter_child_nodes(node) if isinstance(child, ast.expr))
    return {part for child in below for part in _parts(child)} | ({name} if name else set())


def _count(given: Type) -> int | None:
    if given.kind == "none":
        return 0
    if given.kind in (OPTIMIZER, "dict"):
        return 1
    if given.kind not in ("tuple", "list") or given.uniform:
        return None
    items = given.items
    if items and all(_are(item, ("list", "tuple")) for item in items):
        # The first list holds the optimizers, the second one the schedulers.
        first = next(iter(items[0]))
        return None if first.uniform else len(first.items)
    if all(_are(item, (OPTIMIZER, "dict")) for item in items):
        return len(items)
    return None


def _are(types: Types, kinds: tuple[str, ...]) -> bool:
    return all(t.kind in kinds for t in types)


def has_none(cls: Class) -> bool:
    """Whether Lightning is given no optimizer at all, so that nothing is meant to be trained."""
    return count(cls) == 0


def has_schedulers(cls: Class) -> bool:
    """Whether configure_optimizers seems to give learning rate schedulers."""
    return any("lr_scheduler" in text or "cheduler" in text for text in _texts(cls))


def steps_each_batch(cls: Class) -> bool:
    """Whether configure_optimizers asks for scheduler steps after each batch."""
    found = cls.method("configure_optimizers")
    if found is None:
        return False
    for node in ast.walk(found[1]):
        pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
        for key, value in pairs:
            if _constant(key) == "interval" and _constant(value) == "step":
                return True
        if (
            isinstance(node, ast.keyword)
            and node.arg == "interval"
            and _constant(node.value) == "step"
        ):
            return True
    return False


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _texts(cls: Class) -> Iterator[str]:
    found = cls.method("configure_optimizers")
    if found is not None:
        yield found[0].file.text(found[1])
