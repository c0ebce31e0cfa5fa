"""What a script's command line says about a value: the type that ``argparse`` gives it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from ..engine.file import File

_PLAIN = ("store", UNKNOWN)


def is_text_option(file: File, node: ast.expr) -> bool:
    """Whether an attribute such as ``args.gpus`` is an option that arrives as one string.

    Options of that name anywhere in the project count, unless the file sets the attribute itself.
    """
    if not isinstance(node, ast.Attribute):
        return False
    if any(
        isinstance(n, ast.Attribute) and n.attr == node.attr and isinstance(n.ctx, ast.Store)
        for n in file.tree.all(ast.Attribute)
    ):
        return False
    homes = [file, *file.project.holding(f"--{node.attr}".encode(), file.path)]
    return any(_declares_text(home, node.attr) for home in homes)


def _declares_text(file: File, name: str) -> bool:
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "add_argument"
        and any(literal(a) == f"--{name}" for a in call.args)
        and _is_text(file, call)
        for call in file.tree.calls
    )


def _is_text(file: File, call: ast.Call) -> bool:
    given = {k.arg: k.value for k in call.keywords}
    if None in given or "nargs" in given or literal(given.get("action")) not in _PLAIN:
        return False
    kind = given.get("type")
    return kind is None or file.canonical(kind) == "str"
