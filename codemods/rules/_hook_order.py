"""Callbacks that were called behind a module's end of an epoch, and are called before it today."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.values import own_nodes
from ._behaviour_uses import reached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.scopes import Function

_METRICS = frozenset({"callback_metrics", "logged_metrics", "progress_bar_metrics"})
#: What a module has from Lightning, and does not change by calling its methods.
_GIVEN = frozenset({"trainer", "logger", "loggers", "hparams"})
_LOGGING = frozenset({"log", "log_dict", "print", "current_epoch", "global_step", "device"})
#: Methods of which a callback calls one to give a module other weights: ``load_state_dict``,
#: ``copy_``, ``ema.restore``, ``swap_weights``.
_WEIGHTS = re.compile(r"load_state_dict$|^(copy|mul|add|lerp)_$|restore|swap")
_TRAIN = "on_train_epoch_end"
#: Callbacks whose ``on_train_epoch_end`` runs behind the module's.
_LAST = ("EarlyStopping", "Checkpoint")


def overtaken(classes: list[Class], name: str, hook: str) -> str | None:
    """Why a callback of the project matters where ``name`` becomes ``hook`` in classes.

    It reads what that leaves, or changes what that reads. The classes are those that are repaired
    together, the first of them the one that is asked for. 1.x ran ``validation_epoch_end`` and its
    like, then ``on_validation_epoch_end`` of callbacks, then that of the module; 2.x has the last
    two alone (``loops/evaluation_loop.py`` and ``loops/fit_loop.py``, 1.9.5 and 2.6.6).
    """
    file = classes[0].file
    functions = [function for cls in classes for _, function in reached(cls, name)]
    changed = {attribute for function in functions for attribute in _changed(function)}
    logged = [key for function in functions for key in _logged(function)]
    used = {attribute for function in functions for attribute in _used(function)}
    used -= {function.name for function in functions}
    near = [file, *file.project.holding(hook.encode(), file.path)]
    for callback in (c for f in dict.fromkeys(near) for c in f.classes):
        if hook not in callback.methods or not callback.plays(Role.CALLBACK):
            continue
        if hook == _TRAIN and any(base.endswith(_LAST) for base in callback.foreign_bases):
            continue
        for _, function in reached(callback, hook):
            what = next(_read(callback, function, changed, logged), None)
            what = f"reads {what}" if what is not None else None
            what = what or next(_written(callback, function, used), None)
            if what is not None:
                later = "the module" if hook == _TRAIN else hook.replace("_epoch", "")
                return (
                    f"{callback.name}.{hook} {what}: a callback ran after {name}, and runs "
                    f"before the module's {hook}, so move that into {later}"
                )
    return None


def _changed(function: Function) -> Iterator[str]:
    """Attributes of the object that a method assigns, or calls something of."""
    own = self_name(function)
    for node in own_nodes(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed: ast.AST = node.func.value
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(
            node.ctx, ast.Load
        ):
            changed = node.value if isinstance(node, ast.Subscript) else node
        else:
            continue
        if not isinstance(changed, ast.Attribute) or changed.attr in _GIVEN:
            continue
        if isinstance(changed.value, ast.Name) and changed.value.id == own:
            yield changed.attr


def _logged(function: Function) -> Iterator[object]:
    """The names under which a method logs; None for one that is not written out."""
    own = self_name(function)
    for node in own_nodes(function):
        func = node.func if isinstance(node, ast.Call) else None
        if not isinstance(node, ast.Call) or not isinstance(func, ast.Attribute):
            continue
        if not isinstance(func.value, ast.Name) or func.value.id != own:
            continue
        given = [*node.args, *(k.value for k in node.keywords if k.arg in ("name", "dictionary"))]
        first = given[0] if given else None
        if func.attr == "log":
            yield first.value if isinstance(first, ast.Constant) else None
        elif func.attr == "log_dict":
            keys = first.keys if isinstance(first, ast.Dict) else [None]
            yield from (key.value if isinstance(key, ast.Constant) else None for key in keys)


def _read(
    callback: Class, function: Function, changed: set[str], logged: list[object]
) -> Iterator[str]:
    """What a method of a callback reads of that which a module has logged or changed."""
    own = self_name(function)
    for node in own_nodes(function):
        if not isinstance(node, ast.Attribute):
            continue
        of_own = isinstance(node.value, ast.Name) and node.value.id == own
        if node.attr in _METRICS and logged:
            key = _key(callback, node)
            if key is None or None in logged or key in logged:
                yield node.attr
        elif node.attr in changed and not of_own:
            yield callback.file.text(node)


def _used(function: Function) -> Iterator[str]:
    """What a method takes of its object beside the means to log; the object itself if called."""
    own = self_name(function)
    for node in own_nodes(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == own and node.attr not in _GIVEN | _LOGGING:
                yield node.attr
        elif isinstance(node, ast.Call) and getattr(node.func, "id", None) == own:
            yield "__call__"


def _written(callback: Class, function: Function, used: set[str]) -> Iterator[str]:
    """What a method of a callback sets of a module, or the weights that it gives it."""
    own = self_name(function)
    for node in own_nodes(function):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            of_own = isinstance(node.value, ast.Name) and node.value.id == own
            if node.attr in used and not of_own:
                yield f"sets {callback.file.text(node)}"
        called = node.func if isinstance(node, ast.Call) and used else None
        if isinstance(called, ast.Attribute) and _WEIGHTS.search(called.attr):
            yield f"calls {callback.file.text(called)}"


def _key(callback: Class, node: ast.Attribute) -> object:
    """The one name that is taken out of metrics; None where it is not written out."""
    parents = callback.file.tree.parents
    parent = parents[node]
    if isinstance(parent, ast.Subscript):
        return parent.slice.value if isinstance(parent.slice, ast.Constant) else None
    call = parents[parent]
    if isinstance(parent, ast.Attribute) and parent.attr == "get" and isinstance(call, ast.Call):
        return call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    return None
