"""Arguments of a Trainer that statements put into a dict or a namespace, and what guards code."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.scopes import Scope


@dataclass(frozen=True, eq=False)
class Stored:
    """An argument put into a dict by a statement: ``kwargs["gpus"] = 2``.

    ``node`` is the statement, or the argument of ``update`` or of the dict behind ``|=``, which
    ``update`` then is. ``key`` is the subscript of the dict, where there is one; ``appended`` tells
    that ``value`` is appended to what it holds, ``default`` is the call of ``setdefault``.
    """

    name: str
    value: ast.expr
    node: ast.AST
    key: ast.Subscript | None = None
    appended: bool = False
    update: ast.Call | ast.Dict | None = None
    default: ast.Call | None = None


def entries(file: File, use: ast.Name) -> Iterator[Stored]:
    """The arguments that the statement around a use puts into the dict."""
    if is_guarded(file, use):
        return
    parent = file.tree.parents[use]
    if isinstance(parent, ast.Subscript) and parent.value is use:
        yield from _by_key(file, parent)
    if isinstance(parent, ast.Attribute) and isinstance(parent.ctx, ast.Store):
        statement = file.tree.parents[parent]
        if isinstance(statement, ast.Assign):
            yield Stored(parent.attr, statement.value, statement)
    call = file.tree.parents[parent]
    if isinstance(parent, ast.Attribute) and isinstance(call, ast.Call) and call.func is parent:
        if parent.attr == "update":
            yield from _of(file, call, *(a for a in call.args if isinstance(a, ast.Dict)))
        elif parent.attr == "setdefault" and len(call.args) == 2:  # noqa: PLR2004 - all it takes
            key, value = call.args
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield Stored(key.value, value, call, default=call)


def added(file: File, name: str, scope: Scope) -> Iterator[Stored]:
    """The arguments that statements like ``kwargs |= {"gpus": 2}`` put into a variable's dict."""
    for binding in scope.bindings.get(name, ()):
        statement = binding.node
        if not isinstance(statement, ast.AugAssign) or not isinstance(statement.op, ast.BitOr):
            continue
        value = statement.value
        is_dict = isinstance(value, ast.Call) and file.canonical(value.func) == "dict"
        if isinstance(value, (ast.Dict, ast.Call)) and (isinstance(value, ast.Dict) or is_dict):
            yield from () if is_guarded(file, statement) else _of(file, value)


def _of(file: File, *literals: ast.Call | ast.Dict) -> Iterator[Stored]:
    for literal in literals:
        for argument in Arguments(file, literal).named.values():
            yield Stored(argument.name, argument.value, argument.node, update=literal)


def _by_key(file: File, place: ast.Subscript) -> Iterator[Stored]:
    key, outer = place.slice, file.tree.parents[place]
    if not isinstance(key, ast.Constant):
        return
    if isinstance(place.ctx, ast.Store) and isinstance(outer, ast.Assign):
        yield Stored(str(key.value), outer.value, outer, place)
    if not isinstance(outer, ast.Attribute) or outer.attr != "append":
        return
    call = file.tree.parents[outer]
    if not isinstance(call, ast.Call) or len(call.args) != 1 or call.func is not outer:
        return
    statement = file.tree.parents[call]
    if isinstance(statement, ast.Expr):
        yield Stored(str(key.value), call.args[0], statement, place, appended=True)


def is_guarded(file: File, node: ast.AST) -> bool:
    """Whether code runs only on some releases, or is meant to fail.

    It asks for a version, catches the TypeError, or stands in a test's ``raises`` block.
    """
    child = node
    for parent in file.tree.ancestors(node):
        if isinstance(parent, (ast.If, ast.IfExp)) and child is not parent.test:
            asked = "version" in file.text(parent.test).lower()
        elif isinstance(parent, ast.Try):
            inside = any(child is s for s in parent.body)
            asked = inside and any(_catches_type_error(h) for h in parent.handlers)
        elif isinstance(parent, (ast.With, ast.AsyncWith)):
            asked = any(_expects_error(item.context_expr) for item in parent.items)
        else:
            asked = isinstance(parent, ast.ExceptHandler) and _catches_type_error(parent)
        if asked:
            return True
        child = parent
    return False


def _expects_error(context: ast.expr) -> bool:
    """Whether a ``with`` waits for an exception: ``pytest.raises``, ``self.assertRaises``."""
    if not isinstance(context, ast.Call):
        return False
    name = context.func.attr if isinstance(context.func, ast.Attribute) else None
    name = context.func.id if isinstance(context.func, ast.Name) else name
    return name in ("raises", "assertRaises", "assertRaisesRegex")


def _catches_type_error(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return False
    return any(isinstance(n, ast.Name) and n.id == "TypeError" for n in ast.walk(handler.type))
