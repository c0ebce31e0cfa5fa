"""Strategies that were handed over as ``plugins=``, and the old plugin classes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.imports import spell
from ..engine.rewrite import edits_between
from ..lightning.trainer import (
    FABRIC_STRATEGIES,
    OLD_PLUGINS,
    OLD_STRATEGIES,
    REMOVED_PLUGINS,
    STRATEGIES,
)
from ._accelerators import plugin_name, strategy_name
from ._variables import UNKNOWN, literal, loads, on_its_own, used_in_other_files

if TYPE_CHECKING:
    from ..engine.file import File
    from ..model import Edit, Need

#: Arguments that the old classes took and the strategies hand on to torch, which rejects them.
_GONE = frozenset({"num_nodes", "sync_batchnorm"})


@dataclass
class Renewed:
    """An object of an old class, rewritten: its text, or edits where it is made elsewhere."""

    text: str
    edits: tuple[Edit, ...] = ()
    needs: tuple[Need, ...] = ()
    drops: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)
    refusal: str | None = None


def renew(file: File, node: ast.expr) -> Renewed:
    """What to write for an object of a training-type plugin or a strategy."""
    if isinstance(node, ast.Name):
        value = file.assigned(node)
        found = file.tree.scope_of(node).find(node.id)
        if value is None or found is None or plugin_name(file, value) is None:
            return Renewed(file.text(node))
        made = renew(file, value)
        if len(loads(file, found[0], node.id)) > 1:
            made.doubts.append(f"{node.id} is used elsewhere too")
        span = file.span(value)
        made.edits = edits_between(file.text(value), made.text, span.start)
        made.text = file.text(node)
        return made
    text = on_its_own(file.text(node))
    name = plugin_name(file, node)
    if name is None or not isinstance(node, ast.Call):
        return Renewed(text)
    if name in REMOVED_PLUGINS:
        old = OLD_STRATEGIES[REMOVED_PLUGINS[name]]
        return Renewed(text, refusal=f"{name} is gone: {old.doubt}")
    return _renamed(file, node, name)


def _renamed(file: File, node: ast.Call, name: str) -> Renewed:
    old = OLD_PLUGINS[name]
    spelled = spell(file, node, f"lightning.pytorch.strategies.{old.strategy}")
    func, arguments = file.span(node.func), file.source.slice(file.span(node))
    head = len(file.source.slice(func))
    text = spelled.text + arguments[head:]
    if old.extra:
        inner = arguments[head:].rstrip()[:-1]
        separator = ", " if node.args or node.keywords else ""
        if inner.rstrip().endswith(","):
            separator = " "
        added = ", ".join(f"{key}={value}" for key, value in old.extra)
        text = f"{spelled.text}{inner}{separator}{added})"
    doubts = [old.doubt] if old.doubt else []
    given = Arguments(file, node)
    if node.args or _GONE & set(given.named):
        doubts.append(f"the arguments of {old.strategy} are not those of {name}")
    drops = (file.canonical(node.func) or "",)
    return Renewed(on_its_own(text), (), spelled.needs, drops, doubts)


@dataclass(frozen=True, eq=False)
class Plugins:
    """A ``plugins=`` argument that holds strategies; ``rest`` are the elements that stay.

    ``written`` is the list, which stands elsewhere where the argument is the ``variable``.
    """

    strategies: tuple[ast.expr, ...]
    rest: tuple[ast.expr, ...]
    written: ast.expr
    variable: ast.Name | None = None


def plugins(file: File, node: ast.expr) -> Plugins | None:
    """What a ``plugins=`` argument holds; None where no strategy is in it."""
    assigned = file.assigned(node) if isinstance(node, ast.Name) else None
    variable = node if isinstance(assigned, (ast.List, ast.Tuple)) else None
    written = assigned if variable is not None and assigned is not None else node
    elements = written.elts if isinstance(written, (ast.List, ast.Tuple)) else [written]
    chosen = tuple(e for e in elements if _is_strategy(file, e))
    rest = tuple(e for e in elements if not any(e is c for c in chosen))
    if not chosen:
        return None
    return Plugins(chosen, rest, written, variable if isinstance(variable, ast.Name) else None)


def unpacked(file: File, found: Plugins, name: ast.Name) -> Renewed:
    """What to write for a variable whose list becomes its one strategy: the edits are the list's.

    Whoever else is handed the variable gets the strategy too.
    """
    held = file.tree.scope_of(name).find(name.id)
    uses = loads(file, held[0], name.id) if held is not None else []
    around = [file.tree.parents.get(use) for use in uses]
    handed = all(isinstance(a, ast.keyword) and a.arg == "plugins" for a in around)
    elsewhere = held is not None and held[0].is_module and used_in_other_files(file, name.id)
    made = renew(file, found.strategies[0])
    if found.rest or made.edits or elsewhere or not handed:
        way_out = f"take the strategy out of {name.id}, and pass it as strategy="
        return Renewed(name.id, refusal=way_out)
    if len(uses) > 1:
        made.doubts.append(f"{name.id} is handed to other Trainers too, which want the same change")
    span = file.span(found.written)
    made.edits = edits_between(file.text(found.written), made.text, span.start)
    made.text = name.id
    return made


def _is_strategy(file: File, node: ast.expr) -> bool:
    value = file.assigned(node) if isinstance(node, ast.Name) else node
    if value is None:
        return False
    known = literal(value)
    if known is not UNKNOWN:
        low = known.lower() if isinstance(known, str) else None
        return low in STRATEGIES | FABRIC_STRATEGIES or low in OLD_STRATEGIES
    return plugin_name(file, value) is not None or strategy_name(file, value) is not None
