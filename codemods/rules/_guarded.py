"""Imports that the code itself makes depend on the release that is installed."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning.changes.index import moved
from ..lightning.changes.row import Level
from ..lightning.names import absolute

if TYPE_CHECKING:
    from ..engine.file import File


def has_fallback(file: File, alias: ast.alias, statement: ast.AST, target: str) -> bool:
    """Whether another import of the same scope gives the name too, by a path that is fine."""
    if isinstance(statement, ast.Import) and alias.asname is None and "." in alias.name:
        # It is there for the module; the name that it binds is only the package's.
        return False
    local = alias.asname or alias.name.partition(".")[0]
    bindings = file.tree.scope_of(statement).bindings.get(local, [])
    return any(
        b.kind == "import" and b.node is not statement and _is_fine(b.target or "", target)
        for b in bindings
    )


def is_expected_to_fail(file: File, alias: ast.alias, statement: ast.AST) -> bool:
    """Whether an ``except`` gives the name some other meaning where the import fails."""
    local = alias.asname or alias.name.partition(".")[0]
    bindings = file.tree.scope_of(statement).bindings.get(local, [])
    return any(
        isinstance(ancestor, ast.ExceptHandler)
        for b in bindings
        if b.node is not statement
        for ancestor in file.tree.ancestors(b.node)
    )


def _is_fine(path: str, target: str) -> bool:
    parts = absolute(path).split(".")
    row = moved(".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return row is None or row.level(target) is Level.FINE
