"""Entries that statements put into the arguments of a Trainer: read on their own, written anew."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.statements import indent, remove, stands_alone
from ._trainer_calls import Part
from ._variables import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.file import File
    from ..model import Edit
    from ._trainer_calls import TrainerCall
    from ._trainer_stored import Stored


def as_dict(entries: Sequence[Stored]) -> ast.Dict:
    """Entries as if they were written in one literal."""
    node = ast.Dict(
        keys=[ast.copy_location(ast.Constant(s.name), s.value) for s in entries],
        values=[s.value for s in entries],
    )
    return ast.copy_location(node, entries[0].value)


def alone(call: TrainerCall, stored: Stored) -> TrainerCall:
    """The construction as if it were given nothing but one entry."""
    made = Arguments(call.file, as_dict([stored]))
    return replace(call, parts=(Part(made),), positional=(), stored=(), choices=())


def written(
    file: File, stored: Stored, pairs: Sequence[tuple[str, str]]
) -> tuple[Edit, ...] | None:
    """The edits that enter other names and texts of values in place of an entry.

    None where its statement has no room for them.
    """
    if stored.update is not None:
        return tuple(Arguments(file, stored.update).change({stored.name: pairs}))
    node = stored.default or stored.node
    statement = file.tree.statement(node)
    if not stands_alone(file, statement):
        return None
    if stored.default is not None:
        if not isinstance(statement, ast.Expr) or statement.value is not node:
            return None
        func = file.text(stored.default.func)
        key = stored.default.args[0]
        lines = [f"{func}({quoted(file, key, new)}, {text})" for new, text in pairs]
    else:
        if not isinstance(statement, ast.Assign) or len(statement.targets) > 1:
            return None
        lines = [f"{_place(file, stored, statement, new)} = {text}" for new, text in pairs]
    if not pairs:
        return remove(file, [statement])
    return (file.replace(statement, f"\n{indent(file, statement)}".join(lines)),)


def _owner(file: File, stored: Stored) -> str:
    """What an entry is put into, as it is written; "" where that may be anything."""
    call = stored.default or stored.update
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        return file.text(call.func.value)
    target = stored.node.targets[0] if isinstance(stored.node, ast.Assign) else None
    return file.text(target.value) if isinstance(target, (ast.Subscript, ast.Attribute)) else ""


def _place(file: File, stored: Stored, statement: ast.Assign, name: str) -> str:
    target = statement.targets[0]
    assert isinstance(target, (ast.Subscript, ast.Attribute))
    owner = file.text(target.value)
    if stored.key is None:
        return f"{owner}.{name}"
    return f"{owner}[{quoted(file, stored.key.slice, name)}]"


def is_read(file: File, stored: Stored) -> bool:
    """Whether the program asks what an entry is put into for it, itself."""
    owner = _owner(file, stored)
    for node in file.tree.all(ast.Constant):
        if not isinstance(node, ast.Constant) or node.value != stored.name:
            continue
        parent = file.tree.parents[node]
        asks = isinstance(parent, ast.Compare) or (
            isinstance(parent, ast.Subscript)
            and not (
                isinstance(parent.ctx, ast.Store)
                and isinstance(file.tree.parents[parent], ast.Assign)
            )
        )
        if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
            asks = parent.func.attr != "setdefault"
        if asks and owner in file.text(parent):
            return True
    return any(
        isinstance(n, ast.Attribute)
        and n.attr == stored.name
        and isinstance(n.ctx, ast.Load)
        and (not owner or file.text(n.value) == owner)
        for n in file.tree.all(ast.Attribute)
    )
