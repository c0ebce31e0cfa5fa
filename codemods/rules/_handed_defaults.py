"""Defaults that reach a Trainer through the parameters of several functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.file import Defined
from ..engine.scopes import FUNCTIONS
from ..engine.values import infer
from ._trainer_calls import trainer_calls
from ._variables import default_of, is_tested, literal, loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.scopes import Function

#: In today's names of the arguments; a parameter that ends in one of them is for it.
_ENDS = ("strategy", "devices")
_DEPTH = 4


@dataclass(frozen=True, eq=False)
class Handed:
    """A default ``None`` of a parameter that is handed on, at last as argument ``name``."""

    node: ast.expr
    name: str
    parameter: str


def handed_defaults(file: File) -> Iterator[Handed]:
    """Defaults ``None`` of a file that other functions hand to a Trainer unchanged."""
    for call in file.tree.calls:
        for keyword in call.keywords:
            if keyword.arg is None or not keyword.arg.endswith(_ENDS):
                continue
            default = _default(file, keyword.value)
            if default is None or literal(default) is not None:
                continue
            name = _goes_to(file, call, keyword.arg, _DEPTH)
            if name is not None:
                yield Handed(default, name, file.text(keyword.value))


def _default(file: File, node: ast.expr) -> ast.expr | None:
    """The default of the parameter that an expression reads, where nothing else reads it."""
    return default_of(file, node) if is_read_once(file, node) else None


def is_read_once(file: File, node: ast.expr) -> bool:
    """Whether an expression is the only one that reads a parameter, which nothing else decides."""
    if not isinstance(node, ast.Name):
        return False
    found = file.tree.scope_of(node).find(node.id)
    return found is not None and len(loads(file, found[0], found[1][0].name)) == 1


def _goes_to(file: File, call: ast.Call, parameter: str, depth: int) -> str | None:
    """The Trainer's argument that a parameter of the called function becomes."""
    names = set()
    for home, function in _functions(file, call):
        names.add(_becomes(home, function, parameter, depth))
    return names.pop() if len(names) == 1 else None


def _becomes(file: File, function: Function, parameter: str, depth: int) -> str | None:
    found = file.tree.scopes[function].find(parameter)
    if found is None or len(found[1]) != 1 or found[1][0].kind != "parameter":
        return None
    uses = loads(file, found[0], parameter)
    if len(uses) != 1 or is_tested(file, uses[0]):
        return None
    keyword = file.tree.parents.get(uses[0])
    call = file.tree.parents.get(keyword) if isinstance(keyword, ast.keyword) else None
    if not isinstance(call, ast.Call) or not isinstance(keyword, ast.keyword) or not keyword.arg:
        return None
    for made in trainer_calls(file):
        if made.node is call and made.value(keyword.arg) is uses[0]:
            return keyword.arg if keyword.arg in _ENDS else None
    return _goes_to(file, call, keyword.arg, depth - 1) if depth else None


def _functions(file: File, call: ast.Call) -> list[tuple[File, Function]]:
    """The project functions that a call may run: methods of what the receiver is, and functions."""
    func = call.func
    if isinstance(func, ast.Attribute):
        owners = [t.cls for t in infer(file, func.value) if t.cls is not None]
        methods = [cls.method(func.attr) for cls in owners]
        found = [m for m in methods if m is not None]
        if found:
            return [(cls.file, function) for cls, function in found]
    meanings = [m for m in file.meanings(func) if isinstance(m, Defined)]
    return [(m.file, m.node) for m in meanings if isinstance(m.node, FUNCTIONS)]
