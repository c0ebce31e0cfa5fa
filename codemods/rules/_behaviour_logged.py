"""The names under which a program logs."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.classes import Class
    from ..engine.file import File

#: What Lightning puts behind a name.
_ENDS = ("", "_step", "_epoch")


def logged(cls: Class) -> set[str] | None:
    """The names that a class and its bases log; None where one of them cannot be read."""
    calls = [
        (owner.file, node)
        for owner in cls.mro
        for node in ast.walk(owner.node)
        if isinstance(node, ast.Call)
    ]
    return None if cls.unknown_bases else _names(calls)


def logged_in(files: Iterable[File]) -> set[str] | None:
    """The names that some files log; None where one of them cannot be read."""
    return _names([(file, call) for file in files for call in file.tree.calls])


def _names(calls: list[tuple[File, ast.Call]]) -> set[str] | None:
    found: set[str] = set()
    for _, call in calls:
        func = call.func
        if not isinstance(func, ast.Attribute) or func.attr not in ("log", "log_dict"):
            continue
        first = next((k.value for k in call.keywords if k.arg in ("name", "dictionary")), None)
        first = call.args[0] if call.args else first
        names = _of(first)
        if names is None:
            return None
        found |= {name + end for name in names for end in _ENDS}
    return found


def _of(node: ast.expr | None) -> set[str] | None:
    if isinstance(node, ast.Dict):
        keys = [literal(k) for k in node.keys]
        return (
            {k for k in keys if isinstance(k, str)}
            if all(isinstance(k, str) for k in keys)
            else None
        )
    value = literal(node)
    return {value} if isinstance(value, str) else None
