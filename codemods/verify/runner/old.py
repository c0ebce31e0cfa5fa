"""What releases before 2.0 rely on and newer Pythons, torches and numpys have no more."""

from __future__ import annotations

import contextlib
import importlib
from typing import Any


def settle_libraries() -> None:
    """Before Lightning is imported: names that old releases take from other packages."""
    try:
        numpy: Any = importlib.import_module("numpy")
    except ImportError:
        pass
    else:
        if not hasattr(numpy, "Inf"):
            numpy.Inf = numpy.inf
    with contextlib.suppress(ImportError):
        # They use it without importing it.
        importlib.import_module("tqdm.auto")
    schedulers: Any = importlib.import_module("torch.optim.lr_scheduler")
    if hasattr(schedulers, "LRScheduler"):
        # The old name is a class below the new one, and old releases ask for instances of it.
        schedulers._LRScheduler = schedulers.LRScheduler  # noqa: SLF001


def settle_enums(namespace: str) -> None:
    """After Lightning is imported: enums that format as their values.

    Python 3.11 changed that for enums that are strings, and releases before 1.6 build the names of
    attributes with it.
    """
    try:
        enums = importlib.import_module(namespace + ".utilities.enums")
    except ImportError:
        return
    base: Any = getattr(enums, "LightningEnum", None)
    for enum in base.__subclasses__() if base is not None else ():
        enum.__format__ = _format_value


def _format_value(member: Any, spec: str) -> str:
    return format(member.value, spec)
