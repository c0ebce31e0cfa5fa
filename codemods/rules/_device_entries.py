"""Device arguments that a statement puts into a dict or a namespace before the Trainer gets it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.statements import stands_alone
from ..lightning.trainer import OLD_DEVICE_ARGUMENTS
from ..model import Fix, Safety
from ._accelerators import accelerator
from ._device_groups import groups, names_strategy, rewritten
from ._plugins import plugins, renew
from ._variables import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..model import Edit, Finding
    from ._plugins import Renewed
    from ._trainer_calls import TrainerCall
    from ._trainer_stored import Stored

Found = tuple["Finding", ast.AST]
_SEVERAL = "another argument names a strategy too; keep one of them as strategy="


def entered(rule: Rule, call: TrainerCall, *, alone: bool) -> Iterator[Found]:
    """Findings at devices, and at strategies that are put in under another name.

    ``alone`` tells that something else gives devices and accelerators their names of today, and
    that a strategy among them gives way to an object.
    """
    file = call.file
    told: set[ast.AST] = set()
    together = [] if alone else groups(call)
    for group in together:
        repair = rewritten(call, group)
        if repair is None:
            continue
        old = [s for s in group.entries if s.name in repair.names]
        names = ", ".join(f"{s.name}={file.text(s.value)}" for s in old)
        fix = Fix("put in what 2.x takes", repair.edits, repair.safety, repair.needs, repair.drops)
        message = f"{names} does not tell 2.x where to train{repair.note}"
        yield file.finding(rule, old[0].node, message, fix=fix, reason=repair.why), old[0].node
        told |= {s.node for s in old}
    for stored in call.stored:
        if stored.node in told:
            continue
        if stored.name == "plugins":
            yield from _moved(rule, call, stored, alone=alone)
        elif not alone and stored.name == "accelerator" and names_strategy(file, stored):
            message = f"accelerator={file.text(stored.value)} names a strategy"
            reason = "put it in as strategy, which is where 2.x looks for it"
            yield file.finding(rule, stored.node, message, reason=reason), stored.node
        elif not alone and stored.name in OLD_DEVICE_ARGUMENTS:
            message = f"{stored.name}= is gone since 2.0"
            reason = "put accelerator and devices (and strategy) into the dict instead"
            yield file.finding(rule, stored.node, message, reason=reason), stored.node


def _moved(rule: Rule, call: TrainerCall, stored: Stored, *, alone: bool) -> Iterator[Found]:
    """The finding at plugins that hold a strategy, with what puts it in as ``strategy``."""
    file, held = call.file, plugins(call.file, stored.value)
    if held is None:
        return
    chosen = held.strategies[0]
    message = f"plugins={file.text(stored.value)} names a strategy; that is strategy= since 1.5"
    taken = call.get("strategy") is not None or any(s.name == "strategy" for s in call.stored)
    several = taken or len(held.strategies) > 1
    made = None if several or held.rest else renew(file, chosen)
    edits = _as_strategy(file, stored, made) if made and made.refusal is None else None
    if made is None or edits is None or _is_imported_inside(file, chosen, made):
        reason = made.refusal if made else None
        reason = reason or (_SEVERAL if several else "put it in as strategy, by itself")
        yield file.finding(rule, stored.node, message, reason=reason), stored.node
        return
    doubts = [*made.doubts, *(() if alone else _doubts(call))]
    safety = Safety.UNSAFE if doubts else Safety.SAFE
    fix = Fix("put it in as strategy", edits, safety, made.needs, made.drops)
    yield (
        file.finding(rule, stored.node, message, fix=fix, reason="; ".join(doubts) or None),
        (stored.node),
    )


def _as_strategy(file: File, stored: Stored, made: Renewed) -> tuple[Edit, ...] | None:
    """The edits of the entry; None where it cannot be written as one."""
    if stored.update is not None:
        change = {"plugins": [("strategy", made.text)]}
        return (*Arguments(file, stored.update).change(change), *made.edits)
    if stored.key is None or not isinstance(stored.node, ast.stmt):
        return None
    if not stands_alone(file, stored.node):
        return None
    if isinstance(stored.node, ast.Assign) and len(stored.node.targets) > 1:
        return None
    key = quoted(file, stored.key.slice, "strategy")
    text = f"{file.text(stored.key.value)}[{key}] = {made.text}"
    return (file.replace(stored.node, text), *made.edits)


def _is_imported_inside(file: File, node: ast.expr, made: Renewed) -> bool:
    """Whether an old class has an import below the module's own, which is another finding."""
    func = node.func if isinstance(node, ast.Call) else None
    found = file.tree.scope_of(node).find(func.id) if isinstance(func, ast.Name) else None
    if found is None or not made.drops:
        return False
    return any(b.kind == "import" and b.node not in file.tree.module.body for b in found[1])


def _doubts(call: TrainerCall) -> Iterator[str]:
    named = call.value("accelerator")
    held = named is not None and accelerator(call.file, literal(named), named).kind == "strategy"
    stored = (s for s in call.stored if s.name == "accelerator")
    if held or any(names_strategy(call.file, s) for s in stored):
        yield "the accelerator of the dict names a strategy too"
