"""What to do about each argument that a Trainer does not know any more."""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from ..lightning.trainer import (
    FABRIC_PARAMETERS,
    REMOVED_ARGUMENTS,
    RENAMED_ARGUMENTS,
    TRAINER_PARAMETERS,
)
from . import _trainer_callbacks as callbacks
from . import _trainer_handed as handed
from ._callback_lists import with_callbacks
from ._counts import is_off
from ._near import DOUBT, meant
from ._trainer_remedy import INSTEAD, Remedy, renamed, value_of
from ._variables import UNKNOWN, literal, on_its_own, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._trainer_calls import TrainerCall

_SHARES = ("train_percent_check", "val_percent_check", "test_percent_check", "overfit_pct")


def remedy(call: TrainerCall, name: str) -> Remedy:
    """The remedy for an argument that is no parameter of 2.6.6."""
    node = call.value(name)
    assert node is not None
    if call.kind == "Fabric":
        return Remedy(name, reason=nearest(call, name))
    if name in RENAMED_ARGUMENTS:
        return _renamed(call, name, RENAMED_ARGUMENTS[name])
    if name in REMOVED_ARGUMENTS:
        found = _removed(call, name)
        other = _HANDED.get(name)
        idle = found.reason is None and name not in _KEPT
        return found if other is None or idle else other(call, name, node) or found
    handler = HANDLERS.get(name)
    if handler is not None:
        return handler(call, name, node)
    likely = meant(name, TRAINER_PARAMETERS, call.names)
    if likely is None:
        return Remedy(name, reason=nearest(call, name))
    return Remedy(name, {name: [(likely, on_its_own(call.text(name)))]}, doubts=[DOUBT])


def told(call: TrainerCall, name: str) -> str:
    """What to do by hand about an argument, whatever its value."""
    if name in RENAMED_ARGUMENTS:
        return f"it is called {RENAMED_ARGUMENTS[name]} now"
    row = REMOVED_ARGUMENTS.get(name)
    return row.instead if row else INSTEAD.get(name) or nearest(call, name)


def nearest(call: TrainerCall, name: str) -> str:
    """The parameters whose names come nearest, as a sentence."""
    known = TRAINER_PARAMETERS if call.kind == "Trainer" else FABRIC_PARAMETERS
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.6)
    if near:
        return f"the nearest: {', '.join(near)}"
    return "no parameter has a name like it; leave it away"


def merged(
    call: TrainerCall, remedies: list[Remedy]
) -> tuple[dict[str, list[tuple[str, str]]], list[str]]:
    """The changes of several remedies, with their callbacks in one list, and the doubts."""
    changes: dict[str, list[tuple[str, str]]] = {}
    doubts: list[str] = []
    added = []
    for one in remedies:
        changes.update(one.changes or {})
        doubts += one.doubts
        if one.callback is not None:
            added.append(one.callback)
            changes.update({n: [] for n in (one.name, *one.also)})
    if added:
        text, doubt = with_callbacks(call, added)
        doubts += [doubt] if doubt else []
        first = next(r.name for r in remedies if r.callback is not None)
        home = "callbacks" if call.get("callbacks") is not None else first
        changes[home] = [("callbacks", text)]
    return changes, doubts


def _renamed(call: TrainerCall, name: str, new: str) -> Remedy:
    value = literal(call.value(name)) if name in _SHARES else None
    if value == 1 and type(value) is int and call.get(new) is None:
        doubt = "1 was all batches until 0.7 and is one batch since; 1.0 is all of them"
        return Remedy(name, {name: [(new, "1.0")]}, doubts=[doubt])
    return renamed(call, name, new)


def _removed(call: TrainerCall, name: str) -> Remedy:
    row = REMOVED_ARGUMENTS[name]
    value = value_of(call, name)
    if value is not UNKNOWN and any(
        value is i or (value == i and type(value) is type(i)) for i in row.idle
    ):
        return Remedy(name, {name: []})
    if row.doubt is None:
        return Remedy(name, reason=row.instead)
    return Remedy(name, {name: []}, doubts=[f"{row.doubt}; {row.instead}"] if row.doubt else [])


def _reload(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value is UNKNOWN:
        return Remedy(
            name, {name: [("reload_dataloaders_every_n_epochs", f"int({call.text(name)})")]}
        )
    if not value:
        return Remedy(name, {name: []})
    return Remedy(name, {name: [("reload_dataloaders_every_n_epochs", "1")]})


def _nan(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    if literal(node) in (False, None):
        return Remedy(name, {name: []})
    doubt = "detect_anomaly finds NaN in backward, not in parameters, and is slower"
    return Remedy(name, {name: [("detect_anomaly", on_its_own(call.text(name)))]}, doubts=[doubt])


def _amp(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value in (False, None):
        return Remedy(name, {name: []})
    if value is True and value_of(call, "precision") in (16, "16", "16-mixed"):
        return Remedy(name, {name: []})
    if call.get("precision") is not None:
        return Remedy(name, reason='mixed precision is precision="16-mixed" now')
    text = quoted(call.file, call.node, "16-mixed")
    if value is not True:
        asked = call.text(name)
        asked = f"({asked})" if isinstance(node, (ast.IfExp, ast.Lambda)) else asked
        text += f" if {asked} else {quoted(call.file, call.node, '32-true')}"
    return Remedy(name, {name: [("precision", text)]})


def _gpus(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    if is_off(literal(node)):
        return Remedy(name, {name: []})
    del call
    device = "tpu" if "tpu" in name else "gpu"
    return Remedy(name, reason=f'write accelerator="{device}" and devices=')


#: Arguments with a remedy of their own.
HANDLERS: dict[str, Callable[[TrainerCall, str, ast.expr], Remedy]] = {
    "reload_dataloaders_every_epoch": _reload,
    "terminate_on_nan": _nan,
    "checkpoint_callback": callbacks.checkpoint,
    "early_stop_callback": callbacks.early_stop,
    "progress_bar_refresh_rate": callbacks.refresh_rate,
    "process_position": callbacks.position,
    "weights_summary": callbacks.summary,
    "stochastic_weight_avg": callbacks.averaging,
    "log_gpu_memory": callbacks.gpu_memory,
    "weights_save_path": callbacks.save_path,
    "use_amp": _amp,
    "resume_from_checkpoint": handed.checkpoint,
    "nb_gpus": _gpus,
    "num_gpus": _gpus,
    "n_gpus": _gpus,
    "num_tpu_cores": _gpus,
}

#: Arguments that can be left away, but have a place elsewhere if it is in sight.
_KEPT = ("flush_logs_every_n_steps",)

#: What takes over an argument elsewhere, where the module and the loaders are in sight.
_HANDED: dict[str, Callable[[TrainerCall, str, ast.expr], Remedy | None]] = {
    "auto_lr_find": handed.tuned,
    "auto_scale_batch_size": handed.tuned,
    "automatic_optimization": handed.on_module,
    "flush_logs_every_n_steps": handed.on_logger,
    "multiple_trainloader_mode": handed.on_loaders,
    "prepare_data_per_node": handed.on_module,
    "track_grad_norm": handed.hook,
}
