"""Arguments of the Trainer whose value goes elsewhere: to ``fit``, module, loaders, a Tuner."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ._counts import is_pure
from ._resume import resume
from ._trainer_moves import Move, attribute, combined, gradient_norm
from ._trainer_remedy import INSTEAD, Remedy, value_of
from ._trainer_tuning import FLAGS, tuning
from ._variables import UNKNOWN, literal, on_its_own

if TYPE_CHECKING:
    from ._trainer_calls import TrainerCall

_CSV = "lightning.pytorch.loggers.CSVLogger"
_PATHS = ("os.path.join", "str", "pathlib.Path")


def checkpoint(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``resume_from_checkpoint`` is an argument of ``fit``."""
    if literal(node) is None:
        return Remedy(name, {name: []})
    moved = resume(call, name, node)
    if moved is None:
        return Remedy(name, reason=INSTEAD[name])
    file = call.home(name)
    known = isinstance(node, ast.Call) and file.canonical(node.func) in _PATHS
    doubts = [] if known or is_pure(file, node) else [f"{file.text(node)} is evaluated later then"]
    doubts += [moved.doubt] if moved.doubt else []
    return Remedy(name, {name: []}, edits=moved.edits, doubts=doubts)


def tuned(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """``auto_lr_find`` and ``auto_scale_batch_size`` only told ``trainer.tune`` what to do."""
    del node
    found = tuning(call)
    if found is None:
        return None
    if found.idle:
        return Remedy(name, {name: []})
    changes: dict[str, list[tuple[str, str]]] = {n: [] for n in FLAGS if call.get(n) is not None}
    return Remedy(name, changes, edits=found.edits, needs=found.needs, doubts=found.doubts)


def on_module(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """``automatic_optimization`` and ``prepare_data_per_node`` are attributes."""
    del node
    if value_of(call, name) is not False:
        return None
    return _moved(name, attribute(call, name, data=name == "prepare_data_per_node"))


def on_logger(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """``flush_logs_every_n_steps`` is an argument of the logger that writes CSV files."""
    del node
    logger, file = call.value("logger"), call.home("logger")
    if not isinstance(logger, ast.Call) or call.home(name) is not file:
        return None
    made = Arguments(file, logger)
    if file.canonical(logger.func) != _CSV or name in made or made.splat or logger.args[4:]:
        return None
    return Remedy(name, {name: []}, edits=made.change({"": [(name, on_its_own(call.text(name)))]}))


def on_loaders(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """``multiple_trainloader_mode`` is the mode of a CombinedLoader."""
    del node
    if not isinstance(value_of(call, name), str):
        return None
    return _moved(name, combined(call, call.text(name)))


def hook(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """``track_grad_norm`` is what a hook logs."""
    del node
    if value_of(call, name) is UNKNOWN:
        return None
    return _moved(name, gradient_norm(call, on_its_own(call.text(name))))


def _moved(name: str, move: Move | None) -> Remedy | None:
    if move is None:
        return None
    return Remedy(name, {name: []}, edits=move.edits, needs=move.needs, doubts=move.doubts)
