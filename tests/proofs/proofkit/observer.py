"""Watches every Trainer of a program: losses, batches, logged values, weights.

Runs in the process of the program, under every release from 1.4 on, so it stands on the standard
library, torch, and the hooks that all of these releases call. Nothing of Lightning is replaced:
the trainer's own methods run, with a callback more and with quiet defaults for what the program
leaves open.
"""

from __future__ import annotations

import functools
import inspect
import random
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch.utils import data

STAGES = ("fit", "validate", "test", "predict")

# For each quiet default its spellings, newest first, and the callbacks that it would shut out.
_QUIET: tuple[tuple[tuple[tuple[str, Any], ...], tuple[str, ...]], ...] = (
    ((("logger", False),), ("LearningRateMonitor", "DeviceStatsMonitor", "GPUStatsMonitor")),
    (
        (("enable_progress_bar", False), ("progress_bar_refresh_rate", 0)),
        ("ProgressBarBase", "ProgressBar"),
    ),
    ((("enable_model_summary", False), ("weights_summary", None)), ("ModelSummary",)),
    (
        (("enable_checkpointing", False), ("checkpoint_callback", False)),
        ("ModelCheckpoint", "Checkpoint"),
    ),
)


@dataclass
class Record:
    """What was seen so far; its fields are the keys of RESULT."""

    stages: list[str] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    updates: int = 0
    batches: dict[str, list[Any]] = field(default_factory=dict)
    logged: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, list[float]] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)

    def result(self) -> dict[str, Any]:
        """The record as plain data."""
        return asdict(self)


RECORD = Record()


def seed(number: int) -> None:
    """Set every random generator that a small program uses."""
    random.seed(number)
    torch.manual_seed(number)
    try:
        import numpy as np
    except ImportError:
        return
    np.random.seed(number)  # noqa: NPY002 - the generator that programs use


def settle_shuffling() -> None:
    """Make every shuffled loader deliver one fixed order.

    Releases differ in when, and how often, they ask a loader for its iterator, and with it in the
    state of the random generator at that time.
    """
    for sampler in (data.RandomSampler, data.SubsetRandomSampler, data.WeightedRandomSampler):
        _settle(sampler)


def _settle(sampler: Any) -> None:
    original = sampler.__iter__

    @functools.wraps(original)
    def iterate(self: Any) -> Any:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return iter(list(original(self)))

    sampler.__iter__ = iterate


def plain(value: Any) -> Any:
    """``value`` as JSON data: tensors as numbers or lists, what is none of them by its repr."""
    if isinstance(value, torch.Tensor):
        return plain(value.detach().cpu().tolist())
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return repr(value)


def shapes(batch: Any) -> Any:
    """The structure of a batch with the shapes of its tensors; other leaves by their type."""
    if isinstance(batch, torch.Tensor):
        return list(batch.shape)
    if isinstance(batch, dict):
        return {str(key): shapes(item) for key, item in batch.items()}
    if isinstance(batch, (list, tuple)):
        return [shapes(item) for item in batch]
    return type(batch).__name__


def watch(pl: Any) -> None:
    """Watch all trainers of the Lightning package ``pl``."""
    recorder = _recorder(pl)
    _wrap_init(pl.Trainer, recorder)
    for stage in STAGES:
        _wrap_stage(pl.Trainer, stage)


def _wrap_init(trainer: Any, recorder: Any) -> None:
    original = trainer.__init__
    parameters = inspect.signature(original).parameters

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        given = {**dict(zip(list(parameters)[1:], args, strict=False)), **kwargs}
        original(self, *args, **{**_quiet(parameters, given), **kwargs})
        self.callbacks.append(recorder())

    trainer.__init__ = init


def _quiet(parameters: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Defaults for what is not given, in the words of the release that has ``parameters``."""
    callbacks = given.get("callbacks") or ()
    callbacks = callbacks if isinstance(callbacks, (list, tuple)) else (callbacks,)
    classes = {base.__name__ for callback in callbacks for base in type(callback).__mro__}
    chosen: dict[str, Any] = {}
    for spellings, needed_by in _QUIET:
        if classes.intersection(needed_by) or any(name in given for name, _ in spellings):
            continue
        chosen.update([pair for pair in spellings if pair[0] in parameters][:1])
    if "accelerator" not in given and parameters["accelerator"].default == "auto":
        chosen["accelerator"] = "cpu"
    return chosen


def _wrap_stage(trainer: Any, stage: str) -> None:
    original = getattr(trainer, stage)

    @functools.wraps(original)
    def run(self: Any, *args: Any, **kwargs: Any) -> Any:
        seed(1)
        returned = original(self, *args, **kwargs)
        RECORD.stages.append(stage)
        RECORD.logged[stage] = plain(dict(self.callback_metrics))
        RECORD.weights = _weights(self.lightning_module)
        return returned

    setattr(trainer, stage, run)


def _weights(module: Any) -> dict[str, list[float]]:
    tensors = {k: v.detach().double() for k, v in module.state_dict().items()}
    return {k: [plain(float(v.sum())), plain(float(v.norm()))] for k, v in tensors.items()}


def _recorder(pl: Any) -> Any:
    base: Any = pl.Callback

    class Recorder(base):  # type: ignore[misc]
        """Takes the hooks with open argument lists: their tails differ between releases."""

        def setup(self, *_: Any, **__: Any) -> None:
            self.before: list[torch.Tensor] = []

        def on_train_epoch_start(self, trainer: Any, *_: Any) -> None:
            seed(1000 + trainer.current_epoch)

        def on_train_batch_start(
            self, _trainer: Any, module: Any, batch: Any, index: int, *_: Any
        ) -> None:
            seed(index)
            _add("fit", batch)
            self.before = [parameter.detach().clone() for parameter in module.parameters()]

        def on_before_backward(self, _trainer: Any, _module: Any, loss: Any) -> None:
            RECORD.losses.append(plain(float(loss.detach())))

        def on_train_batch_end(self, _trainer: Any, module: Any, *_: Any) -> None:
            after = module.parameters()
            RECORD.updates += not all(map(torch.equal, self.before, after))

        def on_validation_batch_start(
            self, trainer: Any, _module: Any, batch: Any, *_: Any
        ) -> None:
            if not trainer.sanity_checking:
                _add("validate", batch)

        def on_test_batch_start(self, _trainer: Any, _module: Any, batch: Any, *_: Any) -> None:
            _add("test", batch)

        def on_predict_batch_start(self, _trainer: Any, _module: Any, batch: Any, *_: Any) -> None:
            _add("predict", batch)

    return Recorder


def _add(stage: str, batch: Any) -> None:
    RECORD.batches.setdefault(stage, []).append(shapes(batch))
