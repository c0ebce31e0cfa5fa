"""Options of a command line that all become arguments of a Trainer: ``Trainer(**vars(args))``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..lightning.trainer import (
    GONE_ARGUMENTS,
    REMOVED_ARGUMENTS,
    RENAMED_ARGUMENTS,
    TRAINER_PARAMETERS,
)
from ._trainer_remedy import INSTEAD
from ._trainer_signature import Field
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.file import File
    from ._trainer_calls import TrainerCall

_OLD = (GONE_ARGUMENTS | frozenset(RENAMED_ARGUMENTS)) - TRAINER_PARAMETERS
_PARSING = ("parse_args", "parse_known_args")


def options_by_namespace(file: File, calls: Sequence[TrainerCall]) -> Iterator[Field]:
    """The options of a file with names that no Trainer takes, where it hands over all of them."""
    if not any(_is_handed(file, call) for call in calls):
        return
    for call in file.tree.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument":
            continue
        name = _name(call)
        if name in _OLD:
            message = f"Trainer has no argument {name}, and all options are handed to it"
            yield Field(call, message, f"{_instead(name)}; declare and read it by that name")


def _is_handed(file: File, call: TrainerCall) -> bool:
    """Whether everything that a parser gave becomes an argument."""
    if call.kind != "Trainer":
        return False
    spaces = [_space(file, k.value) for k in call.node.keywords if k.arg is None]
    return any(space is not None and _is_parsed(file, space) for space in spaces)


def _space(file: File, node: ast.expr) -> ast.Name | None:
    """``args`` of ``vars(args)`` and ``args.__dict__``."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value if isinstance(node.value, ast.Name) else None
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    held = node.args[0]
    return held if file.canonical(node.func) == "vars" and isinstance(held, ast.Name) else None


def _is_parsed(file: File, space: ast.Name) -> bool:
    value = file.assigned(space)
    if value is None:
        found = file.tree.scope_of(space).find(space.id)
        return found is not None and all(b.kind == "parameter" for b in found[1])
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in _PARSING
    )


def _name(call: ast.Call) -> str:
    """The attribute that an option becomes."""
    given = next((k.value for k in call.keywords if k.arg == "dest"), None)
    if given is not None:
        return str(literal(given))
    long = [str(literal(a)) for a in call.args if str(literal(a)).startswith("--")]
    return long[0][2:].replace("-", "_") if long else ""


def _instead(name: str) -> str:
    if name in RENAMED_ARGUMENTS:
        return f"it is called {RENAMED_ARGUMENTS[name]} now"
    row = REMOVED_ARGUMENTS.get(name)
    return row.instead if row else INSTEAD.get(name, "accelerator= and devices= replace it")
