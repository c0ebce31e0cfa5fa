"""Which hook of Lightning a method is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, role_of_name
from ..lightning.hooks import Hook, hooks
from ..lightning.overrides import kind_of
from ..model import Span

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

OWNERS = (Role.MODULE, Role.DATAMODULE, Role.CALLBACK)

#: Bases that bring no methods of Lightning's.
_PLAIN = ("object", "abc.", "typing.", "torch.nn.")

#: Decorators from these packages hand the arguments of a method on as they come.
_TRANSPARENT = (
    "torch.",
    "lightning.",
    "functools.",
    "typing.",
    "typing_extensions.",
    "abc.",
    "contextlib.",
)
_BUILT_IN = frozenset({"classmethod", "override", "overrides", "abstractmethod"})


def owners_of(cls: Class) -> list[Role]:
    """The hook-bearing roles that a class plays, itself or through what it is mixed into."""
    return [role for role in OWNERS if cls.plays(role)]


def hook_of(cls: Class, name: str) -> Hook | None:
    """The hook that a method of a class is; None where it is none, or not one alone."""
    owners = [*(role.value for role in owners_of(cls)), *extensions_of(cls)]
    found = {hook for owner in owners if (hook := hooks().get((owner, name))) is not None}
    return found.pop() if len(found) == 1 else None


def extensions_of(cls: Class) -> list[str]:
    """Which of Lightning's other extension points, such as strategies, a class derives from."""
    kinds = (kind_of(name) for name in cls.foreign_bases)
    return list(dict.fromkeys(kind for kind in kinds if kind is not None))


def is_open(cls: Class) -> bool:
    """Whether a base is not known, so that methods may come from there."""
    if not cls.opaque:
        return False
    known = (role_of_name(n) or kind_of(n) or n.startswith(_PLAIN) for n in cls.foreign_bases)
    return bool(cls.unknown_bases) or not all(known)


def hook_of_role(role: Role, name: str) -> Hook | None:
    """The hook of a name that classes of a role have."""
    return hooks().get((role.value, name))


def is_plain_method(function: Function) -> bool:
    """Whether a function is called with its instance first: no property, no static method."""
    for decorator in function.decorator_list:
        name = (
            decorator.attr if isinstance(decorator, ast.Attribute) else getattr(decorator, "id", "")
        )
        if name in ("property", "staticmethod", "cached_property", "setter", "overload"):
            return False
    return True


def unknown_decorator(file: File, function: Function) -> str | None:
    """The text of a decorator that may hand on other arguments than it is given."""
    for decorator in function.decorator_list:
        head = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = file.canonical(head) or ""
        if not name.startswith(_TRANSPARENT) and name not in _BUILT_IN:
            return file.text(decorator)
    return None


def name_span(file: File, function: Function) -> Span:
    """From ``def`` to the name: where a finding on a method points."""
    start = file.source.offset(function.lineno, function.col_offset)
    head = file.source.data[start : file.span(function).end]
    return Span(start, start + head.index(function.name.encode()) + len(function.name.encode()))
