"""What ``configure_optimizers`` asks for: whose turn it is, and when which scheduler is stepped."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.flow import reaching
from ..engine.kinds import is_surely
from ..engine.values import infer, own_nodes
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"
_KEYS = frozenset(
    {"scheduler", "interval", "frequency", "monitor", "strict", "name", "reduce_on_plateau"}
)
_OPTIMIZER_KEYS = frozenset({"optimizer", "lr_scheduler", "frequency", "monitor"})
_CHANGING = frozenset({"append", "extend", "insert", "pop", "remove", "update", "setdefault"})
_DEPTH = 4
_PAIR = 2


@dataclass(frozen=True)
class Schedule:
    """When one scheduler is stepped; ``monitor`` is the text of the key that a plateau watches."""

    interval: str = "epoch"
    frequency: int = 1
    monitor: str | None = None
    strict: bool = True

    @property
    def each_batch(self) -> bool:
        """Whether it is stepped in the middle of an epoch."""
        return self.interval == "step"


@dataclass(frozen=True)
class Configured:
    """What a module hands to the Trainer.

    ``frequencies`` are the texts of how many batches in a row each optimizer gets, empty where all
    of them get every batch; ``schedules`` are in the order of ``lr_schedulers()``.
    """

    frequencies: tuple[str, ...]
    schedules: tuple[Schedule, ...]


class _UnclearError(Exception):
    """Something that the text does not settle."""


def configured(cls: Class) -> Configured | None:
    """What the one return of ``configure_optimizers`` says; None where the text does not tell."""
    found = cls.method("configure_optimizers")
    if found is None:
        return None
    file, function = found[0].file, found[1]
    values = [n.value for n in own_nodes(function) if isinstance(n, ast.Return)]
    if len(values) != 1 or values[0] is None or any(_changes(n) for n in own_nodes(function)):
        return None
    try:
        return _read(file, function, values[0])
    except _UnclearError:
        return None


def _changes(node: ast.AST) -> bool:
    """Whether a list or a dict becomes something else than its literal says."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _CHANGING
    if isinstance(node, ast.Subscript):
        return not isinstance(node.ctx, ast.Load) and not isinstance(node.value, ast.Attribute)
    return isinstance(node, ast.AugAssign)


def _read(file: File, function: Function, value: ast.expr) -> Configured:
    value = _resolved(file, value)
    if is_surely(infer(file, value), "optimizer"):
        return Configured((), ())
    alone = [value] if isinstance(value, ast.Dict) else None
    parts = [_resolved(file, part) for part in alone or _elements(value)]
    lists = [isinstance(part, (ast.List, ast.Tuple)) for part in parts]
    if len(parts) == _PAIR and all(lists):
        if any(isinstance(_resolved(file, e), ast.Dict) for e in _elements(parts[0])):
            raise _UnclearError
        return Configured((), tuple(_schedule(file, e, None) for e in _elements(parts[1])))
    if any(lists):
        raise _UnclearError
    dicts = [part for part in parts if isinstance(part, ast.Dict)]
    if not dicts:
        return Configured((), ())
    if len(dicts) != len(parts):
        raise _UnclearError
    named = [_named(part, _OPTIMIZER_KEYS) for part in dicts]
    frequencies = [d["frequency"] for d in named if "frequency" in d]
    if frequencies and len(frequencies) != len(named):
        raise _UnclearError
    shared = frequencies if len(named) > 1 else []
    return Configured(
        tuple(_number(file, function, node) for node in shared),
        tuple(
            _schedule(file, d["lr_scheduler"], d.get("monitor") if len(named) == 1 else None)
            for d in named
            if "lr_scheduler" in d
        ),
    )


def _elements(node: ast.expr) -> Sequence[ast.expr]:
    if not isinstance(node, (ast.List, ast.Tuple)):
        raise _UnclearError
    if any(isinstance(e, ast.Starred) for e in node.elts):
        raise _UnclearError
    return node.elts


def _named(node: ast.Dict, known: frozenset[str]) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        name = literal(key)
        if not isinstance(name, str) or name not in known:
            raise _UnclearError
        found[name] = value
    return found


def _schedule(file: File, node: ast.expr, monitor: ast.expr | None) -> Schedule:
    node = _resolved(file, node)
    given = _named(node, _KEYS) if isinstance(node, ast.Dict) else {"scheduler": node}
    if "scheduler" not in given:
        raise _UnclearError
    interval = literal(given["interval"]) if "interval" in given else "epoch"
    frequency = literal(given["frequency"]) if "frequency" in given else 1
    strict = literal(given["strict"]) if "strict" in given else True
    if interval not in ("epoch", "step") or type(frequency) is not int or type(strict) is not bool:
        raise _UnclearError
    watched = given.get("monitor", monitor)
    if not _on_plateau(file, given, watched):
        return Schedule(str(interval), frequency)
    if watched is None or not isinstance(literal(watched), str):
        raise _UnclearError
    return Schedule(str(interval), frequency, file.text(watched), strict)


def _on_plateau(file: File, given: dict[str, ast.expr], watched: ast.expr | None) -> bool:
    """Whether a scheduler is handed the value of a metric."""
    if "reduce_on_plateau" in given:
        forced = literal(given["reduce_on_plateau"])
        if type(forced) is not bool:
            raise _UnclearError
        if forced:
            return True
    made = _resolved(file, given["scheduler"])
    name = file.canonical(made.func) if isinstance(made, ast.Call) else None
    if name is None and watched is not None:
        raise _UnclearError
    return name == _PLATEAU


def _number(file: File, function: Function, node: ast.expr) -> str:
    """The text of a number of batches that means the same in other methods."""
    value = _resolved(file, node)
    if type(literal(value)) is int:
        return file.text(value)
    root = value
    while isinstance(root, ast.Attribute):
        root = root.value
    if isinstance(value, ast.Attribute) and isinstance(root, ast.Name):
        own = self_name(function)
        if root.id == own == "self":
            return file.text(value)
    raise _UnclearError


def _resolved(file: File, node: ast.expr, depth: int = _DEPTH) -> ast.expr:
    """What a variable was set to, where that is one expression; else the node itself."""
    if not isinstance(node, ast.Name) or depth == 0:
        return node
    found = file.tree.scope_of(node).find(node.id)
    bindings = reaching(file.tree, node, found) if found is not None else []
    if len(bindings) != 1 or bindings[0].kind != "assign" or bindings[0].value is None:
        return node
    value = bindings[0].value
    for step in bindings[0].path:
        if not isinstance(value, (ast.Tuple, ast.List)) or step >= len(value.elts):
            return node
        value = value.elts[step]
    return _resolved(file, value, depth - 1)


__all__ = ["Configured", "Schedule", "configured"]
