"""A Trainer gets an argument that it does not have at 2.x.

What it does
    Finds arguments of `Trainer` and `Fabric` that are no parameters of 2.6.6, in calls,
    subclasses, `functools.partial` and dicts that are splatted into them. Fields of a class are
    told of where the project picks them by the names in the Trainer's signature.

Why
    They raise `TypeError: Trainer.__init__() got an unexpected keyword argument`. Most were
    removed in 1.7 and 2.0: progress bar, summary and checkpoints are switched by `enable_…`,
    the rest became callbacks or moved to `fit`.

Example
    ```python
    trainer = pl.Trainer(progress_bar_refresh_rate=20, weights_summary=None)
    ```
    becomes
    ```python
    trainer = pl.Trainer(callbacks=[TQDMProgressBar(refresh_rate=20)], enable_model_summary=False)
    ```

Fix safety
    Safe where the new form does the same, and where the argument had no effect. Unsafe where a
    value is guessed (`swa_lrs`) or the new form differs. What belongs elsewhere now goes there
    where that is in sight: `resume_from_checkpoint` to `fit`, `auto_lr_find` and `tune` to a
    `Tuner`, `track_grad_norm` to a hook of the module, `prepare_data_per_node` to the objects that
    `fit` is given. Told where it is not, and for names that Lightning never had.

References
    https://lightning.ai/docs/pytorch/2.6.1/common/trainer.html
    https://lightning.ai/docs/pytorch/2.6.1/upgrade/migration_guide.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.trainer import (
    DEVICE_ARGUMENTS,
    FABRIC_PARAMETERS,
    OLD_PRECISION_ARGUMENTS,
    TRAINER_PARAMETERS,
)
from ..model import Fix, Safety
from ._cli_functions import taken_over
from ._telling import Repair, tell
from ._trainer_arguments import merged, remedy, told
from ._trainer_calls import TrainerCall, handings, trainer_calls
from ._trainer_entries import alone, is_read, written
from ._trainer_namespace import fields_handed_over, options_by_namespace
from ._trainer_positions import is_doubtful, named
from ._trainer_remedy import Remedy
from ._trainer_signature import fields_by_signature
from ._trainer_stored import Stored
from ._trainer_targets import TRAINER_WORDS, placed_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_OTHERS = DEVICE_ARGUMENTS | OLD_PRECISION_ARGUMENTS


@rule("LF303", triggers=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at arguments that are no parameters."""
    seen: set[ast.AST] = set()
    for call in handings(file):
        known = (TRAINER_PARAMETERS if call.kind == "Trainer" else FABRIC_PARAMETERS) | _OTHERS
        names = [n for n in dict.fromkeys(call.names) if n not in known]
        remedies = [remedy(call, n) for n in names]
        for one in remedies:
            argument = call.get(one.name)
            if argument is not None and argument.node not in seen:
                seen.add(argument.node)
                yield _finding(rule, call, one, remedies)
        for stored in call.stored:
            placed = placed_for(file, call.node) or taken_over(file, call.node, settings)
            if stored.name not in known | placed and stored.node not in seen:
                seen.add(stored.node)
                yield _stored(rule, call, stored)
        shown = call.positional and ast.unparse(call.positional[0]) != "..."
        if shown and call.positional[0] not in seen:
            seen.add(call.positional[0])
            yield _by_position(rule, call)
    calls = trainer_calls(file)
    fields = (*fields_by_signature(file), *fields_handed_over(file, calls))
    for field in (*fields, *options_by_namespace(file, calls)):
        yield file.finding(rule, field.node, field.message, reason=field.reason)


def _stored(rule: Rule, call: TrainerCall, stored: Stored) -> Finding:
    """A finding at an entry that is put into a dict; what is said in one place is mended there."""
    file, one = call.file, remedy(alone(call, stored), stored.name)
    message = f"{call.kind} has no argument {stored.name}"
    reason = told(call, stored.name)
    beside = {*call.names, *(s.name for s in call.stored if s is not stored)}
    pairs = (one.changes or {}).get(stored.name)
    is_whole = one.callback is None and not one.edits and not one.needs and not one.also
    in_dict = stored.key is not None or stored.update is not None or stored.default is not None
    if (
        pairs is None
        or not is_whole
        or not in_dict
        or beside & {stored.name, *(new for new, _ in pairs)}
    ):
        return file.finding(rule, stored.node, message, reason=reason)
    edits = written(file, stored, pairs)
    if edits is None or is_read(file, stored):
        return file.finding(rule, stored.node, message, reason=reason)
    title = "write " + ", ".join(f"{new}={text}" for new, text in pairs) if pairs else "remove it"
    fix = Fix(title, edits, Safety.UNSAFE if one.doubts else Safety.SAFE)
    return file.finding(rule, stored.node, message, fix=fix, reason="; ".join(one.doubts) or None)


def _by_position(rule: Rule, call: TrainerCall) -> Finding:
    edits = named(call) if call.kind == "Trainer" else None
    reason = "the first by position is read as accelerator; write logger=, callbacks=, …"
    fix = None
    if edits:
        doubtful = is_doubtful(call)
        safety = Safety.UNSAFE if doubtful else Safety.SAFE
        fix = Fix("name the arguments", edits, safety)
        reason = "it was logger in 1.x, and is read as accelerator today" if doubtful else ""
    message = f"{call.kind} takes its arguments by name"
    return call.file.finding(rule, call.positional[0], message, fix=fix, reason=reason or None)


def _finding(rule: Rule, call: TrainerCall, one: Remedy, remedies: list[Remedy]) -> Finding:
    message = f"{call.kind} has no argument {one.name}"
    if one.reason is not None:
        return tell(rule, call, one.name, message, Repair(reason=one.reason))
    together = [one]
    if one.callback is not None:
        # All callbacks go into one list: no fix may write a second callbacks=.
        others = [r for r in remedies if r.callback is not None and not r.doubts]
        earlier = others[: others.index(one)] if one in others else others
        together = sorted([*earlier, one], key=remedies.index)
    changes, doubts = merged(call, together)
    needs = tuple(n for r in together for n in r.needs)
    return tell(rule, call, one.name, message, Repair(changes, one.edits, needs, doubts=doubts))
