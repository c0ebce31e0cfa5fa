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
    in validation and test as well. Unsafe are `validation_end`, `test_end` and `training_end` too,
    which only 0.9 and older called. A method of that name which the project itself calls is left
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
from ..lightning.removed_hooks import Removed, removed_hooks
from ..model import Edit, Fix, Safety, Span
from ._hook_aliases import aliases
from ._hook_callback_state import returned_state, state_edits, takes_state
from ._hook_merge import merged
from ._hook_optimizers import declares_manual
from ._hook_owner import is_plain_method, name_span, owners_of
from ._hook_removed import (
    called_by_name,
    calls_parent,
    is_free,
    only_trains,
    outside_calls,
    reads_restored,
    renaming,
)
from ._hook_shape import shape_of
from ._hook_state import as_load_state_dict, as_state_dict
from ._hook_ties import only_ties, removal, ties_in_init
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
    "on_init_start": "setup runs at the start of every stage, not once when the Trainer is made",
    "on_init_end": "setup runs at the start of every stage, not once when the Trainer is made",
    "on_hpc_load": "the new hook runs for every checkpoint, not only at a cluster's signal",
}

#: Hooks that ran before the one that their body joins; the others ran after it.
_AT_HEAD = frozenset(
    {
        "on_epoch_start",
        "on_batch_start",
        "on_init_start",
        "on_init_end",
        "on_before_accelerator_backend_setup",
    }
)
#: Of two hooks that join one, the first has to wait for the other, so that their order stays.
_WAITS = {
    "on_pretrain_routine_end": "on_pretrain_routine_start",
    "on_init_start": "on_init_end",
}
#: What the oldest hooks were called from 0.7 on; until 0.9 they ran under both names.
_OLDEST = {
    "training_end": "training_step_end",
    "validation_end": "validation_epoch_end",
    "test_end": "test_epoch_end",
}
_ONLY_OLD = "releases since 1.0 did not call it: only a program for 0.9 wants what it does"
_UNTIED = "__init__ does not tie these weights: do that there, if they are to be shared"

_NEVER = "Lightning 1.x called this hook of modules only: nothing has run it in a datamodule yet"


