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
    plain = (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple, ast.Compare, ast.BinOp)
    return keys if not any(isinstance(given.value(key), plain) for key in keys) else []


def returns_logs(file: File, function: Function) -> str | None:
    """What to do first, where what a method returns is to be logged; None where it is not."""
    if not any(logged_keys(file, found) for found in returned(function)):
        return None
    return f"log what {function.name} returns first: in a method of its own nobody looks at it"
