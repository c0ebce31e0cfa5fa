"""What a value may be, and what annotations say of it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .classes import Class, Role, role_of_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .file import File, Meaning


@dataclass(frozen=True)
class Type:
    """One thing that a value may be.

    ``kind`` is a role's value (``Dataset``), or: none, constant, list, tuple, dict, class,
    object, function, unknown. ``items`` are the element types of a container by position, or one
    entry for all; ``name`` is the canonical foreign name, ``cls`` the project class.
    """

    kind: str
    items: tuple[frozenset[Type], ...] = ()
    name: str | None = None
    cls: Class | None = None
    constant: object = None
    uniform: bool = False

    @property
    def elements(self) -> frozenset[Type]:
        """Everything that a container may hold."""
        return frozenset(t for item in self.items for t in item)

    def at(self, index: int) -> frozenset[Type]:
        """The element at a position of a container."""
        if self.uniform:
            return self.elements
        if self.kind in ("list", "tuple") and -len(self.items) <= index < len(self.items):
            return self.items[index]
        return UNKNOWN


Types = frozenset[Type]
UNKNOWN: Types = frozenset({Type("unknown")})
NONE: Types = frozenset({Type("none")})

_OPTIMIZER = "torch.optim."


def is_surely(types: Types, kind: str) -> bool:
    """Whether a value is of a kind on every path, ``None`` set aside."""
    rest = {t for t in types if t.kind != "none"}
    return bool(rest) and all(t.kind == kind for t in rest)


def may_be(types: Types, kind: str) -> bool:
    """Whether a value is of a kind on some path."""
    return any(t.kind == kind for t in types)


def union(parts: Iterable[Types]) -> Types:
    """All possibilities together; unknown where there is none."""
    return frozenset(t for part in parts for t in part) or UNKNOWN


def instance(cls: Class) -> Type:
    """An instance of a project class."""
    roles = sorted(role.value for role in cls.roles)
    # A class may be a module and something else; the Lightning role decides.
    for role in (Role.MODULE, Role.DATAMODULE, Role.CALLBACK, Role.TRAINER):
        if cls.has(role):
            return Type(role.value, cls=cls)
    return Type(roles[0] if roles else "unknown" if cls.opaque else "object", cls=cls)


def of_annotation(file: File, node: ast.expr | None) -> Types:
    """The types that an annotation admits."""
    if node is None:
        return UNKNOWN
    if isinstance(node, ast.Constant) and node.value is None:
        return NONE
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return of_annotation(file, node.left) | of_annotation(file, node.right)
    if isinstance(node, ast.Subscript):
        return _generic(file, node)
    types = {instance_of(m) for m in file.meanings(node)}
    return frozenset(types) or UNKNOWN


def _generic(file: File, node: ast.Subscript) -> Types:
    name = file.canonical(node.value) or ""
    last = name.rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if last == "Optional":
        return of_annotation(file, inner[0]) | NONE
    if last == "Union":
        return union(of_annotation(file, part) for part in inner)
    if last in ("List", "list", "Sequence", "Iterable"):
        element = of_annotation(file, inner[0])
        return frozenset({Type("list", (element,), uniform=True)})
    if last in ("Dict", "dict", "Mapping"):
        element = of_annotation(file, inner[-1])
        return frozenset({Type("dict", (element,), uniform=True)})
    if last in ("Tuple", "tuple"):
        parts = tuple(of_annotation(file, part) for part in inner)
        return frozenset({Type("tuple", parts)})
    return of_annotation(file, node.value)


def instance_of(meaning: Meaning) -> Type:
    """An instance of what a meaning names; unknown where it is no class."""
    if isinstance(meaning, str):
        role = role_of_name(meaning)
        if role is not None:
            return Type(role.value, name=meaning)
        if meaning.startswith(_OPTIMIZER):
            scheduler = meaning.startswith(_OPTIMIZER + "lr_scheduler.")
            return Type("scheduler" if scheduler else "optimizer", name=meaning)
        return Type("unknown", name=meaning)
    if isinstance(meaning.node, ast.ClassDef):
        return instance(meaning.file.cls(meaning.node))
    return Type("unknown")
