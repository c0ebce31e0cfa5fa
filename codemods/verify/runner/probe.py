"""Watches one training batch: what the step returned, what ran, what it changed."""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import Any, Callable, Mapping

from .places import Line, Places
from .record import Record
from .strays import watching
from .watched import look_at_gradients, look_at_parameters, look_at_types


class Probe:
    """The facts of the first batch; tensors are read, and none is kept on a device."""

    def __init__(self, record: Record, places: Places, torch: Any, on_cpu: bool = False) -> None:
        self._record = record
        self._places = places
        self._torch = torch
        self._before: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self.on_cpu = on_cpu
        self.module: Any = None
        self.where = ""
        self.batches = 0
        self.skipped = False
        self.calls = 0
        self.output: Any = None
        self.backward = False
        self.steps: dict[int, int] = {}
        self.gradients: dict[str, str] = {}
        self.changed: list[str] = []
        self.unchanged: list[str] = []
        self.rates: list[float] = []
        self.devices: set[str] = set()

    @property
    def automatic(self) -> bool:
        """Whether Lightning drives the optimizer."""
        return bool(getattr(self.module, "automatic_optimization", True))

    @property
    def loss(self) -> Any:
        """The loss in what the step returned, or ``None``; ``minimize`` is how 1.0 called it."""
        if isinstance(self.output, Mapping):
            return self.output.get("loss")
        return getattr(self.output, "minimize", self.output)

    def watch_module(self, module: Any) -> None:
        """See what ``training_step`` returns, wherever it is defined."""
        if self.module is not None:
            return
        self.module = module
        holder = module
        if "training_step" not in vars(module):
            holder = next((c for c in type(module).__mro__ if "training_step" in vars(c)), module)
        original: Any = vars(holder).get("training_step")
        if not inspect.isfunction(original) and not inspect.ismethod(original):
            return
        code = getattr(inspect.unwrap(original), "__code__", None)
        if code is not None:
            shown = self._places.shown(code.co_filename)
            self.where = f" at {Line(shown, code.co_firstlineno)}"

        @functools.wraps(original)
        def training_step(*args: Any, **kwargs: Any) -> Any:
            with self._following(args, kwargs):
                output = original(*args, **kwargs)
            self._returned(output)
            return output

        holder.training_step = training_step

    def start_batch(self, trainer: Any, module: Any) -> None:
        """Take the parameters and optimizers as they are before the batch."""
        self._record.reach("first batch")
        self.watch_module(module)
        for name, parameter in module.named_parameters():
            if parameter.requires_grad and not self._is_lazy(parameter):
                self._before[name] = parameter.detach().to("cpu", copy=True)
                self._names[id(parameter)] = name
        look_at_parameters(self._record, module, trainer.optimizers)
        for index, optimizer in enumerate(trainer.optimizers):
            self._past_warm_up(optimizer)
            self._watch_step(index, optimizer)
        _calm_scaler(trainer)

    def end_batch(self, module: Any) -> None:
        """Compare the parameters with those before the batch.

        Lightning ends a batch that it has not started where the batch is None.
        """
        if not self._record.reached("first batch"):
            self.skipped = True
            return
        self.batches += 1
        for name, parameter in module.named_parameters():
            if name not in self._before:
                continue
            self.devices.add(str(parameter.device))
            same = self._torch.equal(parameter.detach().cpu(), self._before[name])
            (self.unchanged if same else self.changed).append(name)
        self._before.clear()

    def ran_backward(self) -> None:
        """Gradients have been computed."""
        self.backward = True
        self._record.reach("backward")

    def validated(self) -> None:
        """A validation batch ran after the step."""
        self._record.reach("validation batch")

    def _following(self, args: Any, kwargs: Any) -> Any:
        """What watches the first call; tensors can stray on the CPU alone."""
        if self.calls:
            return contextlib.nullcontext()
        look_at_types(self._record, self._torch, self.module, (args, kwargs))
        if not self.on_cpu:
            return contextlib.nullcontext()
        return watching(self._torch, self.module, self._record, self._places)

    def _returned(self, output: Any) -> None:
        self.calls += 1
        if self.calls == 1:
            self.output = output
            self._record.reach("forward")

    def _is_lazy(self, parameter: Any) -> bool:
        nn_parameter = getattr(self._torch.nn, "parameter", None)
        lazy = getattr(nn_parameter, "UninitializedParameter", None)
        return lazy is not None and isinstance(parameter, lazy)

    def _past_warm_up(self, optimizer: Any) -> None:
        """Schedules that warm up start at a rate of zero; take this step at the rate they reach."""
        for group in optimizer.param_groups:
            if group.get("lr") == 0 and group.get("initial_lr", 0) > 0:
                group["lr"] = group["initial_lr"]
                self._record.add(
                    "notes",
                    f"the schedule starts at a learning rate of 0: stepped at {group['lr']}",
                )
            self.rates.append(float(group.get("lr", float("nan"))))

    def _watch_step(self, index: int, optimizer: Any) -> None:
        original: Callable[..., Any] = optimizer.step
        self.steps[index] = 0

        @functools.wraps(original)
        def step(*args: Any, **kwargs: Any) -> Any:
            closure = kwargs.pop("closure", None)
            if args:
                closure, args = args[0], args[1:]
            if closure is None:
                self._look_at_gradients(optimizer)
                value = original(*args, **kwargs)
            else:
                value = original(self._watched(closure, optimizer), *args, **kwargs)
            self.steps[index] += self.batches == 0
            self._record.reach("step")
            return value

        optimizer.step = step

    def _watched(self, closure: Callable[..., Any], optimizer: Any) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            value = closure(*args, **kwargs)
            self._look_at_gradients(optimizer)
            return value

        return run

    def _look_at_gradients(self, optimizer: Any) -> None:
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                name = self._names.get(id(parameter), "a parameter outside of the module")
                state = self._state_of(parameter)
                if self.gradients.get(name, "none") in ("none", "zero") or state == "not finite":
                    self.gradients[name] = state
        if any(state != "none" for state in self.gradients.values()):
            self.ran_backward()

    def _state_of(self, parameter: Any) -> str:
        gradient = parameter.grad
        if gradient is None:
            return "none"
        values = gradient.coalesce().values() if gradient.is_sparse else gradient
        if values.numel():
            name = self._names.get(id(parameter), "a parameter")
            look_at_gradients(self._record, [(name, float(values.abs().max()))])
        if not bool(self._torch.isfinite(values).all()):
            return "not finite"
        return "flows" if bool((values != 0).any()) else "zero"


