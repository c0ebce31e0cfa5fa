"""What to do about each argument that a Trainer does not know any more."""

from __future__ import annotations

import ast
import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.imports import spell
from ..engine.kinds import is_surely
from ..engine.values import infer
from ..lightning.trainer import (
    FABRIC_PARAMETERS,
    REMOVED_ARGUMENTS,
    RENAMED_ARGUMENTS,
    TRAINER_PARAMETERS,
)
from ._callback_lists import holds, with_callbacks
from ._counts import is_pure
from ._resume import resume
from ._variables import UNKNOWN, literal, on_its_own, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Edit, Need
    from ._trainer_calls import TrainerCall

_SHARES = ("train_percent_check", "val_percent_check", "test_percent_check", "overfit_pct")
_PATHS = ("os.path.join", "str", "pathlib.Path")
_BARS = (
    "TQDMProgressBar",
    "RichProgressBar",
    "ProgressBar",
    "ProgressBarBase",
    "LightningProgressBar",
)


@dataclass
class Remedy:
    """How one argument is put right: changes of arguments, a callback to add, or only a reason.

    ``also`` are arguments that the callback makes superfluous too.
    """

    name: str
    changes: dict[str, list[tuple[str, str]]] | None = None
    callback: str | None = None
    also: tuple[str, ...] = ()
    edits: tuple[Edit, ...] = ()
    needs: tuple[Need, ...] = ()
    doubts: list[str] = field(default_factory=list)
    reason: str | None = None


def remedy(call: TrainerCall, name: str) -> Remedy:
    """The remedy for an argument that is no parameter of 2.6.6."""
    node = call.value(name)
    assert node is not None
    if call.kind == "Fabric":
        return Remedy(name, reason=nearest(call, name))
    if name in RENAMED_ARGUMENTS:
        return _renamed(call, name, RENAMED_ARGUMENTS[name])
    if name in REMOVED_ARGUMENTS:
        return _removed(name, node)
    handler = _HANDLERS.get(name)
    return handler(call, name, node) if handler else Remedy(name, reason=nearest(call, name))


#: What to write instead of arguments with handlers of their own, to be told.
_INSTEAD = {
    "checkpoint_callback": "a bool is enable_checkpointing=, a callback goes into callbacks=",
    "early_stop_callback": "pass EarlyStopping(…) in callbacks=",
    "log_gpu_memory": "pass DeviceStatsMonitor() in callbacks=",
    "process_position": "pass TQDMProgressBar(process_position=…) in callbacks=",
    "progress_bar_refresh_rate": "pass TQDMProgressBar(refresh_rate=…) in callbacks=",
    "reload_dataloaders_every_epoch": "pass reload_dataloaders_every_n_epochs=1",
    "resume_from_checkpoint": "pass it to fit: trainer.fit(model, ckpt_path=…)",
    "stochastic_weight_avg": "pass StochasticWeightAveraging(swa_lrs=…) in callbacks=",
    "terminate_on_nan": "pass detect_anomaly=True",
    "use_amp": 'pass precision="16-mixed"',
    "weights_save_path": "pass ModelCheckpoint(dirpath=…) in callbacks=",
    "weights_summary": "None is enable_model_summary=False, "
    '"full" is ModelSummary(max_depth=-1) in callbacks=',
}


def told(call: TrainerCall, name: str) -> str:
    """What to do by hand about an argument, whatever its value."""
    if name in RENAMED_ARGUMENTS:
        return f"it is called {RENAMED_ARGUMENTS[name]} now"
    row = REMOVED_ARGUMENTS.get(name)
    return row.instead if row else _INSTEAD.get(name) or nearest(call, name)


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
    if call.get(new) is not None:
        return Remedy(name, reason=f"{new}= is its name now, and is given too; keep one of them")
    value = literal(call.value(name)) if name in _SHARES else None
    if value == 1 and type(value) is int:
        doubt = "1 was all batches until 0.7 and is one batch since; 1.0 is all of them"
        return Remedy(name, {name: [(new, "1.0")]}, doubts=[doubt])
    return Remedy(name, {name: [(new, on_its_own(call.text(name)))]})


def _removed(name: str, node: ast.expr) -> Remedy:
    row = REMOVED_ARGUMENTS[name]
    value = literal(node)
    if value is not UNKNOWN and any(
        value is i or (value == i and type(value) is type(i)) for i in row.idle
    ):
        return Remedy(name, {name: []})
    if row.doubt is None:
        return Remedy(name, reason=row.instead)
    return Remedy(name, {name: []}, doubts=[f"{row.doubt}; {row.instead}"] if row.doubt else [])


def _callback(call: TrainerCall, name: str, cls: str, arguments: str, *doubts: str) -> Remedy:
    spelled = spell(call.file, call.node, f"lightning.pytorch.callbacks.{cls}")
    text = f"{spelled.text}({arguments})"
    return Remedy(name, callback=text, needs=spelled.needs, doubts=list(doubts))


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


