"""Values of Trainer arguments that no release takes: below, above or of another type.

All of them raise at 2.6.6: most in the constructor, the zeros and ``max_time`` once ``fit`` runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Container

_SHARE = "it is a share from 0.0 to 1.0, or a number of batches"
_TIME = re.compile(r"\d+:\d+:\d+:\d+")
_WITHOUT_VALIDATION = ("limit_val_batches", "fast_dev_run", "overfit_batches")


def refused(name: str, value: object, beside: Container[str]) -> str | None:
    """What to write instead of a value that raises; None where it does not, or may not.

    ``beside`` holds the names of the other arguments.
    """
    look = RANGES.get(name)
    return look(value, beside) if look is not None and not isinstance(value, bool) else None


def _share(value: object, beside: Container[str]) -> str | None:
    del beside
    is_wrong = isinstance(value, (int, float)) and (value < 0 or (value > 1 and value % 1 != 0))
    return f"{_SHARE}; all of them are 1.0" if is_wrong else None


def _interval(value: object, beside: Container[str]) -> str | None:
    return _zero(value, beside) or _share(value, beside)


def _zero(value: object, beside: Container[str]) -> str | None:
    if not isinstance(value, int) or value or any(n in beside for n in _WITHOUT_VALIDATION):
        return None
    return "leave it away, or write limit_val_batches=0 to have no validation"


def _accumulated(value: object, beside: Container[str]) -> str | None:
    del beside
    return "without accumulation it is 1" if value == 0 and isinstance(value, int) else None


def _count(value: object, beside: Container[str]) -> str | None:
    del beside
    is_wrong = isinstance(value, int) and value < -1
    return "without a limit it is -1" if is_wrong else None


def _epochs(value: object, beside: Container[str]) -> str | None:
    if isinstance(value, (float, str)):
        return "it has to be an int"
    return _count(value, beside)


def _nodes(value: object, beside: Container[str]) -> str | None:
    del beside
    return "it is 1 or more" if isinstance(value, int) and value < 1 else None


def _reload(value: object, beside: Container[str]) -> str | None:
    del beside
    return "0 stands for never" if isinstance(value, int) and value < 0 else None


def _algorithm(value: object, beside: Container[str]) -> str | None:
    del beside
    is_wrong = isinstance(value, str) and value.lower() not in ("norm", "value")
    return 'it is "norm" or "value"' if is_wrong else None


def _clipped(value: object, beside: Container[str]) -> str | None:
    del beside
    return "it has to be a number" if isinstance(value, str) else None


def _time(value: object, beside: Container[str]) -> str | None:
    del beside
    is_text = isinstance(value, str) and not _TIME.fullmatch(value.strip())
    is_wrong = is_text or isinstance(value, (int, float))
    return 'write "DD:HH:MM:SS", a timedelta or {"hours": …}' if is_wrong else None


RANGES: dict[str, Callable[[object, Container[str]], str | None]] = {
    "limit_train_batches": _share,
    "limit_val_batches": _share,
    "limit_test_batches": _share,
    "limit_predict_batches": _share,
    "overfit_batches": _share,
    "val_check_interval": _interval,
    "check_val_every_n_epoch": _zero,
    "accumulate_grad_batches": _accumulated,
    "max_steps": _count,
    "max_epochs": _epochs,
    "num_nodes": _nodes,
    "fast_dev_run": _reload,
    "reload_dataloaders_every_n_epochs": _reload,
    "gradient_clip_algorithm": _algorithm,
    "gradient_clip_val": _clipped,
    "max_time": _time,
}