@rule(
    "LF202",
    triggers=(
        *sorted({f"def {name}" for _, name in removed_hooks()}),
        "def on_save_checkpoint",
        "def on_load_checkpoint",
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
            elif roles[0] is Role.CALLBACK:
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
    special = _special(cls, function, row, role)
    if special is not None:
        return file.finding(rule, place, message, fix=special[0], reason=special[1])
    if aliases(cls, row.name) != []:
        return file.finding(rule, place, message, reason=row.way_out)
    target = row.becomes
    free = target is not None and target not in claimed and is_free(cls, target)
    if _WAITS.get(row.name) in cls.methods:
        return file.finding(rule, place, message, reason=row.way_out)
    if row.name.endswith("_step_end"):
        wrapped = wrapped_returns(cls, function)
        if wrapped is not None:
            fix = Fix(f"call it where {row.name.removesuffix('_end')} returns", tuple(wrapped))
            return file.finding(rule, place, message, fix=fix)
    edits = None
    if target is not None and free and not calls_parent(function):
        edits = renaming(file, function, row, role)
    elif target in cls.methods and target not in claimed and _may_merge(cls, row, target):
        edits = merged(cls, function, cls.methods[target], first=row.name in _AT_HEAD)
    if target is None or edits is None:
        return file.finding(rule, place, message, reason=row.way_out)
    claimed.add(target)
    doubt = _doubt(cls, function, row, role)
    safety = Safety.UNSAFE if doubt else Safety.SAFE
    fix = Fix(f"make it {target}", tuple(edits), safety)
    return file.finding(rule, place, message, fix=fix, reason=doubt)


def _may_merge(cls: Class, row: Removed, target: str) -> bool:
    """Whether both hooks of a class are its own alone, so that one body can join the other."""
    family = [c for c in (*cls.mro, *cls.file.project.heirs(cls)) if c is not cls]
    others = any(name in c.methods for c in family for name in (row.name, target))
    return not others and row.name != "on_keyboard_interrupt"


def _special(
    cls: Class, function: Function, row: Removed, role: Role
) -> tuple[Fix, str | None] | None:
    """The fix of a hook that nothing is called like today, with its doubt."""
    if row.name in _OLDEST and is_free(cls, _OLDEST[row.name]) and not calls_parent(function):
        name = _OLDEST[row.name]
        end = name_span(cls.file, function).end
        edit = Edit(Span(end - len(row.name), end), name)
        return Fix(f"call it {name}, and repair that", (edit,), Safety.UNSAFE), _ONLY_OLD
    if row.name.endswith("_dataloader"):
        loader = cls.methods.get(row.name.removeprefix("on_"))
        if loader is None or not _may_merge(cls, row, loader.name):
            return None
        edits = merged(cls, function, loader, first=True)
        if edits is None:
            return None
        # trainer/data_loading.py of 1.4.9 and 1.5.10 called it of the module alone.
        doubt = _NEVER if role is Role.DATAMODULE else None
        safety = Safety.UNSAFE if doubt else Safety.SAFE
        return Fix(f"put it at the start of {loader.name}", tuple(edits), safety), doubt
    if row.name == "on_post_move_to_device" and only_ties(function):
        edits = removal(cls, function)
        doubt = None if ties_in_init(cls, function) else _UNTIED
        safety = Safety.UNSAFE if doubt else Safety.SAFE
        return (Fix("remove it", tuple(edits), safety), doubt) if edits else None
    if role is Role.DATAMODULE and row.name.endswith("_checkpoint"):
        edits = _datamodule_state(cls, function)
        name = "state_dict" if row.name == "on_save_checkpoint" else "load_state_dict"
        return (Fix(f"make it {name}", tuple(edits)), None) if edits else None
    return None


def _datamodule_state(cls: Class, function: Function) -> list[Edit] | None:
    """The edits of one of a datamodule's checkpoint hooks, if both can become state methods."""
    save, load = cls.methods.get("on_save_checkpoint"), cls.methods.get("on_load_checkpoint")
    if save is None or not is_free(cls, "state_dict") or not is_free(cls, "load_state_dict"):
        return None
    family = [c for c in (*cls.mro, *cls.file.project.heirs(cls)) if c is not cls]
    if any(
        name in c.methods for c in family for name in ("on_save_checkpoint", "on_load_checkpoint")
    ):
        return None
    saving = as_state_dict(cls.file, save, 0)
    loading = as_load_state_dict(cls.file, load, 0) if load is not None else []
    if saving is None or loading is None:
        return None
    return saving if function is save else loading


def _doubt(cls: Class, function: Function, row: Removed, role: Role) -> str | None:
    outside = outside_calls(cls, row.name)
    if outside is not None:
        return f"{outside} calls it by this name: rename it there too"
    if row.becomes == "on_fit_start" and reads_restored(function):
        return "when a run is resumed, on_fit_start comes before its progress is restored"
    if row.exact:
        return None
    if row.name.startswith("on_epoch_") and role is Role.MODULE and only_trains(cls):
        return None
    return _RUNS_LESS.get(row.name, row.way_out)


def _lost_state(rule: Rule, file: File, cls: Class, function: Function) -> Iterator[Finding]:
    if function.name == "on_save_checkpoint" and returned_state(function):
        message = "what on_save_checkpoint returns is no longer saved, and nothing says so"
    elif function.name == "on_load_checkpoint" and takes_state(cls, function):
        message = "on_load_checkpoint is given the whole checkpoint, not the callback's own state"
    else:
        return
    place = name_span(file, function)
    edits = state_edits(cls)
    save = cls.methods.get("on_save_checkpoint")
    if edits is None:
        way_out = (
            "return the state from state_dict(self) and take it back in "
            "load_state_dict(self, state_dict), or write it into the checkpoint"
        )
        yield file.finding(rule, place, message, reason=way_out)
    elif function is save or save is None or not returned_state(save):
        fix = Fix("keep it through state_dict and load_state_dict", tuple(edits))
        yield file.finding(rule, place, message, fix=fix)


def _truncated(rule: Rule, file: File, cls: Class) -> Iterator[Finding]:
    if declares_manual(cls) and any(_reads(c, "truncated_bptt_steps") for c in cls.mro):
        # The step goes through the pieces by itself.
        return
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


def _reads(cls: Class, name: str) -> bool:
    """Whether code of a class reads an attribute of that name."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Load)
        for node in ast.walk(cls.node)
    )
