"""How far a run has come, shown on a terminal once it takes longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

_PATIENCE = 1.0
_INTERVAL = 0.1


class Progress:
    """A context manager to call with (done, total); it writes to stderr and wipes what it wrote."""

    def __init__(self, form: str = "{0} of {1} files", *, quiet: bool = False) -> None:
        self._form = form
        self._on = sys.stderr.isatty() and not quiet
        self._start = self._last = time.monotonic()
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Report that ``done`` of ``total`` are finished, in the words of ``form``."""
        now = time.monotonic()
        if not self._on or now - self._start < _PATIENCE or now - self._last < _INTERVAL:
            return
        self._last = now
        self._shown = True
        sys.stderr.write(f"\r\x1b[Klfix: {self._form.format(done, total)}")
        sys.stderr.flush()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
