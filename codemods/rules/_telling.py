"""From a change of Trainer arguments to a finding: safety, place, and what cannot be edited."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..model import Fix, Safety, Severity
from ._trainer_remedy import INSTEAD

if TYPE_CHECKING:
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..model import Edit, Finding, Need
    from ._trainer_calls import TrainerCall

Changes = dict[str, list[tuple[str, str]]]


@dataclass
class Repair:
    """What is to be done: changes of arguments (see TrainerCall.change), and edits beside them.

    ``doubts`` say why it may be wrong. Without changes and edits there is no fix, and ``reason``
    says what to do by hand.
    """

    changes: Changes = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    needs: tuple[Need, ...] = ()
    drops: tuple[str, ...] = ()
    doubts: list[str] = field(default_factory=list)
    reason: str | None = None


def tell(
    rule: Rule,
    call: TrainerCall,
    name: str,
    message: str,
    repair: Repair,
    node: ast.AST | None = None,
    severity: Severity = Severity.ERROR,
) -> Finding:
    """The finding at argument ``name`` of a call, or at ``node``, with the fix if there is one."""
    file = call.file
    changes, reason = repair.changes, repair.reason
    argument = call.get(name)
    home = call.home(name)
    if node is None or home is not file:
        node = argument.node if argument is not None and home is file else call.node
    touched = [n for n in changes if n]
    if any(call.home(n) is not file for n in [*touched, name]):
        where = f"it is written in {home.path.name}:{_line(home, call, name)}; change it there"
        return file.finding(rule, node, message, reason=reason or where, severity=severity)
    if call.beside is not None and _reaches_out(call, repair):
        way = INSTEAD.get(name, _title(changes))
        reason = reason or f"a condition hands over this dict or another: {way}"
        return file.finding(rule, node, message, reason=reason, severity=severity)
    all_edits = (*(call.change(changes) if changes else ()), *repair.edits)
    if not all_edits:
        return file.finding(rule, node, message, reason=reason, severity=severity)
    why = list(dict.fromkeys([*repair.doubts, *call.doubts(changes)]))
    fix = Fix(
        _title(changes),
        all_edits,
        Safety.UNSAFE if why else Safety.SAFE,
        tuple(sorted(set(repair.needs), key=lambda n: (n.module, n.name or ""))),
        tuple(sorted(set(repair.drops))),
    )
    return file.finding(
        rule, node, message, fix=fix, reason="; ".join(why) or None, severity=severity
    )


def _reaches_out(call: TrainerCall, repair: Repair) -> bool:
    """Whether a repair of one dict of a choice needs more than that dict."""
    assert call.beside is not None
    new = {key for pairs in repair.changes.values() for key, _ in pairs}
    return bool(repair.edits or repair.needs or new & call.beside)


def _line(home: File, call: TrainerCall, name: str) -> int:
    argument = call.get(name)
    return home.source.line_of(home.span(argument.node).start) if argument else 1


def _title(changes: Changes) -> str:
    new = [f"{key}={text}" for pairs in changes.values() for key, text in pairs]
    if new:
        return "write " + ", ".join(new)
    return f"remove {', '.join(changes)}" if changes else "correct the value"
