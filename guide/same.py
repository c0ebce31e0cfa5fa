"""Whether two programs are the same but for how they import, order keywords, and lay things out."""

from __future__ import annotations

import ast
from pathlib import Path

from lfix.codemods.engine.file import File
from lfix.codemods.engine.project import Project
from lfix.codemods.engine.source import Source

_PLACE = Path("/nowhere/guide/case.py")


def parsed(text: str) -> File:
    """A program as the engine sees it, alone in its project; raises UnparsableError."""
    return Project().add(Source.of(_PLACE, text.encode()))


def normal(text: str) -> object:
    """A form that is equal for programs that do the same; raises UnparsableError.

    Imports are left out and names stand for what they resolve to, keyword arguments are sorted.
    """
    file = parsed(text)
    return _normal(file, file.tree.module)


def _normal(file: File, node: object) -> object:
    if isinstance(node, list):
        return [
            _normal(file, n)
            for n in node
            if not isinstance(n, (ast.Import, ast.ImportFrom, ast.Pass))
        ]
    if not isinstance(node, ast.AST):
        # 1 == True == 1.0, but they are different programs.
        return (type(node).__name__, node)
    if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
        name = file.canonical(node)
        if name is not None:
            return ("name", name)
    fields = {name: _normal(file, value) for name, value in ast.iter_fields(node)}
    fields.pop("type_comment", None)
    if isinstance(node, ast.Call):
        fields["keywords"] = sorted(fields["keywords"], key=repr)  # type: ignore[call-overload]
    if isinstance(node, ast.Constant):
        fields.pop("kind", None)
    return (type(node).__name__, fields)
