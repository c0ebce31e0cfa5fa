"""What each name in a module is bound to, and what it means across modules."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lfix.codemods.lightning.names import in_one_namespace

from .wheels import Module

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Kinds of what a dotted name denotes.
MODULE, CLASS, FUNCTION, CONSTANT, FOREIGN = "mcfax"

_Definition = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Imported:
    """A name that an import statement binds; ``attribute`` is empty for ``import module``."""

    module: str
    attribute: str = ""


@dataclass(frozen=True)
class Target:
    """What a name denotes in the end."""

    kind: str
    name: str


Binding = ast.stmt | ast.expr | Imported


@dataclass
class Scope:
    """The names of one module; ``stars`` are the modules it imports everything from."""

    module: Module
    names: dict[str, Binding] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)

    @property
    def exported(self) -> list[str] | None:
        """The literal ``__all__``, if there is one."""
        value = self.names.get("__all__")
        if not isinstance(value, (ast.List, ast.Tuple)):
            return None
        return [
            e.value for e in value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)
        ]


def scope_of(module: Module) -> Scope:
    """The names that a module binds at its top level, also under `if` and `try`."""
    scope = Scope(module)
    for name, binding in _bound(module, module.tree.body, scope.stars):
        scope.names[name] = binding
    return scope


def _bound(
    module: Module, body: Sequence[ast.stmt], stars: list[str]
) -> Iterator[tuple[str, Binding]]:
    for statement in body:
        branches = _branches(statement)
        if branches is not None:
            yield from _first([dict(_bound(module, branch, stars)) for branch in branches])
        elif isinstance(statement, _Definition):
            yield statement.name, statement
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield bound, Imported(in_one_namespace(alias.name) if alias.asname else bound)
        elif isinstance(statement, ast.ImportFrom):
            source = _source(module, statement)
            for alias in statement.names:
                if alias.name == "*":
                    stars.append(source)
                else:
                    yield alias.asname or alias.name, Imported(source, alias.name)
        else:
            yield from assigned(statement)


def _first(branches: Sequence[Mapping[str, Binding]]) -> Iterator[tuple[str, Binding]]:
    """Of alternatives the first: the others stand in for what an environment lacks.

    Where the first is of another package, a definition of the release's own says more.
    """
    for name in dict.fromkeys(name for branch in branches for name in branch):
        bindings = [branch[name] for branch in branches if name in branch]
        chosen = bindings[0]
        if isinstance(chosen, Imported) and not chosen.module.startswith("lightning."):
            chosen = next((b for b in bindings if isinstance(b, _Definition)), chosen)
        yield name, chosen


def _branches(statement: ast.stmt) -> list[list[ast.stmt]] | None:
    if isinstance(statement, ast.If):
        test = ast.unparse(statement.test)
        if test.endswith("TYPE_CHECKING") or test.startswith("__name__"):
            return [statement.orelse]
        return [statement.body, statement.orelse]
    if isinstance(statement, ast.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [statement.body, statement.orelse, *handlers, statement.finalbody]
    if isinstance(statement, (ast.With, ast.For, ast.While)):
        return [statement.body]
    return None


def _source(module: Module, statement: ast.ImportFrom) -> str:
    if not statement.level:
        return in_one_namespace(statement.module or "")
    parts = module.name.split(".")
    above = statement.level - (1 if module.package else 0)
    base = parts[: len(parts) - above] if above else parts
    return ".".join([*base, *([statement.module] if statement.module else [])])


def assigned(statement: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """The plain names that an assignment binds, with the value; unpacked ones with the whole."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, statement.value or statement.annotation
    if not isinstance(statement, ast.Assign):
        return
    for target in statement.targets:
        if isinstance(target, ast.Name):
            yield target.id, statement.value
        elif isinstance(target, ast.Tuple):
            for element in target.elts:
                if isinstance(element, ast.Name):
                    yield element.id, ast.Constant(None)


class Names:
    """All scopes of a release, and what the names in them mean."""

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self.scopes = {name: scope_of(module) for name, module in modules.items()}
        self._known: dict[tuple[str, str], Target | None] = {}

    def bound_in(self, module: str) -> dict[str, None]:
        """The names of a module, star imports included, in order."""
        scope = self.scopes[module]
        names = dict.fromkeys(scope.names)
        for star in scope.stars:
            names.update(dict.fromkeys(self.exported_by(star)))
        return names

    def exported_by(self, module: str) -> list[str]:
        """What ``from module import *`` binds."""
        if module not in self.scopes:
            return []
        declared = self.scopes[module].exported
        if declared is not None:
            return declared
        return [name for name in self.bound_in(module) if not name.startswith("_")]

    def lookup(self, module: str, name: str) -> Target | None:
        """What a name of a module denotes; None where nothing in the release says so."""
        key = (module, name)
        if key not in self._known:
            self._known[key] = None  # stands while it is being found out: imports may go round
            self._known[key] = self._lookup(module, name)
        return self._known[key]

    def _lookup(self, module: str, name: str) -> Target | None:
        scope = self.scopes[module]
        binding = scope.names.get(name)
        if binding is None:
            for star in reversed(scope.stars):
                if name in self.exported_by(star):
                    return self.lookup(star, name)
            inner = f"{module}.{name}"
            return Target(MODULE, inner) if inner in self.scopes else None
        own = f"{module}.{name}"
        if isinstance(binding, Imported):
            return self._imported(binding)
        if isinstance(binding, ast.ClassDef):
            return Target(CLASS, own)
        if isinstance(binding, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return Target(FUNCTION, own)
        if isinstance(binding, (ast.Name, ast.Attribute)):
            meant = self.meaning(module, binding)
            if meant is not None and meant.kind in {CLASS, FUNCTION}:
                return meant
        return Target(CONSTANT, own)

    def _imported(self, binding: Imported) -> Target | None:
        module, attribute = binding.module, binding.attribute
        if module.partition(".")[0] in {"pytorch_lightning", "lightning_fabric"}:
            module = in_one_namespace(module)
        if module.partition(".")[0] != "lightning":
            return Target(FOREIGN, f"{module}.{attribute}" if attribute else module)
        if module not in self.scopes:
            return None
        return self.lookup(module, attribute) if attribute else Target(MODULE, module)

    def meaning(self, module: str, node: ast.expr) -> Target | None:
        """What an expression of names and attributes denotes, seen from a module's top level."""
        if isinstance(node, ast.Subscript):
            return self.meaning(module, node.value)
        if isinstance(node, ast.Name):
            return self.lookup(module, node.id)
        if not isinstance(node, ast.Attribute):
            return None
        left = self.meaning(module, node.value)
        if left is None:
            return None
        if left.kind == FOREIGN:
            return Target(FOREIGN, f"{left.name}.{node.attr}")
        return self.lookup(left.name, node.attr) if left.kind == MODULE else None
