"""What a run of one batch can tell of the rest: metrics that are watched, parameters left alone."""

from __future__ import annotations

from typing import Any, Iterable, Iterator, List, Mapping, Sequence, Tuple

from .record import Record

#: A gradient above this is told: the next step may leave the numbers.
_HUGE = 1e6
_NAMED = 4
_DEEPEST = 4

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


def look_at_types(record: Record, torch: Any, module: Any, given: Any) -> None:
    """Note what an MPS device refuses; where the run is on one, torch says so itself."""
    wide = torch.float64
    names = [name for name, p in module.named_parameters() if p.dtype is wide]
    if names:
        record.add("notes", f"float64, which no MPS device has: {_some(names)}")
    if any(tensor.dtype is wide for tensor in _tensors(torch, given)):
        record.add("notes", "the batch holds float64, which no MPS device has")


def look_at_validation(record: Record, given: Mapping[str, Any]) -> None:
    """Note data to validate on where the module has no step for it; ``given`` are those of fit."""
    model = given.get("model")
    holders = (given.get("datamodule"), given.get("train_dataloaders"), model)
    has_data = given.get("val_dataloaders") is not None or any(
        _is_own(holder, "val_dataloader") for holder in holders
    )
    if model is not None and has_data and not _is_own(model, "validation_step"):
        name = type(model).__name__
        record.add(
            "notes", f"{name} has no validation_step: its validation data is never looked at"
        )


def look_at_last_batch(record: Record, torch: Any, module: Any, loaders: Iterable[Any]) -> None:
    """Note a last batch of one row before a layer that cannot take its average."""
    kind = torch.nn.BatchNorm1d
    layers = [name for name, part in module.named_modules() if isinstance(part, kind)]
    for loader in loaders:
        size: Any = getattr(loader, "batch_size", None)
        sampler: Any = getattr(loader, "sampler", None)
        if not layers or not isinstance(size, int) or not hasattr(sampler, "__len__"):
            continue
        rows = len(sampler)
        if size > 1 and rows % size == 1 and not getattr(loader, "drop_last", False):
            record.add(
                "notes",
                f"the last batch has one row ({rows} by {size}), of which {_some(layers)} "
                "(BatchNorm1d) has no average: pass drop_last=True",
            )


def _is_own(holder: Any, name: str) -> bool:
    """Whether a module or datamodule defines a hook itself, or a class of the project for it."""
    if name in getattr(holder, "__dict__", {}):
        return True
    for parent in type(holder).__mro__:
        if name in vars(parent):
            return not parent.__module__.startswith(("lightning.", "pytorch_lightning."))
    return False


def _tensors(torch: Any, value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        yield value
    inner = value.values() if isinstance(value, Mapping) else value
    if depth < _DEEPEST and isinstance(value, (list, tuple, Mapping)):
        for item in inner:
            yield from _tensors(torch, item, depth + 1)


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
