"""What a run of one batch can tell of the rest: metrics that are watched, parameters left alone."""

from __future__ import annotations

from typing import Any, Iterable, List, Mapping, Sequence, Tuple

from .record import Record

#: A gradient above this is told: the next step may leave the numbers.
_HUGE = 1e6
_NAMED = 4

Monitors = List[Tuple[str, str]]


def monitors(callbacks: Any) -> Monitors:
    """Which callbacks watch which metric, before any of them is left out of the run."""
    listed = callbacks if isinstance(callbacks, (list, tuple)) else [callbacks]
    found = []
    for callback in listed:
        key = getattr(callback, "monitor", None)
        if isinstance(key, str):
            found.append((type(callback).__name__, key))
    return found


def check_monitors(record: Record, watched: Monitors, metrics: Mapping[str, Any]) -> None:
    """A metric that a callback watches has to be logged in an epoch with validation.

    Without a validation batch nothing is said: the metric may come from one.
    """
    for who, key in watched:
        if key in metrics:
            record.check("monitor", True, f"{who} finds {key}")
        elif record.reached("validation batch"):
            logged = ", ".join(sorted(metrics)) or "nothing"
            record.check("monitor", False, f"{who} watches {key}, and logged is {logged}")


def look_at_parameters(record: Record, module: Any, optimizers: Sequence[Any]) -> None:
    """Note parameters that train nowhere, and optimizers that hold what is frozen."""
    held = {id(p) for o in optimizers for group in o.param_groups for p in group["params"]}
    named = list(module.named_parameters())
    left_out = [name for name, p in named if p.requires_grad and id(p) not in held]
    frozen = [name for name, p in named if not p.requires_grad and id(p) in held]
    if left_out and held:
        record.add("notes", f"in no optimizer: {_some(left_out)}")
    if frozen:
        record.add("notes", f"frozen, and in an optimizer: {_some(frozen)}")


def look_at_gradients(record: Record, gradients: Iterable[Tuple[str, float]]) -> None:
    """Note gradients that have exploded."""
    for name, greatest in gradients:
        if greatest > _HUGE:
            record.add("notes", f"the gradient of {name} reaches {greatest:.1e}")


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
