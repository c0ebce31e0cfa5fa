"""Plugins of a Trainer, and the parts that a strategy object holds as well."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ._accelerators import strategy_name
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ._trainer_calls import TrainerCall

_PLUGINS = ("lightning.pytorch.plugins.", "lightning.fabric.plugins.")
#: Arguments of strategies that are plugins too, with what they are and how their classes end.
_PARTS = {
    "cluster_environment": ("a cluster environment", ("Environment",)),
    "checkpoint_io": ("a checkpoint IO", ("CheckpointIO",)),
    "precision_plugin": ("a precision plugin", ("Precision", "PrecisionPlugin")),
}


@dataclass(frozen=True, eq=False)
class Double:
    """A part that is given twice: ``node`` of argument ``name`` is one too many.

    ``kept`` are the plugins that stay; None where it is not certain that both are the same.
    """

    what: str
    name: str
    node: ast.expr
    kept: tuple[ast.expr, ...] | None = None


def made(file: File, node: ast.expr) -> ast.expr:
    """The construction behind a variable that is set once, else the expression itself."""
    value = file.assigned(node) if isinstance(node, ast.Name) else None
    return value if value is not None else node


def is_precision(file: File, node: ast.expr) -> bool:
    """Whether an expression makes a precision plugin."""
    return _ends(file, node, _PARTS["precision_plugin"][1])


def _ends(file: File, node: ast.expr, ends: tuple[str, ...]) -> bool:
    value = made(file, node)
    name = file.canonical(value.func) or "" if isinstance(value, ast.Call) else ""
    return name.startswith(_PLUGINS) and name.endswith(ends)


def parts_twice(call: TrainerCall) -> Iterator[Double]:
    """The parts that both the strategy object and another argument give."""
    node = call.value("strategy")
    if node is None:
        return
    file = call.home("strategy")
    value = made(file, node)
    if not isinstance(value, ast.Call) or strategy_name(file, value) is None:
        return
    held = Arguments(file, value)
    accelerator = call.value("accelerator")
    if accelerator is not None and literal(accelerator) not in (None, "auto"):
        inner = held.value("accelerator")
        if inner is not None and literal(inner) is not None:
            yield Double("an accelerator", "accelerator", accelerator)
    given = call.value("plugins")
    if given is None or call.home("plugins") is not file:
        return
    elements = given.elts if isinstance(given, (ast.List, ast.Tuple)) else [given]
    for name, (what, ends) in _PARTS.items():
        part = held.value(name)
        if part is None or literal(part) is None:
            continue
        same = [e for e in elements if isinstance(e, ast.Name) and file.text(e) == file.text(part)]
        if same:
            yield Double(what, "plugins", same[0], tuple(e for e in elements if e is not same[0]))
        else:
            for element in elements:
                if _ends(file, element, ends):
                    yield Double(what, "plugins", element)
