"""Where a LightningCLI is made, and whether it runs a subcommand."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ._trainer_targets import is_cli
from ._variables import literal

if TYPE_CHECKING:
    from ..engine.file import File


def made_here(file: File) -> list[ast.Call]:
    """The calls of a file that make a LightningCLI."""
    return [call for call in file.tree.calls if _is_promising(call) and is_cli(file, call)]


def _is_promising(call: ast.Call) -> bool:
    func = call.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return bool(name[:1].isupper())


def created(file: File, node: ast.expr) -> ast.Call | None:
    """The call in this file that made the CLI which an expression is; None where it is unknown.

    ``self`` in a CLI's own method is what the only call makes that is there for its class.
    """
    if not isinstance(node, ast.Name):
        return None
    value = file.assigned(node)
    if isinstance(value, ast.Call):
        return value if _is_promising(value) and is_cli(file, value) else None
    cls = file.class_of(node)
    if node.id != "self" or cls is None or not cls.has(Role.CLI):
        return None
    made = [call for call in made_here(file) if _makes(file, call, cls.node)]
    others = file.project.holding(cls.name.encode(), file.path)
    alone = all(other is file for other in others)
    return made[0] if len(made) == 1 and alone else None


def _makes(file: File, call: ast.Call, definition: ast.ClassDef) -> bool:
    meanings = file.meanings(call.func)
    return any(getattr(meaning, "node", None) is definition for meaning in meanings)


def runs(made: ast.Call) -> bool:
    """Whether a CLI surely runs a subcommand: nothing says otherwise."""
    if any(k.arg is None for k in made.keywords) or any(
        isinstance(a, ast.Starred) for a in made.args
    ):
        return False
    given = next((k.value for k in made.keywords if k.arg == "run"), None)
    return given is None or literal(given) is True
