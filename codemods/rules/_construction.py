"""How objects are made: the class that one surely is of, and the constructor of its parent."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.file import Defined
from ..engine.flow import reaching

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File

_DEPTH = 6


def class_of(file: File, node: ast.expr, depth: int = _DEPTH) -> Class | None:
    """The class of an object that was surely made by calling that very class."""
    if depth == 0:
        return None
    if isinstance(node, ast.Name):
        found = file.tree.scope_of(node).find(node.id)
        bindings = reaching(file.tree, node, found) if found is not None else []
        if len(bindings) != 1 or bindings[0].kind != "assign" or bindings[0].path:
            return None
        value = bindings[0].value
        return class_of(file, value, depth - 1) if value is not None else None
    if not isinstance(node, ast.Call):
        return None
    func = node.func
    if isinstance(func, ast.Attribute) and func.attr == "load_from_checkpoint":
        func = func.value
    meanings = file.meanings(func)
    made = meanings[0] if len(meanings) == 1 else None
    if isinstance(made, Defined) and isinstance(made.node, ast.ClassDef):
        return made.file.cls(made.node)
    return None


def is_parent_init(node: ast.AST) -> bool:
    """Whether a node calls the constructor of another class on this object."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "__init__"
    )
