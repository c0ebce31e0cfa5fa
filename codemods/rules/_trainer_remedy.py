"""How one argument of a Trainer that is gone is put right."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ._variables import UNKNOWN, leaves, on_its_own, put

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..model import Edit, Need
    from ._trainer_calls import TrainerCall


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


#: What to write instead of arguments with handlers of their own, to be told.
INSTEAD = {
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


def value_of(call: TrainerCall, name: str) -> object:
    """The one value that an argument surely has, through variables too; else ``UNKNOWN``."""
    node = call.value(name)
    found = leaves(call.home(name), node) if node is not None else []
    return found[0].value if len(found) == 1 else UNKNOWN


def mapped(call: TrainerCall, name: str, values: Mapping[object, str]) -> str | None:
    """The text of an argument with each of its values replaced; None where one is not known."""
    node = call.value(name)
    found = leaves(call.home(name), node) if node is not None else []
    if node is None or not all(_is_key(leaf.value, values) and leaf.within for leaf in found):
        return None
    text, _ = put(call.home(name), node, {leaf: values[leaf.value] for leaf in found})
    return text


def _is_key(value: object, values: Mapping[object, str]) -> bool:
    """Whether a value is a key, of the very type: 0 is not False."""
    return any(value == key and type(value) is type(key) for key in values)


def renamed(call: TrainerCall, name: str, new: str) -> Remedy:
    """The same value under another name."""
    if call.get(new) is not None:
        return Remedy(name, reason=f"{new}= is its name now, and is given too; keep one of them")
    return Remedy(name, {name: [(new, on_its_own(call.text(name)))]})
