"""A method is a hook that Lightning took away: it is never called, and nothing says so.

What it does
    Finds hooks of 1.x in modules, datamodules and callbacks that 2.6.6 does not know
    (`on_epoch_start`, `on_batch_end`, `on_pretrain_routine_start`, `training_step_end`,
    `on_keyboard_interrupt`, …), callbacks whose `on_save_checkpoint` returns a state, and
    `truncated_bptt_steps`, and moves to the hook that runs at that moment now, where there is one.

Why
    A method that overrides nothing is dead code. Lightning 1.8 and 1.9 refused it, 2.x is silent:
    schedules are not updated, metrics not reset, states not saved.

Example
    ```python
    class Timer(pl.Callback):
        def on_batch_start(self, trainer, pl_module):
    ```
    becomes
    ```python
    class Timer(pl.Callback):
        def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
    ```

Fix safety
    Safe where the new hook runs exactly when the old one ran, the class does not have it yet, and
    no base or heir does; `*_step_end` is called where its step returns, which every strategy but
    the removed `dp` did. Unsafe where the old hook ran at other moments too: `on_epoch_start` ran
    in validation and test as well. A method of that name which the project itself calls is left
    alone.

References
    https://lightning.ai/docs/pytorch/2.6.1/upgrade/from_1_9.html
    lightning/pytorch/callbacks/callback.py, core/hooks.py (2.6.6)
    pytorch_lightning/trainer/trainer.py, trainer/callback_hook.py, loops/ (1.5.10)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import own_nodes
from ..lightning.removed_hooks import Removed, removed_hooks
from ..model import Fix, Safety
from ._hook_owner import is_plain_method, name_span, owners_of
from ._hook_removed import (
    called_by_name,
    calls_parent,
    is_free,
    only_trains,
    reads_restored,
    renaming,
    state_methods,
)
from ._hook_shape import shape_of
from ._step_end import wrapped_returns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_RUNS_LESS = {
    "on_epoch_start": "it ran at the start of validation and test epochs too",
    "on_epoch_end": "it ran at the end of validation and test epochs too",
    "on_hpc_save": "the new hook runs for every checkpoint, not only at a cluster's signal",
    "on_hpc_load": "the new hook runs for every checkpoint, not only at a cluster's signal",
}


@rule(
    "LF202",
    triggers=(
        *sorted({f"def {name}" for _, name in removed_hooks()}),
        "def on_save_checkpoint",
        "truncated_bptt_steps",
    ),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the definitions of hooks that are never called."""
    del settings
    for cls in file.classes:
        roles = owners_of(cls)
        if len(roles) != 1:
            continue
        claimed: set[str] = set()
        for function in cls.methods.values():
            row = removed_hooks().get((roles[0].value, function.name))
            if row is not None and _is_that_hook(cls, function, row):
                yield _finding(rule, file, cls, function, row, roles[0], claimed)
            elif function.name == "on_save_checkpoint" and roles[0] is Role.CALLBACK:
                yield from _lost_state(rule, file, cls, function)
        if roles[0] is Role.MODULE:
            yield from _truncated(rule, file, cls)


def _is_that_hook(cls: Class, function: Function, row: Removed) -> bool:
    shape = shape_of(function)
    if shape is None or not is_plain_method(function) or called_by_name(cls, row.name):
        return False
    counts = row.parameters if len(row.parameters) == 1 else (row.parameters[_is_callback(cls)],)
    return shape.starred or any(shape.required <= n <= len(shape.args) for n in counts)


def _is_callback(cls: Class) -> bool:
    return Role.CALLBACK in owners_of(cls)


def _finding(
    rule: Rule,
    file: File,
    cls: Class,
    function: Function,
    row: Removed,
    role: Role,
    claimed: set[str],
) -> Finding:
    place = name_span(file, function)
    message = f"Lightning no longer calls {row.name}, and does not say so"
    target = row.becomes
    free = target is not None and target not in claimed and is_free(cls, target)
    if row.name.endswith("_step_end"):
        wrapped = wrapped_returns(cls, function)
        if wrapped is not None:
            fix = Fix(f"call it where {row.name.removesuffix('_end')} returns", tuple(wrapped))
            return file.finding(rule, place, message, fix=fix)
    edits = None
    if target is not None and free and not calls_parent(function):
        edits = renaming(file, function, row, role)
    if target is None or edits is None:
        return file.finding(rule, place, message, reason=row.way_out)
    claimed.add(target)
    doubt = _doubt(cls, function, row, role)
    safety = Safety.UNSAFE if doubt else Safety.SAFE
    fix = Fix(f"make it {target}", tuple(edits), safety)
    return file.finding(rule, place, message, fix=fix, reason=doubt)


def _doubt(cls: Class, function: Function, row: Removed, role: Role) -> str | None:
    if row.becomes == "on_fit_start" and reads_restored(function):
        return "when a run is resumed, on_fit_start comes before its progress is restored"
    if row.exact:
        return None
    if row.name.startswith("on_epoch_") and role is Role.MODULE and only_trains(cls):
        return None
    return _RUNS_LESS.get(row.name, row.way_out)


def _lost_state(rule: Rule, file: File, cls: Class, function: Function) -> Iterator[Finding]:
    returns = [
        node
        for node in own_nodes(function)
        if isinstance(node, ast.Return)
        and node.value is not None
        and not (isinstance(node.value, ast.Constant) and node.value.value is None)
        and not _is_super_call(node.value)
    ]
    if not returns:
        return
    message = "what on_save_checkpoint returns is no longer saved, and nothing says so"
    edits = state_methods(cls, function)
    if edits is not None:
        fix = Fix("make the pair state_dict and load_state_dict", tuple(edits))
        yield file.finding(rule, name_span(file, function), message, fix=fix)
        return
    way_out = (
        "return the state from state_dict(self) and take it back in "
        "load_state_dict(self, state_dict), or write it into the checkpoint"
    )
    yield file.finding(rule, name_span(file, function), message, reason=way_out)


def _is_super_call(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Name)
        and node.func.value.func.id == "super"
    )


def _truncated(rule: Rule, file: File, cls: Class) -> Iterator[Finding]:
    values = [v for owner, v in cls.class_values("truncated_bptt_steps") if owner is cls]
    values += [
        v for owner, _, v, _ in cls.self_assignments("truncated_bptt_steps") if owner is cls and v
    ]
    for value in values:
        if isinstance(value, ast.Constant) and not value.value:
            continue
        yield file.finding(
            rule,
            file.tree.statement(value),
            "Lightning no longer looks at truncated_bptt_steps, and does not say so",
            reason=removed_hooks()[(Role.MODULE.value, "tbptt_split_batch")].way_out,
        )
