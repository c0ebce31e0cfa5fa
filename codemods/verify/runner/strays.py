"""Tensors that a step makes without a device: on the CPU they meet the batch, on a GPU they fail.

A run on the CPU cannot fail of them, so they are followed from where they are made to where they
meet a tensor of the batch or of the module. Moving them (``to``, ``type_as``) on the way is fine.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any, Iterator, List, Optional

from .places import Line, Places, own
from .record import Record

_MAKERS = (
    *("arange", "as_tensor", "bernoulli", "empty", "eye", "full", "linspace", "logspace", "normal"),
    *("ones", "rand", "randint", "randn", "randperm", "tensor", "tril_indices", "triu_indices"),
    "zeros",
)
# A tensor on the CPU may index one on a GPU, and be copied from and to it.
_FREE = ("__getitem__", "__setitem__", "copy_", "index_put_", "index_put", "set_")
_MOVES = ("to", "type_as", "cuda", "mps", "xpu")
_MADE = "_lfix_made_at"
_DEEPEST = 2


def watching(torch: Any, module: Any, record: Record, places: Places) -> Any:
    """A context that notes the first such tensor; one that does nothing where torch is too old.

    Compiled modules are left alone: a mode of functions would be compiled into them.
    """
    base: Any = getattr(getattr(torch, "overrides", None), "TorchFunctionMode", None)
    if base is None or not hasattr(torch, "_dynamo") or _is_compiled(module):
        return contextlib.nullcontext()
    makers = {id(getattr(torch, name)) for name in _MAKERS if hasattr(torch, name)}

    def follow(_: Any, function: Any, __: Any, args: Any = (), kwargs: Any = None) -> Any:
        given = kwargs or {}
        result = function(*args, **given)
        if id(function) in makers:
            line = _caller(places)
            if line is not None and given.get("device") is None:
                setattr(result, _MADE, str(line))
            return result
        name = getattr(function, "__name__", "")
        tensors = list(_tensors(torch, (args, given)))
        made = [tensor for tensor in tensors if hasattr(tensor, _MADE)]
        if not made:
            return result
        if name in _MOVES and _moves(torch, name, args[1:], given):
            if hasattr(result, _MADE):
                delattr(result, _MADE)
            return result
        sized = [tensor for tensor in tensors if tensor.dim()]
        meets = any(hasattr(t, _MADE) for t in sized) and any(not hasattr(t, _MADE) for t in sized)
        if name not in _FREE and meets:
            _note(record, made[0], _caller(places))
        elif len(made) == len(tensors):
            for tensor in _tensors(torch, result):
                setattr(tensor, _MADE, getattr(made[0], _MADE))
        return result

    return type("Following", (base,), {"__torch_function__": follow})()


def _note(record: Record, made: Any, met: Optional[Line]) -> None:
    at = getattr(made, _MADE)
    where = f" at {met}" if met is not None and str(met) != at else ""
    record.add(
        "notes",
        f"a tensor made without device= at {at} meets one of the batch or the module{where}: on "
        "any device but the CPU that is an error; make it with device=self.device",
    )


def _moves(torch: Any, name: str, args: Any, kwargs: Any) -> bool:
    """Whether the call names a device, or a tensor to follow."""
    if name != "to":
        return True
    kinds = (str, torch.device, torch.Tensor, int)
    named = [value for value in args if isinstance(value, kinds) and not isinstance(value, bool)]
    return bool(named) or "device" in kwargs or "other" in kwargs


def _caller(places: Places) -> Optional[Line]:
    """The line of the project that calls torch, not that of a library in between."""
    frame: Any = sys._getframe(1)  # noqa: SLF001
    while frame is not None:
        path = frame.f_code.co_filename
        if not own(path) and not path.replace("\\", "/").endswith("torch/overrides.py"):
            line = Line(places.shown(path), frame.f_lineno)
            return line if places.is_project(path) else None
        frame = frame.f_back
    return None


def _tensors(torch: Any, value: Any, depth: int = 0) -> Iterator[Any]:
    if isinstance(value, torch.Tensor):
        yield value
        return
    inner: List[Any] = []
    if isinstance(value, (list, tuple)):
        inner = list(value)
    elif isinstance(value, dict):
        inner = list(value.values())
    for item in inner if depth <= _DEEPEST else ():
        for tensor in _tensors(torch, item, depth + 1):
            yield tensor


def _is_compiled(module: Any) -> bool:
    if getattr(module, "_compiler_ctx", None) is not None:
        return True
    return any(
        type(part).__name__ == "OptimizedModule"
        or getattr(part, "_compiled_call_impl", None) is not None
        for part in module.modules()
    )
