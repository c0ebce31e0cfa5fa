"""What ``fit`` trains on: the script's own loaders, or ones with a batch that stands for them."""

from __future__ import annotations

import copy
import functools
import importlib
import inspect
from typing import Any, Dict, List, Mapping, Sequence

from .blame import LIGHTNING, judge
from .first import FirstBatch
from .places import Places
from .record import NOT_VERIFIABLE, USAGE, Record, Stop
from .synthetic import SpecError, batch_of

_NOTHING = (
    "there is nothing to make a batch of, since {0} has no example_input_array: say what a batch"
    " is with --batch 'float32[4,10], int64[4] < 2' or --batch package.module:function, or in"
    " [tool.lfix.verify] of pyproject.toml, or record one where the data is, with --record"
)


class Batches:
    """A dataset that gives one batch over and over, whatever training does to it."""

    def __init__(self, batch: Any, length: int) -> None:
        self._batch = batch
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> Any:
        if index >= self._length:
            raise IndexError(index)
        return _copied(self._batch)


class Supply:
    """Gives ``fit`` its data, and keeps the first batch where that is asked for.

    ``request["data"]`` says where the batch comes from: its ``kind`` is ``own``, ``spec``,
    ``factory``, ``file`` or ``example``, ``value`` what that kind needs, and ``told`` the words for
    the report.
    """

    def __init__(self, record: Record, places: Places, request: Mapping[str, Any]) -> None:
        self._record = record
        self._places = places
        self._data = request["data"]
        self._length = max(2, request["batches"]) * request["devices"]
        self._validates = bool(request["target"])
        self._first = FirstBatch(record, request["record"]) if request["record"] else None
        record.facts["data"] = self._data["told"]

    @property
    def beside(self) -> str:
        """What is to be said of a step that did not train on the script's own data."""
        made = {"own": "", "file": ", on a recorded batch", "factory": ", on data of a factory"}
        return made.get(self._data["kind"], ", on data that is made up")

    @property
    def guessed(self) -> bool:
        """Whether nobody said that the module takes such a batch."""
        return bool(self._data["kind"] == "example")

    def settle(self, given: Dict[str, Any], names: Sequence[str]) -> Dict[str, Any]:
        """The arguments of ``fit``, by name, with the data that is to be used.

        ``names`` are the parameters that the installed release has. Hooks of the module and of a
        datamodule that would fetch data are put to rest.

        Raises:
            Stop: there is no such batch.
        """
        datamodule = next((v for v in given.values() if _is_datamodule(v)), None)
        module = given.get("model")
        if self._data["kind"] == "own":
            if self._first is not None:
                self._first.listen(module, datamodule, given)
            return given
        torch = importlib.import_module("torch")
        loaders = [name for name in names if "dataloader" in name]
        validation = self._validation(module, datamodule, given)
        train = self._loader(torch, module)
        kept = {name: value for name, value in given.items() if name not in loaders}
        if module is not None and _own(module, "prepare_data"):
            module.prepare_data = _nothing
        if datamodule is not None:
            self._replace_hooks(datamodule, train, [train] * validation)
            return {**kept, "datamodule": datamodule}
        name = "train_dataloaders" if "train_dataloaders" in names else "train_dataloader"
        kept[name] = train
        if validation:
            kept["val_dataloaders"] = [train] * validation if validation > 1 else train
        return kept

    def _validation(self, module: Any, datamodule: Any, given: Mapping[str, Any]) -> int:
        """How many loaders to validate on."""
        if not _own(module, "validation_step"):
            return 0
        value = given.get("val_dataloaders")
        hooked = any(_own(part, "val_dataloader") for part in (module, datamodule))
        if value is None and not hooked and not self._validates:
            return 0
        if isinstance(value, (list, tuple)):
            return len(value)
        index = inspect.signature(module.validation_step).parameters.get("dataloader_idx")
        return 2 if index is not None and index.default is index.empty else 1

    def _replace_hooks(self, datamodule: Any, train: Any, validation: List[Any]) -> None:
        datamodule.prepare_data = _nothing
        datamodule.train_dataloader = lambda: train
        if validation:
            datamodule.val_dataloader = lambda: validation if len(validation) > 1 else train
        original = datamodule.setup

        @functools.wraps(original)
        def setup(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - its data is not used
                said = " ".join(str(error).split())
                self._record.add(
                    "notes",
                    f"{type(datamodule).__name__}.setup fails, and its data is not used:"
                    f" {type(error).__name__}: {said}",
                )

        datamodule.setup = setup

    def _loader(self, torch: Any, module: Any) -> Any:
        made = self._made(torch, module)
        if isinstance(made, torch.utils.data.DataLoader) or _is_combined(made):
            return made
        rows = Batches(made, self._length)
        return torch.utils.data.DataLoader(rows, batch_size=None, collate_fn=_as_it_is)

    def _made(self, torch: Any, module: Any) -> Any:
        kind, value = self._data["kind"], self._data["value"]
        if kind == "spec":
            try:
                return batch_of(torch, value)
            except SpecError as error:
                self._record.stop(USAGE, str(error))
        if kind == "factory":
            return self._called(value)
        if kind == "file":
            return self._loaded(torch, value)
        batch = getattr(module, "example_input_array", None)
        if batch is None:
            self._record.stop(NOT_VERIFIABLE, _NOTHING.format(type(module).__name__))
        return batch

    def _called(self, factory: str) -> Any:
        home, _, name = factory.partition(":")
        try:
            function: Any = getattr(importlib.import_module(home), name, None)
            if not callable(function):
                self._record.stop(USAGE, f"{home} has no function {name}")
            return function()
        except Stop:
            raise
        except Exception as error:  # noqa: BLE001 - it is the project's, and no training
            verdict = judge(error, self._record, self._places)
            reason = f"{factory} gives no batch: {verdict.reason}"
            self._record.stop(NOT_VERIFIABLE, reason, verdict.error)

    def _loaded(self, torch: Any, path: str) -> Any:
        """A recorded batch, without running what a pickle says unless it is our own recording."""
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # noqa: BLE001 - torch raises what it likes
            if not self._data["trusted"]:
                said = " ".join(str(error).split())[:200]
                self._record.stop(
                    NOT_VERIFIABLE,
                    f"{self._data['told']} cannot be read without running code that is in it"
                    f" ({type(error).__name__}: {said}); give --batch package.module:function",
                )
        self._record.add("notes", "the batch holds objects beside tensors: it is unpickled")
        try:
            return torch.load(path, map_location="cpu", weights_only=False)
        except Exception as error:  # noqa: BLE001 - classes may have moved since
            said = " ".join(str(error).split())[:200]
            self._record.stop(
                NOT_VERIFIABLE,
                f"the recorded batch cannot be read ({type(error).__name__}: {said}); record it"
                " again with --record",
            )


def _own(part: Any, name: str) -> bool:
    """Whether the project, and not Lightning, defines a method."""
    holder = next((c for c in type(part).__mro__ if name in vars(c)), None)
    return holder is not None and holder.__module__.partition(".")[0] not in LIGHTNING


def _is_datamodule(value: Any) -> bool:
    return any(cls.__name__ == "LightningDataModule" for cls in type(value).__mro__)


def _is_combined(value: Any) -> bool:
    return any(cls.__name__ == "CombinedLoader" for cls in type(value).__mro__)


def _nothing(*_: Any, **__: Any) -> None:
    """Stand for a hook that fetches data."""


def _as_it_is(batch: Any) -> Any:
    return batch


def _copied(batch: Any) -> Any:
    try:
        return copy.deepcopy(batch)
    except Exception:  # noqa: BLE001 - what cannot be copied is handed over itself
        return batch
