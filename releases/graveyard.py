"""What `_graveyard` packages put in place when Lightning is imported.

Since 1.8 names that are gone are kept alive by patches: modules entered into `sys.modules`,
classes and attributes set from outside. This follows the statements of those modules, with loops
over literal tuples and calls of their own functions; whatever else they do stays unknown.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lfix.codemods.lightning.names import in_one_namespace

from . import states
from .bindings import CLASS, FUNCTION, MODULE, Target
from .members import PROPERTY, SETTABLE, Class, Member, member_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .bindings import Names

_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass
class Made:
    """A class that a patch makes while it runs."""

    name: str
    bases: tuple[str, ...]
    state: int


Value = Target | Made | str | ast.expr | None


@dataclass
class Patches:
    """Everything that is put in place."""

    #: New module -> the module whose names it has.
    modules: dict[str, str] = field(default_factory=dict)
    #: (module, name) -> what it is bound to.
    names: dict[tuple[str, str], Target] = field(default_factory=dict)
    #: (class, name) -> the member.
    members: dict[tuple[str, str], Member] = field(default_factory=dict)
    #: Classes made on the way, with their states.
    classes: dict[str, tuple[Class, int]] = field(default_factory=dict)


def patches(names: Names) -> Patches:
    """All that the `_graveyard` modules of a release put in place."""
    found = Patches()
    for module in sorted(names.scopes):
        if "_graveyard" in module:
            _Reader(names, module, found).run()
    return found


class _Reader:
    def __init__(self, names: Names, module: str, found: Patches) -> None:
        self.names, self.module, self.found = names, module, found
        tree = names.scopes[module].module.tree
        self.functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
        self.body = tree.body

    def run(self) -> None:
        for statement in self.body:
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                called = self.functions.get(call.func.id)
                if called is not None:
                    self.follow(called.body, {})
            elif isinstance(statement, ast.Assign):
                self.follow([statement], {})

    def follow(self, body: list[ast.stmt], known: dict[str, Value]) -> None:
        for statement in body:
            if isinstance(statement, ast.For):
                for bound in self.rounds(statement, known):
                    self.follow(statement.body, {**known, **bound})
            elif isinstance(statement, ast.Assign):
                self.assign(statement.targets[0], self.value(statement.value, known), known)
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                self.set_attribute(statement.value, known)

    def rounds(self, loop: ast.For, known: Mapping[str, Value]) -> Iterator[dict[str, Value]]:
        over = known.get(loop.iter.id) if isinstance(loop.iter, ast.Name) else loop.iter
        if not isinstance(over, (ast.Tuple, ast.List)):
            return
        for element in over.elts:
            if isinstance(loop.target, ast.Tuple) and isinstance(element, ast.Tuple):
                pairs = zip(loop.target.elts, element.elts, strict=True)
                yield {t.id: self.value(v, known) for t, v in pairs if isinstance(t, ast.Name)}
            elif isinstance(loop.target, ast.Name):
                yield {loop.target.id: self.value(element, known)}

    def assign(self, target: ast.expr, value: Value, known: dict[str, Value]) -> None:
        if isinstance(target, ast.Name):
            known[target.id] = value
        elif isinstance(target, ast.Attribute):
            self.put(self.value(target.value, known), target.attr, value)
        elif isinstance(target, ast.Subscript) and ast.unparse(target.value) == "sys.modules":
            name = self.value(target.slice, known)
            if isinstance(name, str) and isinstance(value, Target) and value.kind == MODULE:
                self.found.modules[in_one_namespace(name)] = value.name

    def set_attribute(self, call: ast.Call, known: Mapping[str, Value]) -> None:
        if ast.unparse(call.func) == "setattr":
            owner, name, value = (self.value(argument, known) for argument in call.args)
            if isinstance(name, str):
                self.put(owner, name, value)

    def put(self, owner: Value, name: str, value: Value) -> None:
        if not isinstance(owner, Target):
            return
        if owner.kind == CLASS:
            member = self.member(value)
            if member is not None:
                self.found.members[owner.name, name] = member
        elif owner.kind == MODULE:
            if isinstance(value, Made):
                made = f"{self.module}.{value.name}"
                self.found.classes[made] = (Class(value.bases), value.state)
                value = Target(CLASS, made)
            if isinstance(value, Target):
                self.found.names[owner.name, name] = value

    def member(self, value: Value) -> Member | None:
        if isinstance(value, Target) and value.kind == FUNCTION:
            function = self.functions.get(value.name.rpartition(".")[2])
            return member_of(function) if function is not None else None
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "property":
            getter = next(iter([*value.args, *(k.value for k in value.keywords)]))
            function = self.functions.get(ast.unparse(getter))
            kind = SETTABLE if len(value.args) + len(value.keywords) > 1 else PROPERTY
            state = states.of_function(function) if function is not None else states.PRESENT
            return Member(kind, state=state)
        return None

    def value(self, node: ast.expr, known: Mapping[str, Value]) -> Value:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name) and node.id in known:
            return known[node.id]
        if isinstance(node, ast.BinOp):
            parts = (self.value(node.left, known), self.value(node.right, known))
            return "".join(part for part in parts if isinstance(part, str))
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "sys.modules":
            key = self.value(node.slice, known)
            name = in_one_namespace(key) if isinstance(key, str) else self.module
            return Target(MODULE, name)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.called(node, node.func.id, known)
        meant = self.names.meaning(self.module, node)
        return meant if meant is not None else node

    def called(self, node: ast.Call, name: str, known: Mapping[str, Value]) -> Value:
        values = [self.value(argument, known) for argument in node.args]
        if name == "getattr" and isinstance(values[0], Target) and isinstance(values[1], str):
            return self.names.lookup(values[0].name, values[1])
        if name == "type" and isinstance(values[0], str):
            inits = [n for n in ast.walk(node.args[2]) if isinstance(n, ast.Name)]
            functions = [self.functions[n.id] for n in inits if n.id in self.functions]
            state = max((states.of_function(f) for f in functions), default=states.PRESENT)
            return Made(values[0], (), state)
        maker = self.functions.get(name)
        if maker is None or not isinstance(values[0], str):
            return node
        warns = any(states.is_deprecation(n) for n in ast.walk(maker))
        bases = tuple(v.name for v in values[1:] if isinstance(v, Target))
        return Made(values[0], bases, states.DEPRECATED if warns else states.PRESENT)
