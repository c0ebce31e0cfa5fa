"""Entries of one dict that say together where to train, and what has to be entered instead."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..lightning.trainer import DEVICE_ARGUMENTS
from ..model import Safety
from ._accelerators import accelerator
from ._devices import Plan, solve
from ._trainer_calls import Part, TrainerCall
from ._trainer_entries import as_dict, is_read, written
from ._variables import leaves

if TYPE_CHECKING:
    from ..engine.file import File
    from ..model import Edit, Need
    from ._trainer_stored import Stored

_HIDDEN = "other arguments come from an object that cannot be seen here"
_NOTE = (
    '; "ddp" raises where a parameter gets no gradient since 2.0, '
    '"ddp_find_unused_parameters_true" is what it was'
)


@dataclass(frozen=True, eq=False)
class Group:
    """Entries that are made together: by statements of one block, or by one call of ``update``."""

    entries: tuple[Stored, ...]
    update: ast.Call | ast.Dict | None = None


@dataclass(frozen=True)
class Rewritten:
    """What replaces the entries with some ``names``; ``why`` says what is doubtful about it."""

    names: frozenset[str]
    edits: tuple[Edit, ...]
    needs: tuple[Need, ...]
    drops: tuple[str, ...]
    why: str | None
    note: str

    @property
    def safety(self) -> Safety:
        """Safe without a doubt."""
        return Safety.UNSAFE if self.why else Safety.SAFE


def groups(call: TrainerCall) -> list[Group]:
    """The entries of device arguments by where they are made."""
    found: dict[tuple[int, str], list[Stored]] = {}
    for stored in call.stored:
        if stored.name in DEVICE_ARGUMENTS and not stored.appended:
            home, owner = _home(call.file, stored)
            found.setdefault((id(home), owner), []).append(stored)
    return [Group(tuple(entries), entries[0].update) for entries in found.values()]


def _home(file: File, stored: Stored) -> tuple[object, str]:
    if stored.update is not None or not isinstance(stored.node, ast.Assign):
        return stored.update, ""
    target = stored.node.targets[0]
    owner = target.value if isinstance(target, (ast.Subscript, ast.Attribute)) else target
    return file.tree.block(stored.node), file.text(owner)


def rewritten(call: TrainerCall, group: Group) -> Rewritten | None:
    """How to write a group anew; None where there is nothing to do or no way to do it."""
    file = call.file
    names = [s.name for s in group.entries]
    if len(set(names)) < len(names) or _is_named_elsewhere(call, group):
        return None
    made = Arguments(file, group.update or as_dict(group.entries))
    plan = solve(replace(call, parts=(Part(made),), stored=(), hidden=False))
    if plan is None or plan.refusal is not None:
        return None
    if any(is_read(file, stored) for stored in group.entries):
        return None
    edits = made.change(plan.slots) if group.update else _statements(file, group, plan)
    if edits is None:
        return None
    doubts = [*plan.doubts, *(p.frozen for p in call.parts if p.frozen)]
    doubts += [_HIDDEN] if call.hidden else []
    new = {
        text.strip("\"'")
        for pairs in plan.slots.values()
        for key, text in pairs
        if key == "strategy"
    }
    return Rewritten(
        frozenset(plan.slots),
        (*edits, *plan.edits),
        tuple(sorted(plan.needs, key=lambda n: (n.module, n.name or ""))),
        tuple(sorted(plan.drops)),
        "; ".join(dict.fromkeys(doubts)) or None,
        _NOTE if new & {"ddp", "ddp_spawn"} else "",
    )


def _is_named_elsewhere(call: TrainerCall, group: Group) -> bool:
    """Whether another place says where to train too, so that both had to be read together."""
    if any(n in DEVICE_ARGUMENTS - {"plugins"} for n in call.names):
        return True
    mine = {s.name for s in group.entries}
    kinds = {names_strategy(call.file, s) for s in group.entries}
    others = [s for s in call.stored if s.name in DEVICE_ARGUMENTS and s not in group.entries]
    return any(s.name not in mine and names_strategy(call.file, s) in kinds for s in others)


def names_strategy(file: File, stored: Stored) -> bool:
    """Whether an entry names a strategy, not devices."""
    if stored.name == "accelerator":
        found = [accelerator(file, leaf.value, leaf.node) for leaf in leaves(file, stored.value)]
        return any(meaning.kind == "strategy" for meaning in found)
    return stored.name in ("strategy", "plugins", "distributed_backend")


def _statements(file: File, group: Group, plan: Plan) -> tuple[Edit, ...] | None:
    edits: list[Edit] = []
    for stored in group.entries:
        pairs = plan.slots.get(stored.name)
        made = written(file, stored, pairs) if pairs is not None else ()
        if made is None:
            return None
        edits += made
    return tuple(edits)
