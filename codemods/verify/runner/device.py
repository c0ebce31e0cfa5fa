"""Which device the step has to run on, and whether this machine has it.

Decided by the torch of the project's interpreter, when the first Trainer is built: earlier would
fix CUDA_VISIBLE_DEVICES before the script could set it.
"""

from __future__ import annotations

import importlib
import re
from typing import Any, NamedTuple

_CHOICE = re.compile(r"auto|cpu|mps|tpu|cuda(:\d+)?")


class Device(NamedTuple):
    """A device: ``kind`` is cpu, cuda, mps or tpu, ``number`` counts from 0."""

    kind: str
    number: int = 0

    @property
    def type(self) -> str:
        """What torch calls it in ``tensor.device.type``."""
        return "xla" if self.kind == "tpu" else self.kind

    def __str__(self) -> str:
        return f"{self.kind}:{self.number}" if self.kind == "cuda" else self.kind


class DeviceAbsent(Exception):
    """The device asked for is not in this machine, or torch here can not drive it."""


def is_choice(text: str) -> bool:
    """Whether ``text`` is one of ``auto``, ``cpu``, ``cuda``, ``cuda:N``, ``mps`` and ``tpu``."""
    return _CHOICE.fullmatch(text) is not None


def find_device(torch: Any, choice: str) -> Device:
    """The device that ``choice`` means on this machine; ``auto`` is CUDA, then MPS, then the CPU.

    Raises:
        DeviceAbsent: a device was named that is not there. There is no fall-back to another one.
    """
    if choice == "auto":
        if torch.cuda.is_available():
            return Device("cuda")
        return Device("mps" if _has_mps(torch) else "cpu")
    kind, _, text = choice.partition(":")
    number = int(text or 0)
    if kind == "cuda" and not torch.cuda.is_available():
        raise DeviceAbsent(f"torch {torch.__version__} sees no CUDA device on this machine")
    if kind == "cuda" and number >= torch.cuda.device_count():
        raise DeviceAbsent(
            f"{choice} was asked for, this machine has {torch.cuda.device_count()} CUDA device(s)"
        )
    if kind == "mps" and not _has_mps(torch):
        raise DeviceAbsent(f"torch {torch.__version__} sees no MPS device on this machine")
    if kind == "tpu":
        _find_tpu()
    return Device(kind, number)


def gpu_peak(torch: Any, device: Device) -> Any:
    """The most memory that tensors have held on the device, in MB; ``None`` without CUDA."""
    if device.kind != "cuda":
        return None
    return torch.cuda.max_memory_allocated(device.number) // (1024 * 1024)


def _find_tpu() -> None:
    """Raises DeviceAbsent where PyTorch/XLA finds no TPU."""
    try:
        xla: Any = importlib.import_module("torch_xla.core.xla_model")
        hardware = xla.xla_device_hw(xla.xla_device())
    except ImportError as error:
        raise DeviceAbsent("PyTorch/XLA (torch_xla) is not installed, which drives TPUs") from error
    except RuntimeError as error:
        raise DeviceAbsent(f"PyTorch/XLA sees no device on this machine: {error}") from error
    if hardware != "TPU":
        raise DeviceAbsent(f"PyTorch/XLA sees {hardware}, and no TPU")


def _has_mps(torch: Any) -> bool:
    backend = getattr(getattr(torch, "backends", None), "mps", None)
    return backend is not None and bool(backend.is_available())
