"""What hooks returned to be logged, until 1.1: dicts under ``log`` and ``progress_bar``."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.values import own_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.scopes import Function

KEYS = ("log", "progress_bar")
#: What is no dict of values to be logged.
_PLAIN = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Compare, ast.BinOp)


@dataclass(frozen=True)
class Returned:
    """A dict that a method returns, literally or through a variable that is only returned.

    It is a display, or a ``dict(…)`` of names.
    """

    statement: ast.Return
    literal: ast.Dict | ast.Call


def returned(function: Function) -> Iterator[Returned]:
    """The dicts that a method returns."""
    for node in own_nodes(function):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        value: ast.expr | None = node.value
        if isinstance(value, ast.Name):
            value = _only_value(function, value)
        if isinstance(value, ast.Call) and _is_of_names(value):
            yield Returned(node, value)
        elif isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
            ordered = isinstance(value.func, (ast.Name, ast.Attribute)) and ast.unparse(
                value.func
            ).endswith("OrderedDict")
            value = value.args[0] if ordered else None
        if isinstance(value, ast.Dict):
            yield Returned(node, value)


def _is_of_names(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "dict" and not call.args


def _only_value(function: Function, name: ast.Name) -> ast.expr | None:
    """What a variable holds that is assigned once and used in one return only."""
    uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name.id]
    assigned = [
        n
        for n in own_nodes(function)
        if isinstance(n, ast.Assign) and len(n.targets) == 1 and n.targets[0] in uses
    ]
    return assigned[0].value if len(assigned) == 1 and len(uses) == 2 else None  # noqa: PLR2004


def logged_keys(file: File, found: Returned) -> list[str]:
    """The keys of a returned dict whose values may be dicts of values to be logged."""
    given = Arguments(file, found.literal)
    keys = [key for key in KEYS if key in given]
    return keys if not any(isinstance(given.value(key), _PLAIN) for key in keys) else []


def filled(function: Function) -> Iterator[tuple[str, ast.expr]]:
    """The keys of values to be logged in a variable that a method fills and returns.

    Without the dicts that ``returned`` gives, and without keys that the method takes out again or
    hands to a call. Each key comes with its node.
    """
    nodes = list(own_nodes(function))
    names = {
        node.value.id
        for node in nodes
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Name)
    }
    whole = [found.literal for found in returned(function)]
    for node in nodes:
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        target, value = node.targets[0], node.value
        found: list[tuple[str, str, ast.expr]] = []
        if isinstance(target, ast.Name) and isinstance(value, ast.Dict) and value not in whole:
            found = [
                (target.id, key.value, key)
                for key, held in zip(value.keys, value.values, strict=True)
                if isinstance(key, ast.Constant) and key.value in KEYS and not _is_plain(held)
            ]
        elif (entry := _entry(target)) is not None and not _is_plain(value):
            found = [(*entry, target)]
        for name, key, at in found:
            if name in names and not any(_takes(n, name, key) for n in nodes):
                yield key, at


def _entry(node: ast.AST) -> tuple[str, str] | None:
    """The variable and the key of ``result["log"]``."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    key = node.slice.value if isinstance(node.slice, ast.Constant) else None
    return (node.value.id, str(key)) if key in KEYS else None


def _takes(node: ast.AST, name: str, key: str) -> bool:
    """Whether a statement deletes an entry, or a call is given it or takes it out."""
    if isinstance(node, ast.Delete):
        return any(_entry(target) == (name, key) for target in node.targets)
    if not isinstance(node, ast.Call):
        return False
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    if any(_entry(part) == (name, key) for value in given for part in ast.walk(value)):
        return True
    func = node.func
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "pop"
        and isinstance(func.value, ast.Name)
        and func.value.id == name
        and any(isinstance(arg, ast.Constant) and arg.value == key for arg in node.args)
    )


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, _PLAIN)


def returns_logs(file: File, function: Function) -> str | None:
    """What to do first, where what a method returns is to be logged; None where it is not."""
    written_out = any(logged_keys(file, found) for found in returned(function))
    if not written_out and next(filled(function), None) is None:
        return None
    return f"log what {function.name} returns first: in a method of its own nobody looks at it"
