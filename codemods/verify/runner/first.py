"""Keeps the first batch that the script's own training loaders deliver."""

from __future__ import annotations

import copy
import functools
import importlib
import types
from typing import Any, Callable, Dict, List, Mapping, Optional

from .record import Record

#: A loader that has delivered nothing yet.
_NOT_YET = object()
_COMBINED = ("iterables", "loaders")


class FirstBatch:
    """Hears what loaders deliver, in their own class, so that Lightning may build them anew.

    Several loaders train on their batches put together as the loaders are: a list of loaders gives
    a list of batches, a dict of them a dict.
    """

    def __init__(self, record: Record, path: str) -> None:
        self._record = record
        self._path = path
        self._heard: List[Any] = []
        self._shape: Optional[Callable[[], Any]] = None
        self._module: Any = None
        self._done = False

    def listen(self, module: Any, datamodule: Any, given: Mapping[str, Any]) -> None:
        """Hear the training loaders in the arguments of ``fit``, or what the hooks give."""
        self._module = module
        for name in ("train_dataloaders", "train_dataloader"):
            if given.get(name) is not None and given[name] is not datamodule:
                self._hear(given[name])
        for holder in (module, datamodule):
            hook = getattr(holder, "train_dataloader", None)
            if callable(hook):
                holder.train_dataloader = self._hooked(hook)

    def _hooked(self, hook: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(hook)
        def train_dataloader(*args: Any, **kwargs: Any) -> Any:
            loaders = hook(*args, **kwargs)
            if loaders is not None:
                self._hear(loaders)
            return loaders

        return train_dataloader

    def _hear(self, loaders: Any) -> None:
        if self._shape is None:
            self._shape = self._parts(loaders)

    def _parts(self, loaders: Any) -> Callable[[], Any]:
        """Listens to each loader; gives a function that puts their batches together."""
        if isinstance(loaders, dict):
            named = {name: self._parts(part) for name, part in loaders.items()}
            return lambda: {name: part() for name, part in named.items()}
        if isinstance(loaders, (list, tuple)):
            listed = [self._parts(part) for part in loaders]
            return lambda: [part() for part in listed]
        inner = next((name for name in _COMBINED if hasattr(loaders, name)), None)
        if inner is not None and type(loaders).__name__ == "CombinedLoader":
            return self._parts(getattr(loaders, inner))
        place = len(self._heard)
        self._heard.append(_NOT_YET)
        self._attach(loaders, place)
        return lambda: self._heard[place]

    def _attach(self, loader: Any, place: int) -> None:
        def deliver(original: Any) -> Any:
            for batch in original:
                self._take(place, batch)
                yield batch

        cls = type(loader)

        def iterate(itself: Any) -> Any:
            return deliver(cls.__iter__(itself))

        def fill(body: Dict[str, Any]) -> None:
            body.update(__iter__=iterate, __module__=cls.__module__)

        if not hasattr(cls, "__iter__") or not _become(loader, cls, fill):
            self._record.add(
                "notes", f"no batch is recorded: a {cls.__name__} as loader cannot be listened to"
            )

    def _take(self, place: int, batch: Any) -> None:
        if self._done or self._heard[place] is not _NOT_YET:
            return
        try:
            self._heard[place] = copy.deepcopy(batch)
        except Exception:  # noqa: BLE001 - what cannot be copied is kept as training leaves it
            self._heard[place] = batch
        if any(heard is _NOT_YET for heard in self._heard) or self._shape is None:
            return
        self._done = True
        self._keep(self._shape())

    def _keep(self, batch: Any) -> None:
        torch = importlib.import_module("torch")
        try:
            torch.save(batch, self._path)
        except Exception as error:  # noqa: BLE001 - a batch may hold anything
            said = " ".join(str(error).split())[:200]
            self._record.add(
                "notes",
                f"no batch is recorded: it cannot be saved ({type(error).__name__}: {said})",
            )
            return
        cls = type(self._module)
        self._record.facts["first_batch"] = {
            "shape": described(batch),
            "module": f"{cls.__module__}:{cls.__qualname__}",
            "plain": _is_plain(torch, self._path),
        }


def _become(loader: Any, cls: Any, fill: Callable[[Dict[str, Any]], None]) -> bool:
    """Give an object a class below its own; False for those of Python itself, which allow none."""
    try:
        loader.__class__ = types.new_class(cls.__name__, (cls,), exec_body=fill)
    except (TypeError, AttributeError):
        return False
    return True


def described(batch: Any) -> str:
    """A batch in the words of ``--batch``, where it has words for it."""
    if isinstance(batch, Mapping):
        return "{" + ", ".join(f"{k}: {described(v)}" for k, v in batch.items()) + "}"
    if hasattr(batch, "dtype") and hasattr(batch, "shape"):
        sizes = ",".join(str(size) for size in batch.shape)
        return f"{str(batch.dtype).rpartition('.')[2]}[{sizes}]"
    if isinstance(batch, (list, tuple)) and len(batch) <= 8:  # noqa: PLR2004 - still readable
        return "[" + ", ".join(described(part) for part in batch) + "]"
    return type(batch).__name__


def _is_plain(torch: Any, path: str) -> bool:
    """Whether the file can be read without running what it says."""
    try:
        torch.load(path, weights_only=True)
    except Exception:  # noqa: BLE001 - torch raises what it likes
        return False
    return True
