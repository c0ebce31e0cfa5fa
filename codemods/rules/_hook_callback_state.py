"""What a callback keeps in a checkpoint: from returned values to ``state_dict`` and its twin."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.rewrite import names_used, rename_local, rewrite_parameters
from ..engine.statements import indent, stands_alone
from ..engine.values import own_nodes
from ..model import Edit
from ._hook_body import has_head, insert_first
from ._hook_removed import called_by_name, calls_parent, is_free, is_super
from ._hook_shape import shape_of
from ._hook_state import LIGHTNING_KEYS, as_loader, keys_read, renamed

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_SAVE, _LOAD = "on_save_checkpoint", "on_load_checkpoint"
_WHOLE = 3


def returned_state(function: Function) -> bool:
    """Whether ``on_save_checkpoint`` returns a state of its own."""
    return any(
        isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and node.value.value is None)
        and not _is_parent(node.value)
        for node in own_nodes(function)
    )


def takes_state(cls: Class, function: Function) -> bool:
    """Whether ``on_load_checkpoint`` of a callback expects what the callback once returned.

    With one parameter it was given nothing else; with three the name of the last one says so, or
    that it reads only keys that the other hook returns.
    """
    shape = shape_of(function)
    if shape is None or shape.starred or cls.method("load_state_dict") is not None:
        return False
    if len(shape.args) == 1:
        return True
    if len(shape.args) != _WHOLE or not _reads(function, shape.names[-1]):
        return False
    return _says_state(shape.names[-1]) or _reads_what_is_saved(cls, function, shape.names[-1])


def _reads_what_is_saved(cls: Class, load: Function, name: str) -> bool:
    """Whether all keys that a hook reads are ones that the other hook of the pair returns."""
    save = cls.methods.get(_SAVE)
    returned = [n.value for n in own_nodes(save) if isinstance(n, ast.Return)] if save else []
    saved = {
        key.value
        for value in returned
        if isinstance(value, ast.Dict)
        for key in value.keys
        if isinstance(key, ast.Constant)
    }
    keys = keys_read(cls.file, load, name)
    return bool(keys) and keys is not None and keys <= saved


def state_edits(cls: Class) -> list[Edit] | None:
    """The edits that make a callback's pair of checkpoint hooks its state methods.

    A hook that reads the trainer or the module stays what it is, and keeps the state where the
    state methods would: under the callback's key. None where nothing of that is certain.
    """
    save, load = cls.methods.get(_SAVE), cls.methods.get(_LOAD)
    if save is not None and not returned_state(save):
        save = None
    if load is not None and not takes_state(cls, load):
        if save is not None and not _reads_the_whole(cls.file, load):
            return None
        load = None
    methods = [m for m in (save, load) if m is not None]
    if (
        not methods
        or (not is_free(cls, "state_dict") and save)
        or not is_free(cls, "load_state_dict")
    ):
        return None
    if any(called_by_name(cls, m.name) or calls_parent(m) or m.decorator_list for m in methods):
        return None
    if _inherits(cls, save, load):
        return None
    edits: list[Edit] = []
    if save is not None:
        part = _saving(cls.file, save)
        if part is None:
            return None
        edits += part
    if load is not None:
        part = _loading(cls.file, load)
        if part is None:
            return None
        edits += part
    return edits


def _reads_the_whole(file: File, load: Function) -> bool:
    """Whether a hook looks at nothing but what Lightning itself keeps in a checkpoint."""
    shape = shape_of(load)
    if shape is None or not shape.args:
        return False
    keys = keys_read(file, load, shape.names[-1])
    return keys is not None and keys <= LIGHTNING_KEYS


def _inherits(cls: Class, save: Function | None, load: Function | None) -> bool:
    """Whether a base or an heir has a part of the pair, which would have to change along."""
    family = [c for c in (*cls.mro, *cls.file.project.heirs(cls)) if c is not cls]
    del save, load
    return any(name in c.methods for c in family for name in (_SAVE, _LOAD))


def _saving(file: File, save: Function) -> list[Edit] | None:
    shape = shape_of(save)
    if shape is None or shape.starred or self_name(save) is None:
        return None
    if not _reads(save, *shape.names):
        return [renamed(file, save, "state_dict"), *rewrite_parameters(file, save, [0])]
    if len(shape.args) != _WHOLE:
        return None
    place = f'{shape.names[-1]}["callbacks"][{self_name(save)}.state_key]'
    edits: list[Edit] = []
    for node in own_nodes(save):
        if not isinstance(node, ast.Return) or node.value is None:
            continue
        if not stands_alone(file, node):
            return None
        text = f"{place} = {file.text(node.value)}"
        if node is not save.body[-1]:
            text += f"\n{indent(file, node)}return"
        edits.append(file.replace(node, text))
    return edits


def _loading(file: File, load: Function) -> list[Edit] | None:
    shape = shape_of(load)
    if shape is None:
        return None
    if not _reads(load, *shape.names[:-1]):
        return as_loader(file, load, len(shape.args) - 1)
    state = shape.names[-1]
    if "checkpoint" in names_used(load) or not has_head(file, load):
        return None
    key = f"{self_name(load)}.state_key"
    lines = f'{state} = checkpoint["callbacks"].get({key})\nif not {state}:\n    return'
    first = insert_first(file, load, lines)
    if first is None:
        return None
    last = len(shape.args)
    edits = rewrite_parameters(file, load, [*range(last), (last, "checkpoint")])
    return [*edits, *rename_local(file, load, state, state), first]


def _reads(function: Function, *names: str) -> bool:
    used = {n.id for s in function.body for n in ast.walk(s) if isinstance(n, ast.Name)}
    return not used.isdisjoint(names)


def _says_state(name: str) -> bool:
    return "state" in name


def _is_parent(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and is_super(node.func)
    )
