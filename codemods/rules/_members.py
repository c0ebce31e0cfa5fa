"""Members of Lightning's objects, where code uses them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.values import infer
from ..lightning.objects import CLASSES

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from ..engine.file import File
    from ..engine.kinds import Type


@dataclass(frozen=True, eq=False)
class Use:
    """``value.attr`` where the value is, for certain, an object of some of Lightning's classes.

    ``owners`` are the canonical classes that it is an object of: its own, and for a class of the
    project those that it inherits from.
    """

    node: ast.Attribute
    owners: frozenset[str]

    @property
    def name(self) -> str:
        """The member's name."""
        return self.node.attr

    @property
    def is_read(self) -> bool:
        """Whether the member is read, not assigned or deleted."""
        return isinstance(self.node.ctx, ast.Load)


def uses(file: File, names: Container[str]) -> Iterator[Use]:
    """Uses of members with some names; those that the project's own classes define are left out."""
    for node in file.tree.all(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        if node.attr not in names or _is_asked_for(file, node):
            continue
        types = infer(file, node.value)
        if not types or any(t.kind == "none" for t in types):
            types = frozenset(t for t in types if t.kind != "none")
        owners = [_owners(t, node.attr) for t in types]
        common = frozenset.intersection(*owners) if owners else frozenset()
        if common:
            yield Use(node, common)


def _owners(type_: Type, name: str) -> frozenset[str]:
    found = {type_.name} if type_.name else set()
    if type_.kind in CLASSES:
        found.add(CLASSES[type_.kind])
    if type_.cls is not None:
        cls = type_.cls
        if cls.method(name) or cls.class_values(name) or any(cls.self_assignments(name)):
            return frozenset()
        found |= {base for owner in cls.mro for base in owner.foreign_bases}
    return frozenset(n for n in found if n)


def _is_asked_for(file: File, node: ast.Attribute) -> bool:
    """Whether the code asks first whether the object has the member."""
    tests = [a.test for a in file.tree.ancestors(node) if isinstance(a, (ast.If, ast.IfExp))]
    for test in tests:
        for call in ast.walk(test):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            values = [a.value for a in call.args if isinstance(a, ast.Constant)]
            if call.func.id == "hasattr" and node.attr in values:
                return True
    return any(
        isinstance(handler.type, ast.Name) and handler.type.id == "AttributeError"
        for a in file.tree.ancestors(node)
        if isinstance(a, ast.Try)
        for handler in a.handlers
    )
