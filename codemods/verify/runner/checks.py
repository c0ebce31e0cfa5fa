"""What a step has to show before it counts as training. Each check names what it saw."""

from __future__ import annotations

import sys
from typing import Any, Iterator, Mapping

from .device import Device
from .places import Places
from .probe import Probe
from .record import Record

_NAMED = 5
_DEEPEST = 4
_NAMESPACES = ("lightning", "pytorch_lightning")


def check_batch(record: Record, probe: Probe, device: Device) -> None:
    """Judge the first batch; what was not reached is left out."""
    if probe.module is None or not record.reached("first batch"):
        return
    if record.reached("forward"):
        _check_loss(record, probe, device)
    if probe.batches:
        _check_closure(record, probe)
        _check_steps(record, probe)
    if probe.gradients:
        # Before the parameters, which it explains.
        _check_gradients(record, probe)
    if probe.batches:
        _check_parameters(record, probe, device)


def _check_loss(record: Record, probe: Probe, device: Device) -> None:
    loss = probe.loss
    if loss is None or not hasattr(loss, "requires_grad"):
        if probe.automatic:
            record.check("loss", False, f"training_step{probe.where} returned {_what(loss, probe)}")
        return
    value = loss.detach()
    if not bool(value.isfinite().all()):
        record.check("loss", False, f"the loss is {value.cpu().tolist()}")
    elif probe.automatic and not loss.requires_grad:
        record.check("loss", False, f"the loss of training_step{probe.where} requires no grad")
    else:
        record.check("loss", True, f"the loss is {value.cpu().tolist()}")
    record.check("device", value.device.type == device.type, f"the loss is on {value.device}")


def _check_closure(record: Record, probe: Probe) -> None:
    if probe.calls == 0:
        record.check("closure", False, "training_step was not called")
    elif probe.automatic:
        ran = "the closure ran" if probe.backward else "the closure ran no backward pass"
        record.check("closure", probe.backward, ran)


def _check_steps(record: Record, probe: Probe) -> None:
    taken = sum(probe.steps.values())
    most = max(probe.steps.values(), default=0)
    if probe.automatic:
        record.check(
            "optimizer step",
            taken >= 1 and most == 1,
            f"{most} optimizer steps for one batch" if most != 1 else "one step",
        )
    else:
        record.check("optimizer step", taken >= 1, f"{taken} steps, manual optimization")


def _check_parameters(record: Record, probe: Probe, device: Device) -> None:
    if probe.changed:
        record.check("parameters", True, f"{len(probe.changed)} changed")
    elif probe.unchanged:
        rates = ", ".join(f"{rate:g}" for rate in sorted(set(probe.rates))) or "none"
        record.check(
            "parameters",
            False,
            f"no trainable parameter changed: {_some(probe.unchanged)} (learning rate {rates})",
        )
    else:
        record.check("parameters", False, "the module has no trainable parameter")
    wrong = sorted(place for place in probe.devices if place.partition(":")[0] != device.type)
    record.check(
        "device",
        not wrong,
        f"parameters on {', '.join(wrong)}" if wrong else f"parameters and loss on {device}",
    )


def _check_gradients(record: Record, probe: Probe) -> None:
    by_state: dict[str, list[str]] = {}
    for name, state in probe.gradients.items():
        by_state.setdefault(state, []).append(name)
    if "not finite" in by_state:
        record.check("gradients", False, f"not finite: {_some(by_state['not finite'])}")
    elif "flows" not in by_state:
        state = "zero" if "zero" in by_state else "none"
        record.check("gradients", False, f"all gradients are {state}: {_some(by_state[state])}")
    else:
        still = by_state.get("none", []) + by_state.get("zero", [])
        record.check("gradients", True, f"none for {_some(still)}" if still else "all flow")


def check_loaders(record: Record, torch: Any, label: str, loaders: Any) -> None:
    """A raw Dataset in the place of a loader yields single samples, and mostly no error.

    ``label`` names the place, as in ``train_dataloaders at train.py:30``.
    """
    for leaf in leaves(loaders):
        kind = type(leaf).__name__
        raw = isinstance(leaf, torch.utils.data.Dataset) and "loader" not in kind.lower()
        if raw:
            record.check(
                "loader",
                False,
                f"a raw Dataset, {kind}, is given as {label}: a DataLoader has to batch it",
            )
        elif leaf is not None:
            record.check("loader", True, kind)


def leaves(value: Any, depth: int = 0) -> Iterator[Any]:
    """The loaders in any nest of lists, dicts and combined loaders."""
    inner = value
    for name in ("iterables", "loaders"):
        if type(value).__name__ == "CombinedLoader" and hasattr(value, name):
            inner = getattr(value, name)
            break
    if depth < _DEEPEST and isinstance(inner, Mapping):
        inner = list(inner.values())
    if depth < _DEEPEST and isinstance(inner, (list, tuple)):
        for item in inner:
            yield from leaves(item, depth + 1)
    else:
        yield inner


def check_namespace(record: Record, places: Places) -> None:
    """Classes of `lightning` and `pytorch_lightning` do not know each other."""
    users: dict[str, str] = {}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if not isinstance(path, str) or not places.is_project(path):
            continue
        for value in list(vars(module).values()):
            for name in _origins(value):
                users.setdefault(name, places.shown(path))
    seen = " and ".join(f"{name} in {users[name]}" for name in _NAMESPACES if name in users)
    mixed = len(users) == len(_NAMESPACES)
    record.check("namespace", not mixed, f"{seen}: they do not mix" if mixed else seen)


def _origins(value: Any) -> set[str]:
    """The Lightning packages that a name of a module's globals comes from."""
    names = [str(getattr(value, "__module__", None) or getattr(value, "__name__", ""))]
    if isinstance(value, type):
        names.extend(parent.__module__ for parent in value.__mro__)
    return {name.partition(".")[0] for name in names}.intersection(_NAMESPACES)


def _what(loss: Any, probe: Probe) -> str:
    if isinstance(probe.output, Mapping):
        return f"a dict without a loss tensor (keys: {_some(sorted(map(str, probe.output)))})"
    return "None" if loss is None else f"{type(loss).__name__}, not a tensor"


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"
