"""Options and fields that all become arguments of a Trainer: ``Trainer(**vars(args))``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.values import infer
from ..lightning.trainer import GONE_ARGUMENTS, RENAMED_ARGUMENTS, TRAINER_PARAMETERS
from ._trainer_signature import Field, instead
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.classes import Class
    from ..engine.file import File
    from ._trainer_calls import TrainerCall

_OLD = (GONE_ARGUMENTS | frozenset(RENAMED_ARGUMENTS)) - TRAINER_PARAMETERS
_PARSING = ("parse_args", "parse_known_args")
_ALL_OF = ("vars", "dataclasses.asdict", "attr.asdict", "attrs.asdict")


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
            yield Field(call, message, f"{instead(name)}; declare and read it by that name")


def fields_handed_over(file: File, calls: Sequence[TrainerCall]) -> Iterator[Field]:
    """The fields of classes with names that no Trainer takes, where it is given all of them."""
    for call in calls:
        if call.kind != "Trainer":
            continue
        for keyword in call.node.keywords:
            held = _held(file, keyword.value) if keyword.arg is None else None
            for kind in infer(file, held) if held is not None else ():
                if kind.cls is not None:
                    yield from _fields(file, call, kind.cls)


def _fields(file: File, call: TrainerCall, cls: Class) -> Iterator[Field]:
    for statement in cls.node.body:
        target = statement.target if isinstance(statement, ast.AnnAssign) else None
        if not isinstance(target, ast.Name) or target.id not in _OLD:
            continue
        message = f"Trainer has no argument {target.id}, and all fields of {cls.name} go to it"
        node = statement if cls.file is file else call.node
        yield Field(node, message, f"{instead(target.id)}; call the field so, and where it is read")


def _is_handed(file: File, call: TrainerCall) -> bool:
    """Whether everything that a parser gave becomes an argument."""
    if call.kind != "Trainer":
        return False
    spaces = [_space(file, k.value) for k in call.node.keywords if k.arg is None]
    return any(space is not None and _is_parsed(file, space) for space in spaces)


def _space(file: File, node: ast.expr) -> ast.Name | None:
    """The variable whose attributes become arguments."""
    held = _held(file, node)
    return held if isinstance(held, ast.Name) else None


def _held(file: File, node: ast.expr) -> ast.expr | None:
    """``args`` of ``vars(args)``, ``asdict(args)``, ``args.__dict__``, and of all their items."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return node.value
    if isinstance(node, ast.DictComp):
        return _held_items(file, node)
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    return node.args[0] if file.canonical(node.func) in _ALL_OF else None


def _held_items(file: File, node: ast.DictComp) -> ast.expr | None:
    """``args`` of ``{k: v for k, v in vars(args).items() if v is not None}``."""
    loop = node.generators[0]
    items = loop.iter
    if len(node.generators) > 1 or not isinstance(items, ast.Call):
        return None
    if not isinstance(items.func, ast.Attribute) or items.func.attr != "items":
        return None
    pair = ast.unparse(ast.Tuple([node.key, node.value], ast.Load()))
    key = ast.unparse(node.key)
    # A condition on the names may leave out the old ones.
    chosen = any(ast.unparse(n) == key for test in loop.ifs for n in ast.walk(test))
    return None if chosen or ast.unparse(loop.target) != pair else _held(file, items.func.value)


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
