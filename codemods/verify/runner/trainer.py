"""Takes over the installed Trainer: one batch on the target device, then the verdict."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from types import ModuleType
from typing import Any, Callable, Mapping, NoReturn, Optional

from .arguments import accepts, one_step
from .blame import judge
from .checks import check_batch, check_loaders, check_namespace, leaves
from .device import Device, DeviceAbsent, find_device, gpu_peak
from .hooks import check_hooks
from .old import settle_enums
from .places import Line, Places
from .precision import PrecisionAbsent, with_precision
from .probe import Probe, make_callback
from .record import FAILED, NOT_VERIFIABLE, VERIFIED, Record, Stop
from .recording import Recording, weights
from .supply import Supply
from .watched import check_monitors, look_at_last_batch, look_at_validation, monitors

# Checks that hold before the first batch, and whose failure is the cause of what comes later.
_EXPLAINING = ("loader", "hooks")
_UNTRAINED = "Trainer.fit came back without training a batch"
_NOTHING = (
    ": the batch is None, which Lightning skips; what its collate function gives, and what"
    " transfer_batch_to_device returns, has to be the batch"
)
_EVALUATIONS = ("validate", "test", "predict")


class Training:
    """One verification: the first ``fit`` of the script decides."""

    def __init__(
        self, record: Record, places: Places, folder: str, request: Mapping[str, Any]
    ) -> None:
        self._record = record
        self._places = places
        self._choice = request["device"]
        self._together = (request["devices"], request["strategy"])
        self._precision = request["precision"]
        self._supply = Supply(record, places, request)
        self._folder = folder
        self._recorded = request["batches"]
        self._hooks = request["hooks"]
        self._recording: Optional[Recording] = None
        self._depth = 0
        self._building: set[int] = set()
        self._probe: Probe | None = None
        self._device = Device("cpu")
        self._called_at: Line | None = None
        self.refused: BaseException | None = None
        self.evaluated: list[str] = []

    def patch(self, module: ModuleType, namespace: str) -> None:
        """Wrap the methods of ``module.Trainer`` in place, so that every alias sees them."""
        cls: Any = module.__dict__["Trainer"]
        self._record.reach("imported")
        root = sys.modules[namespace.partition(".")[0]]
        self._record.facts["versions"][root.__name__] = getattr(root, "__version__", None)
        settle_enums(namespace)
        if self._recorded:
            torch = importlib.import_module("torch")
            self._recording = Recording(
                self._record, self._places, torch, self._recorded, self._hooks
            )
            self._recording.prepare()
        cls.__init__ = self._wrap_init(cls, namespace)
        cls.fit = self._wrap_fit(cls.fit, namespace)
        for name in _EVALUATIONS:
            if hasattr(cls, name):
                setattr(cls, name, self._wrap_evaluation(name, getattr(cls, name)))

    def _wrap_init(self, cls: Any, namespace: str) -> Callable[..., None]:
        original = cls.__init__
        signature = inspect.signature(original)
        defaults = {name: p.default for name, p in signature.parameters.items() if name != "self"}

        @functools.wraps(original)
        def init(trainer: Any, *args: Any, **kwargs: Any) -> None:
            if id(trainer) in self._building:
                original(trainer, *args, **kwargs)
                return
            self._leave_if_finished()
            self._find_device()
            self._building.add(id(trainer))
            try:
                given = _bound(signature, original, trainer, args, kwargs)
                del given["self"]
                absent = accepts(self._unwatched(original), cls, given)
                if absent is not None:
                    told = " ".join(str(absent).split())
                    self._record.add("notes", f"the script's own devices: {told}")
                given = self._precise(given, namespace)
                arguments, notes = one_step(
                    given,
                    defaults,
                    self._device,
                    namespace,
                    self._folder,
                    max(1, self._recorded),
                    self._together,
                )
                for note in notes:
                    self._record.add("notes", note)
                trainer.__dict__["_lfix_monitors"] = monitors(given.get("callbacks"))
                self._hear(arguments.get("callbacks"))
                original(trainer, **arguments)
            except Exception as error:
                self.refused = error
                raise
            finally:
                self._building.discard(id(trainer))
            self._add_probe(trainer, namespace)
            self._record.reach("trainer built")

        return init

    def _hear(self, things: Any) -> None:
        """Where calls of hooks are recorded, those of some things."""
        if self._recording is not None:
            self._recording.watch(*(things if isinstance(things, (list, tuple)) else [things]))

    def _unwatched(self, original: Callable[..., None]) -> Callable[..., None]:
        def build(trainer: Any, **given: Any) -> None:
            self._building.add(id(trainer))
            try:
                original(trainer, **given)
            finally:
                self._building.discard(id(trainer))

        return build

    def _precise(self, given: dict[str, Any], namespace: str) -> dict[str, Any]:
        """The arguments with the precision that was asked for, which counts over the script's."""
        if not self._precision:
            return given
        release = str(sys.modules[namespace.partition(".")[0]].__dict__["__version__"])
        try:
            wanted, told = with_precision(given, self._precision, self._device.kind, release)
        except PrecisionAbsent as error:
            self._record.stop(NOT_VERIFIABLE, str(error))
        self._record.add("notes", told)
        return wanted

    def _find_device(self) -> None:
        torch = importlib.import_module("torch")
        self._record.facts["versions"]["torch"] = str(torch.__version__)
        try:
            self._device = find_device(torch, self._choice)
        except DeviceAbsent as error:
            self._record.stop(NOT_VERIFIABLE, f"device {self._choice} is absent: {error}")
        self._record.facts["device"] = str(self._device)

    def _add_probe(self, trainer: Any, namespace: str) -> None:
        torch = importlib.import_module("torch")
        base = importlib.import_module(f"{namespace}.callbacks").__dict__["Callback"]
        if self._recording is not None:
            trainer.callbacks.insert(0, self._recording.opening(base))
            trainer.callbacks.append(self._recording.callback(base))
            return
        probe = Probe(self._record, self._places, torch, self._device.kind == "cpu")
        trainer.callbacks.append(make_callback(base, probe, self._check_resolved_loaders))
        trainer.__dict__["_lfix_probe"] = probe

    def _wrap_fit(self, original: Callable[..., Any], namespace: str) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def fit(trainer: Any, *args: Any, **kwargs: Any) -> None:
            if self._depth or _called_by_tuner():
                original(trainer, *args, **kwargs)
                return
            self._leave_if_finished()
            self._record.reach("fit entered")
            self._called_at = self._places.user_line()
            for callback in trainer.callbacks:
                check_hooks(self._record, self._places, namespace, callback)
            self._probe = trainer.__dict__.get("_lfix_probe")
            self._depth += 1
            try:
                given = _bound(signature, original, trainer, args, kwargs)
                given.pop("ckpt_path", None)
                check_hooks(self._record, self._places, namespace, given.get("model"))
                self._check_given_loaders(given)
                self._hear([*given.values(), *trainer.callbacks])
                look_at_validation(self._record, given)
                original(**self._supply.settle(given, tuple(signature.parameters)))
            except Stop:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever ends it is the finding
                self._fail(error)
            finally:
                self._depth -= 1
            self._conclude(trainer)

        return fit

    def _wrap_evaluation(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        signature = inspect.signature(original)

        @functools.wraps(original)
        def evaluate(trainer: Any, *args: Any, **kwargs: Any) -> Any:
            if self._depth:
                return original(trainer, *args, **kwargs)
            self._leave_if_finished()
            self._called_at = self._places.user_line()
            self._depth += 1
            try:
                given = _bound(signature, original, trainer, args, kwargs)
                given.pop("ckpt_path", None)
                self._check_given_loaders(given)
                result = original(**given)
                self.evaluated.append(name)
            except Stop:
                raise
            except BaseException as error:  # noqa: BLE001 - whatever ends it is the finding
                self._fail(error)
            finally:
                self._depth -= 1
            return result

        return evaluate

    def _check_given_loaders(self, given: dict[str, Any]) -> None:
        torch = importlib.import_module("torch")
        line = self._places.user_line()
        for name, value in given.items():
            if "dataloader" in name or name == "datamodule":
                label = f"{name} at {line}" if line else name
                check_loaders(self._record, torch, label, value)

    def _check_resolved_loaders(self, trainer: Any) -> None:
        torch = importlib.import_module("torch")
        for name in ("train_dataloader", "val_dataloaders"):
            check_loaders(self._record, torch, name, getattr(trainer, name, None))

    def _fail(self, error: BaseException) -> NoReturn:
        """The verdict on an error; a failing check that explains it comes first."""
        self._check_all()
        verdict = judge(error, self._record, self._places, self._called_at)
        for name in _EXPLAINING:
            holds, detail = self._record.checks.get(name, (True, ""))
            if not holds:
                self._record.stop(FAILED, f"{detail} ({verdict.reason})", verdict.error)
        trying = self._record.reached("first batch") and not self._record.reached("forward")
        if self._supply.guessed and trying:
            reason = f"{verdict.reason}; its data was a guess, so say what a batch is with --batch"
            self._record.stop(NOT_VERIFIABLE, reason, verdict.error)
        self._record.stop(verdict.status, verdict.reason, verdict.error)

    def _conclude(self, trainer: Any) -> NoReturn:
        """The verdict after a ``fit`` that came back."""
        if self._recording is not None:
            self._keep_recording(trainer, self._recording)
        self._check_resolved_loaders(trainer)
        self._check_all()
        metrics: dict[str, Any] = dict(getattr(trainer, "callback_metrics", {}))
        metrics.update(getattr(trainer, "logged_metrics", {}))
        self._record.facts["logged"] = sorted(metrics)
        if self._together[0] > 1 and self._probe is not None and self._probe.module is not None:
            self._record.facts["weights"] = weights(self._probe.module)
        check_monitors(self._record, trainer.__dict__.get("_lfix_monitors", []), metrics)
        if self._probe is None or not self._probe.batches:
            skipped = self._probe is not None and self._probe.skipped
            self._record.stop(FAILED, _UNTRAINED + (_NOTHING if skipped else ""))
        self._record.reach("hooks")
        look_at_last_batch(
            self._record,
            importlib.import_module("torch"),
            self._probe.module,
            leaves(getattr(trainer, "train_dataloader", None)),
        )
        self._record.facts["gpu_peak_mb"] = gpu_peak(importlib.import_module("torch"), self._device)
        failing = [text for holds, text in self._record.checks.values() if not holds]
        if failing:
            self._record.stop(FAILED, failing[0])
        self._record.stop(VERIFIED, f"one training step on {self._device}{self._supply.beside}")

    def _keep_recording(self, trainer: Any, recording: Recording) -> NoReturn:
        module = getattr(trainer, "lightning_module", None) or trainer.model
        recording.end(trainer, module)
        if not recording.trained:
            self._record.stop(FAILED, _UNTRAINED)
        self._record.reach("hooks")
        self._record.stop(VERIFIED, f"{recording.batches} batches recorded on {self._device}")

    def _check_all(self) -> None:
        check_namespace(self._record, self._places)
        if self._probe is not None:
            check_batch(self._record, self._probe, self._device)

    def _leave_if_finished(self) -> None:
        if self._record.finished:
            raise Stop


def _bound(
    signature: inspect.Signature,
    original: Callable[..., Any],
    trainer: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> dict[str, Any]:
    """The arguments by name; where they do not fit, Lightning's own function says so."""
    refused = None
    try:
        return dict(signature.bind(trainer, *args, **kwargs).arguments)
    except TypeError as error:
        refused = error
    original(trainer, *args, **kwargs)
    raise refused


def _called_by_tuner() -> bool:
    """Whether a search for a learning rate or a batch size fits: a rehearsal, not the training."""
    caller = sys._getframe(2)  # noqa: SLF001
    return ".tuner" in caller.f_globals.get("__name__", "")
