"""One training step on the target device: does the code train, and does it train correctly."""

from __future__ import annotations

from .outcome import (
    Check,
    ErrorDetail,
    Outcome,
    Place,
    Rung,
    Stage,
    Status,
    better_or_equal,
)
from .request import Request, RequestError, default_python
from .run import verify

__all__ = [
    "Check",
    "ErrorDetail",
    "Outcome",
    "Place",
    "Request",
    "RequestError",
    "Rung",
    "Stage",
    "Status",
    "better_or_equal",
    "default_python",
    "verify",
]
