"""Checkpoint hooks of which only the object's own state is left: ``state_dict`` and its twin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rewrite import names_used, rename_local, rewrite_parameters
from ..engine.scopes import FUNCTIONS
from ..engine.statements import insert_after, stands_alone
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._hook_body import fresh_name, has_head, insert_first
from ._hook_owner import name_span
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.file import File
    from ..engine.scopes import Function

#: What Lightning itself keeps in a checkpoint: ``connectors/checkpoint_connector.py``, 1.0 to 2.6.
LIGHTNING_KEYS = frozenset(
    {
        "epoch", "global_step", "pytorch-lightning_version", "state_dict", "callbacks", "loops",
        "optimizer_states", "lr_schedulers", "hparams_name", "hparams_type", "hyper_parameters",
        "datamodule_hparams_name", "datamodule_hyper_parameters", "native_amp_scaling_state",
        "amp_scaling_state", "checkpoint_callback_best_model_path",
    }
)  # fmt: skip


def renamed(file: File, function: Function, name: str) -> Edit:
    """The edit that gives a method another name."""
    place = name_span(file, function)
    return Edit(Span(place.end - len(function.name.encode()), place.end), name)


def as_state_dict(file: File, function: Function, index: int) -> list[Edit] | None:
    """The edits that make a method which writes into a checkpoint return what it wrote.

    ``index`` is the parameter (without ``self``) that is the checkpoint; the others must be unused.
    None where the method does more with the checkpoint than to set keys of its own.
    """
    shape = shape_of(function)
    if shape is None or shape.starred or index >= len(shape.args) or not has_head(file, function):
        return None
    if any(isinstance(n, (ast.Return, ast.Yield, ast.YieldFrom)) for n in own_nodes(function)):
        return None
    uses = _uses(file, function, shape.names[index])
    written = {_key(file, use, ast.Store) for use in uses}
    if (
        None in written
        or written & LIGHTNING_KEYS
        or _reads_others(file, function, shape.names, index)
    ):
        return None
    edits = [renamed(file, function, "state_dict"), *rewrite_parameters(file, function, [0])]
    single = _single(function, uses)
    if single is not None and stands_alone(file, function.body[-1]):
        key, value = single
        edits.append(
            file.replace(function.body[-1], f"return {{{file.text(key)}: {file.text(value)}}}")
        )
        return edits
    old = shape.names[index]
    state = fresh_name(function, "state")
    first = insert_first(file, function, f"{state} = {{}}")
    last = insert_after(file, function.body[-1], f"return {state}")
    if first is None or last is None:
        return None
    return [*edits, *rename_local(file, function, old, state), first, last]


def as_load_state_dict(file: File, function: Function, index: int) -> list[Edit] | None:
    """The edits that make a method which reads its keys of a checkpoint take only its state."""
    shape = shape_of(function)
    if shape is None or shape.starred or index >= len(shape.args):
        return None
    old = shape.names[index]
    keys = {_key(file, use, ast.Load) or _asked(file, use) for use in _uses(file, function, old)}
    if None in keys or keys & LIGHTNING_KEYS or _reads_others(file, function, shape.names, index):
        return None
    return as_loader(file, function, index)


def as_loader(file: File, function: Function, index: int) -> list[Edit]:
    """The edits that make a method ``load_state_dict`` of one parameter."""
    shape = shape_of(function)
    assert shape is not None
    old = shape.names[index]
    name = "state_dict" if "state_dict" not in names_used(function) else old
    return [
        renamed(file, function, "load_state_dict"),
        *rewrite_parameters(file, function, [0, (index + 1, name)]),
        *(rename_local(file, function, old, name) if name != old else ()),
    ]


def keys_read(file: File, function: Function, name: str) -> frozenset[str] | None:
    """The constant keys by which a body reads a dict; None where it does more with it."""
    uses = _uses(file, function, name)
    keys = {_key(file, use, ast.Load) or _asked(file, use) for use in uses}
    return None if None in keys else frozenset(key for key in keys if key is not None)


def _uses(file: File, function: Function, name: str) -> list[ast.Name]:
    scope = file.tree.scopes[function]
    found = []
    for node in (n for statement in function.body for n in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == name:
            bound = file.tree.scope_of(node).find(name)
            if bound is not None and bound[0] is scope:
                found.append(node)
    return found


def _key(file: File, use: ast.Name, context: type[ast.expr_context]) -> str | None:
    """The constant key by which a use of the checkpoint is read or set; None for other uses."""
    outer = file.tree.parents.get(use)
    if not isinstance(outer, ast.Subscript) or outer.value is not use:
        return None
    if not isinstance(outer.ctx, context) or not isinstance(outer.slice, ast.Constant):
        return None
    return outer.slice.value if isinstance(outer.slice.value, str) else None


def _asked(file: File, use: ast.Name) -> str | None:
    """The constant key of ``checkpoint.get("key")`` and ``"key" in checkpoint``."""
    outer = file.tree.parents.get(use)
    if isinstance(outer, ast.Compare) and isinstance(outer.left, ast.Constant):
        right = len(outer.ops) == 1 and isinstance(outer.ops[0], (ast.In, ast.NotIn))
        return str(outer.left.value) if right else None
    if not isinstance(outer, ast.Attribute) or outer.attr not in ("get", "pop"):
        return None
    call = file.tree.parents.get(outer)
    if not isinstance(call, ast.Call) or call.func is not outer or not call.args:
        return None
    key = call.args[0]
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None


def _reads_others(file: File, function: Function, names: tuple[str, ...], index: int) -> bool:
    others = [name for i, name in enumerate(names) if i != index]
    return any(_uses(file, function, name) for name in others) or _has_inner(function)


def _has_inner(function: Function) -> bool:
    return any(isinstance(n, FUNCTIONS) for s in function.body for n in ast.walk(s))


def _single(function: Function, uses: list[ast.Name]) -> tuple[ast.expr, ast.expr] | None:
    """Key and value of the one assignment that is the whole body."""
    body = function.body[1:] if isinstance(function.body[0], ast.Expr) else function.body
    if len(body) != 1 or len(uses) != 1 or not isinstance(body[0], ast.Assign):
        return None
    target = body[0].targets[0]
    if len(body[0].targets) != 1 or not isinstance(target, ast.Subscript):
        return None
    return (target.slice, body[0].value) if target.value is uses[0] else None