def _checkpoint(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value is None:
        return Remedy(name, {name: []})
    if isinstance(value, bool):
        return _renamed(call, name, "enable_checkpointing")
    return _object(call, name, node) or Remedy(name, reason=_INSTEAD[name])


def _early_stop(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value is None or value is False:
        return Remedy(name, {name: []})
    return _object(call, name, node) or Remedy(
        name, reason='pass EarlyStopping(monitor="…") in callbacks='
    )


def _object(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """A callback handed over under a name of its own belongs into the list."""
    types = infer(call.home(name), node)
    if not is_surely(types, Role.CALLBACK.value) or any(t.kind == "none" for t in types):
        return None
    return Remedy(name, callback=on_its_own(call.text(name)))


def _refresh_rate(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    position = call.value("process_position")
    if value is None or (value == 1 and position is None):
        # 1 is what the progress bar does by itself.
        return Remedy(name, {name: []})
    if value == 0 and not holds(call, _BARS):
        changes: dict[str, list[tuple[str, str]]] = {name: [("enable_progress_bar", "False")]}
        return (
            Remedy(name, changes)
            if call.get("enable_progress_bar") is None
            else Remedy(name, {name: []})
        )
    if holds(call, _BARS):
        return Remedy(
            name, {name: []}, doubts=["the progress bar in callbacks takes refresh_rate= itself"]
        )
    if _is_bar_off(call):
        return Remedy(name, {name: []})
    arguments = f"refresh_rate={call.text(name)}"
    also: tuple[str, ...] = ()
    if position is not None:
        also = ("process_position",)
        if literal(position) != 0:
            arguments += f", process_position={call.text('process_position')}"
    doubts = [] if isinstance(value, int) else ["None is no refresh rate any more"]
    made = _callback(call, name, "TQDMProgressBar", arguments, *doubts)
    made.also = also
    return made


def _position(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    if literal(node) in (0, None) or _is_bar_off(call):
        return Remedy(name, {name: []})
    if call.get("progress_bar_refresh_rate") is not None or holds(call, _BARS):
        return Remedy(name, reason="the progress bar takes it: TQDMProgressBar(process_position=…)")
    return _callback(call, name, "TQDMProgressBar", f"process_position={call.text(name)}")


def _is_bar_off(call: TrainerCall) -> bool:
    node = call.value("enable_progress_bar")
    return node is not None and literal(node) is False


def _summary(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value is None:
        if call.get("enable_model_summary") is not None:
            return Remedy(name, {name: []})
        return Remedy(name, {name: [("enable_model_summary", "False")]})
    if value == "top":
        return Remedy(name, {name: []})
    if value == "full" and not holds(call, ("ModelSummary", "RichModelSummary")):
        return _callback(call, name, "ModelSummary", "max_depth=-1")
    return Remedy(
        name,
        reason=_INSTEAD[name],
    )


def _averaging(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value in (False, None):
        return Remedy(name, {name: []})
    if value is not True or holds(call, ("StochasticWeightAveraging",)):
        return Remedy(name, reason="pass StochasticWeightAveraging(swa_lrs=…) in callbacks=")
    doubt = "swa_lrs is required now; 1e-2 is a guess, 1.x took the optimizer's learning rate"
    return _callback(call, name, "StochasticWeightAveraging", "swa_lrs=1e-2", doubt)


def _gpu_memory(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    if literal(node) in (None, False) or holds(call, ("DeviceStatsMonitor",)):
        return Remedy(name, {name: []})
    doubt = "DeviceStatsMonitor logs under other names, and needs a logger"
    return _callback(call, name, "DeviceStatsMonitor", "", doubt)


def _save_path(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    if literal(node) is None:
        return Remedy(name, {name: []})
    if holds(call, ("ModelCheckpoint",)) or call.get("checkpoint_callback") is not None:
        return Remedy(name, reason="give the directory to ModelCheckpoint(dirpath=…)")
    doubt = "1.x added the logger's name and version to the path"
    return _callback(call, name, "ModelCheckpoint", f"dirpath={call.text(name)}", doubt)


def _amp(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    value = literal(node)
    if value in (False, None):
        return Remedy(name, {name: []})
    if value is not True or call.get("precision") is not None:
        return Remedy(name, reason='mixed precision is precision="16-mixed" now')
    return Remedy(name, {name: [("precision", quoted(call.file, call.node, "16-mixed"))]})


def _resume(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    if literal(node) is None:
        return Remedy(name, {name: []})
    moved = resume(call, name, node)
    if moved is None:
        return Remedy(name, reason=_INSTEAD[name])
    file = call.home(name)
    known = isinstance(node, ast.Call) and file.canonical(node.func) in _PATHS
    doubt = [] if known or is_pure(file, node) else [f"{file.text(node)} is evaluated later then"]
    return Remedy(name, {name: []}, edits=moved, doubts=doubt)


def _gpus(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    del call, node
    device = "tpu" if "tpu" in name else "gpu"
    return Remedy(name, reason=f'write accelerator="{device}" and devices=')


_HANDLERS: dict[str, Callable[[TrainerCall, str, ast.expr], Remedy]] = {
    "reload_dataloaders_every_epoch": _reload,
    "terminate_on_nan": _nan,
    "checkpoint_callback": _checkpoint,
    "early_stop_callback": _early_stop,
    "progress_bar_refresh_rate": _refresh_rate,
    "process_position": _position,
    "weights_summary": _summary,
    "stochastic_weight_avg": _averaging,
    "log_gpu_memory": _gpu_memory,
    "weights_save_path": _save_path,
    "use_amp": _amp,
    "resume_from_checkpoint": _resume,
    "nb_gpus": _gpus,
    "num_gpus": _gpus,
    "n_gpus": _gpus,
    "num_tpu_cores": _gpus,
}