def _calm_scaler(trainer: Any) -> None:
    """Let mixed precision take its first step: at its usual scale of 65536 it may be skipped."""
    strategy = getattr(trainer, "strategy", None)
    plugin = getattr(strategy, "precision_plugin", None) or getattr(
        trainer, "precision_plugin", None
    )
    scaler = getattr(plugin, "scaler", None)
    if scaler is None or not hasattr(scaler, "state_dict"):
        return
    state = scaler.state_dict()
    if "scale" in state:
        state["scale"] = 1.0
        scaler.load_state_dict(state)


def make_callback(base: type, probe: Probe, check_loaders: Callable[[Any], None]) -> Any:
    """A callback of the installed release that reports to ``probe``.

    Signatures differ between releases, so every hook takes whatever it is given.
    """

    def on_fit_start(_: Any, _trainer: Any, module: Any, *__: Any) -> None:
        probe.watch_module(module)

    def on_train_start(_: Any, trainer: Any, *__: Any) -> None:
        check_loaders(trainer)

    def on_train_batch_start(_: Any, trainer: Any, module: Any, *__: Any, **___: Any) -> None:
        if probe.batches == 0:
            probe.start_batch(trainer, module)

    def on_after_backward(_: Any, *__: Any) -> None:
        probe.ran_backward()

    def on_train_batch_end(_: Any, trainer: Any, module: Any, *__: Any, **___: Any) -> None:
        if probe.batches == 0:
            probe.end_batch(module)
        trainer.should_stop = True

    def on_validation_batch_end(_: Any, *__: Any, **___: Any) -> None:
        if probe.batches:
            probe.validated()

    hooks = (
        on_fit_start,
        on_train_start,
        on_train_batch_start,
        on_after_backward,
        on_train_batch_end,
        on_validation_batch_end,
    )
    return type("StepProbe", (base,), {hook.__name__: hook for hook in hooks})()
