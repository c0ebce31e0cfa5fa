"""What a script's command line says about a value: the type that ``argparse`` gives it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ._variables import UNKNOWN, is_set, literal

if TYPE_CHECKING:
    from ..engine.file import File

_PLAIN = ("store", UNKNOWN)


def is_text_option(file: File, node: ast.expr) -> bool:
    """Whether an attribute such as ``args.gpus`` is an option that arrives as one string.

    Options of that name anywhere in the project count, unless the file sets the attribute itself.
    """
    if not isinstance(node, ast.Attribute):
        return False
    if is_set(file, node.attr):
        return False
    homes = [file, *file.project.holding(f"--{node.attr}".encode(), file.path)]
    return any(_declares_text(home, node.attr) for home in homes)


def is_switch_option(file: File, node: ast.expr) -> bool:
    """Whether an attribute such as ``args.profiler`` is an option that is only on or off.

    All options of that name in the project have to be; the file may not set the attribute itself.
    """
    if not isinstance(node, ast.Attribute) or is_set(file, node.attr):
        return False
    homes = [file, *file.project.holding(f"--{node.attr}".encode(), file.path)]
    found = [call for home in homes for call in _declared(home, node.attr)]
    actions = [next((k.value for k in c.keywords if k.arg == "action"), None) for c in found]
    return bool(found) and all(literal(a) in ("store_true", "store_false") for a in actions)


def _declared(file: File, name: str) -> list[ast.Call]:
    """The calls of a file that declare an option."""
    return [
        call
        for call in file.tree.calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "add_argument"
        and any(literal(a) == f"--{name}" for a in call.args)
    ]


def _declares_text(file: File, name: str) -> bool:
    return any(_is_text(file, call) for call in _declared(file, name))


def _is_text(file: File, call: ast.Call) -> bool:
    given = {k.arg: k.value for k in call.keywords}
    if None in given or "nargs" in given or literal(given.get("action")) not in _PLAIN:
        return False
    kind = given.get("type")
    return kind is None or file.canonical(kind) == "str"
