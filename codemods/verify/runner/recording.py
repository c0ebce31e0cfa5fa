"""Records what training does: losses, logged values, learning rates, steps, weights, hooks.

Releases differ in how often they ask a loader for its iterator, and with it in the state of the
random generators; so generators are set anew before each batch, and shuffled loaders deliver one
fixed order. What is left to differ is the training itself.
"""

from __future__ import annotations

import functools
import math
import random
import sys
from typing import Any, Callable, Mapping, Sequence

from .calls import Calls
from .places import Places
from .record import Record

_SEED = 1


class Recording:
    """The recording of one ``fit``, of at most ``batches`` training batches.

    ``hooks`` are the names of hooks, by the class of Lightning that has them.
    """

    def __init__(
        self,
        record: Record,
        places: Places,
        torch: Any,
        batches: int,
        hooks: Mapping[str, Sequence[str]],
    ) -> None:
        self._record = record
        self._torch = torch
        self._calls = Calls(places, hooks)
        self._wanted = batches
        self._active = False
        self._step = -1
        self.data: Any = {
            "losses": [],
            "logged": [],
            "rates": [],
            "steps": [],
            "hooks": self._calls.data,
            "initial": {},
            "weights": {},
            "final": {},
        }

    @property
    def batches(self) -> int:
        """How many training batches have ended."""
        return len(self.data["logged"])

    @property
    def trained(self) -> bool:
        """Whether a backward pass ran, or a weight changed; asked at the end."""
        changed = self.data["initial"] != self.data["weights"]
        return bool(self.batches and (self.data["losses"] or changed))

    def prepare(self) -> None:
        """Before the script runs: seeds, and the order of shuffled loaders."""
        self._seed(0)
        samplers = self._torch.utils.data
        for name in ("RandomSampler", "SubsetRandomSampler", "WeightedRandomSampler"):
            self._settle(getattr(samplers, name))
        self._watch_backward()

    def watch(self, *things: Any) -> None:
        """Hear the hooks of what the project has made: modules, datamodules, callbacks."""
        self._calls.watch(*things)

    def opening(self, base: Any) -> Any:
        """A callback that has to be the first one: it tells which batch begins."""
        recording = self

        def on_train_batch_start(_: Any, *__: Any, **___: Any) -> None:
            recording._step = recording._calls.batch = recording.batches

        return type("Opening", (base,), {"on_train_batch_start": on_train_batch_start})()

    def callback(self, base: Any) -> Any:
        """A callback of the installed release; hooks take whatever they are given."""
        recording = self

        def on_fit_start(_: Any, trainer: Any, *__: Any) -> None:
            recording.watch(*trainer.callbacks)

        def on_train_start(_: Any, trainer: Any, module: Any, *__: Any) -> None:
            recording._begin(trainer, module)

        def on_train_batch_start(_: Any, *__: Any, **___: Any) -> None:
            recording._seed(1 + recording.batches)
            recording._record.reach("first batch")

        def on_validation_batch_start(
            _: Any, _trainer: Any, _module: Any, _batch: Any, index: int, *__: Any, **___: Any
        ) -> None:
            recording._seed(100_000 + 1000 * recording.batches + index)

        def on_train_batch_end(_: Any, trainer: Any, *__: Any, **___: Any) -> None:
            recording.data["logged"].append(numbers(dict(trainer.callback_metrics)))
            if recording.batches >= recording._wanted:
                trainer.should_stop = True

        hooks = (
            on_fit_start,
            on_train_start,
            on_train_batch_start,
            on_validation_batch_start,
            on_train_batch_end,
        )
        return type("Recorder", (base,), {hook.__name__: hook for hook in hooks})()

    def end(self, trainer: Any, module: Any) -> None:
        """After ``fit``: the weights, and the last logged values."""
        self._active = False
        self.data["final"] = numbers(dict(trainer.callback_metrics))
        self.data["weights"] = weights(module)
        self._record.facts["recording"] = self.data

    def _begin(self, trainer: Any, module: Any) -> None:
        self._active = True
        self.data["initial"] = weights(module)
        for index, optimizer in enumerate(trainer.optimizers):
            self._watch_step(index, optimizer)

    def _seed(self, number: int) -> None:
        random.seed(_SEED + number)
        self._torch.manual_seed(_SEED + number)
        numpy: Any = sys.modules.get("numpy")
        if numpy is not None:
            numpy.random.seed(_SEED + number)

    def _settle(self, sampler: Any) -> None:
        original = sampler.__iter__
        torch = self._torch

        @functools.wraps(original)
        def iterate(itself: Any) -> Any:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(_SEED)
                return iter(list(original(itself)))

        sampler.__iter__ = iterate

    def _watch_backward(self) -> None:
        """Every loss that a backward pass starts from, be it Lightning's or the module's own."""
        tensor = self._torch.Tensor
        original = tensor.backward

        @functools.wraps(original)
        def backward(loss: Any, *args: Any, **kwargs: Any) -> Any:
            if self._active and loss.numel() == 1:
                self.data["losses"].append([self._step, plain(float(loss.detach()))])
            self._record.reach("backward")
            return original(loss, *args, **kwargs)

        tensor.backward = backward

    def _watch_step(self, index: int, optimizer: Any) -> None:
        original: Callable[..., Any] = optimizer.step

        @functools.wraps(original)
        def step(*args: Any, **kwargs: Any) -> Any:
            value = original(*args, **kwargs)
            if not _has_gradients(optimizer):
                return value
            rates = [plain(float(group["lr"])) for group in optimizer.param_groups]
            self.data["steps"].append([self._step, index])
            self.data["rates"].append([self._step, index, *rates])
            self._record.reach("step")
            return value

        optimizer.step = step


def _has_gradients(optimizer: Any) -> bool:
    """Whether a step can have changed anything.

    Where a training step returns nothing, automatic optimization asks for one all the same.
    """
    parameters = (p for group in optimizer.param_groups for p in group["params"])
    return any(parameter.grad is not None for parameter in parameters)


def weights(module: Any) -> Any:
    """For each tensor of the state the sum, and the norm, as numbers."""
    found = {}
    for name, value in module.state_dict().items():
        if hasattr(value, "detach"):
            tensor = value.detach().double()
            found[name] = [plain(float(tensor.sum())), plain(float(tensor.norm()))]
    return found


def numbers(metrics: Any) -> Any:
    """Logged values that are one number."""
    found = {}
    for name, value in metrics.items():
        try:
            found[str(name)] = plain(float(value.compute() if hasattr(value, "compute") else value))
        except (TypeError, ValueError, RuntimeError):
            continue
    return found


def plain(value: float) -> Any:
    """A number that JSON can hold, to nine digits; text for what is none."""
    return float("%.9g" % value) if math.isfinite(value) else str(value)
