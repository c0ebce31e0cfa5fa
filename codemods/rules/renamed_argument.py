"""An argument of something of Lightning's has another name today, or is gone.

What it does
    Finds arguments that callbacks, loggers, profilers, strategies, `self.log` and other methods
    and functions of Lightning no longer take, and writes today's. Calls, `functools.partial`,
    dicts behind `**`, and `super().__init__(…)` of a class derived from one are looked at. What no
    row tells of is looked up in what each release takes.

Why
    It raises `TypeError: got an unexpected keyword argument`. Where `**kwargs` swallows it, it is
    ignored, or fails much later.

Example
    ```python
    saver = ModelCheckpoint(period=5, every_n_val_epochs=None)
    self.log("size", size, sync_dist=True, sync_dist_op="mean")
    ```
    becomes
    ```python
    saver = ModelCheckpoint(every_n_epochs=5)
    self.log("size", size, sync_dist=True, reduce_fx="mean")
    ```

Fix safety
    Safe where the new form does the same. Unsafe where it differs in something that the finding
    names, and where the dict or the constructor in between serves others too. Told where today's
    argument is given as well, and where nobody can tell what is meant.

References
    signatures of pytorch-lightning 1.0.8 to lightning 2.6.6
    https://lightning.ai/docs/pytorch/stable/upgrade/migration_guide.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.index import keywords
from ..lightning.changes.row import Level
from ..model import Fix, Safety, Severity
from ._keyword_calls import handed
from ._keyword_changes import Change, change_of, rows_for
from ._keyword_data import last_release
from ._keyword_places import by_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..lightning.changes.row import Keyword
    from ..model import Finding
    from ._keyword_calls import Handed, Part

#: Names that nothing but Lightning has; the rest is looked for where Lightning is imported.
_OWN = (
    "sync_dist_op", "tbptt_reduce_fx", "tbptt_pad_token", "manual_backward", "toggle_optimizer",
    "every_n_val_epochs",
)  # fmt: skip
_PLACED = frozenset(
    row.owner.rpartition(".")[2] for rows in keywords().values() for row in rows if row.place >= 0
)


@rule("LF701", triggers=("lightning", *_OWN))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at arguments."""
    seen: set[ast.AST] = set()
    for call in handed(file, _PLACED):
        for part in call.parts:
            for name, argument in part.arguments.named.items():
                if name in call.own or argument.node in seen:
                    continue
                seen.add(argument.node)
                row = next(iter(rows_for(call, name)), None)
                if row is None:
                    yield from _of_data(rule, file, call, part, name, settings)
                elif row.new != row.old and row.level(settings.target) is not Level.FINE:
                    yield _of_row(rule, file, call, part, row, settings)
        yield from _of_places(rule, file, call, settings)


def _of_row(
    rule: Rule, file: File, call: Handed, part: Part, row: Keyword, settings: Settings
) -> Finding:
    argument = part.arguments.named[row.old]
    change = change_of(file, row, argument.value)
    if change.new and change.new != row.old and change.new in call.given:
        change = Change(reason=f"{change.new} is given too: leave one of them away")
    doubt = "; ".join(d for d in (change.doubt, part.doubt) if d)
    fix = None
    if not change.reason:
        pairs = [(change.new, change.text)] if change.new else []
        title = f"write {change.new}={change.text}" if change.new else f"leave {row.old} away"
        edits = part.arguments.change({row.old: pairs})
        fix = Fix(title, edits, Safety.UNSAFE if doubt else Safety.SAFE)
    return _told(rule, file, argument.node, call, row, settings, fix, change.reason or doubt)


def _of_places(rule: Rule, file: File, call: Handed, settings: Settings) -> Iterator[Finding]:
    found = by_place(file, call, settings)
    if found is None:
        return
    fix = None
    if found.edits:
        safety = Safety.UNSAFE if found.doubt else Safety.SAFE
        fix = Fix("write it as today's arguments", found.edits, safety)
    reason = found.doubt if fix else "name these arguments as they are called today"
    yield _told(rule, file, found.node, call, found.row, settings, fix, reason)


def _told(  # noqa: PLR0913, PLR0917  one for each part of a finding
    rule: Rule,
    file: File,
    node: ast.AST,
    call: Handed,
    row: Keyword,
    settings: Settings,
    fix: Fix | None,
    reason: str,
) -> Finding:
    is_gone = row.level(settings.target) is Level.GONE
    release = row.removed if is_gone else row.deprecated
    if row.new == row.old:
        what = f"{call.name} takes {row.old} by name only, since Lightning {release}"
    else:
        happened = "gone" if is_gone else "deprecated"
        now = f"; it is {row.new}" if row.new else ""
        what = f"{call.name}'s argument {row.old} is {happened} since Lightning {release}{now}"
    return file.finding(
        rule,
        node,
        what,
        fix=fix,
        reason=reason or None,
        severity=Severity.ERROR if is_gone else Severity.WARNING,
    )


def _of_data(
    rule: Rule, file: File, call: Handed, part: Part, name: str, settings: Settings
) -> Iterator[Finding]:
    """The finding for an argument that only the data of the releases knows about."""
    target = settings.minor
    last = last_release(call, name, target)
    if last is not None and not part.doubt:
        yield file.finding(
            rule,
            part.arguments.named[name].node,
            f"{call.name} has no argument {name} in Lightning {target}; {last} was the last "
            "release to have it",
            reason="Lightning names no successor: see what the class takes today",
        )
