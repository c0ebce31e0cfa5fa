"""What the run has shown so far, told to the parent as it happens.

Stages and refused connections go to files line by line, so that the parent knows them when the
run hangs. The result is written once, whole, and never overwritten: the first verdict is the cause.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from typing import Any, NoReturn, TextIO

STAGES = (
    "started",
    "imported",
    "trainer built",
    "fit entered",
    "first batch",
    "forward",
    "backward",
    "step",
    "validation batch",
    "hooks",
)

VERIFIED = "verified"
FAILED = "failed"
NOT_VERIFIABLE = "not verifiable"
USAGE = "usage"

_SHOWN = 50


class Stop(BaseException):
    """The verdict is written; leave the user's code.

    Not an ``Exception``, so that the usual ``except Exception`` around ``fit`` lets it through.
    """


class Record:
    """Collects facts and writes the verdict."""

    def __init__(self, folder: str, timeout: float) -> None:
        self._result = os.path.join(folder, "result.json")
        self._progress = _opened(folder, "progress")
        self._network = _opened(folder, "network")
        self._stack = _opened(folder, "stack")
        self._timeout = timeout
        self._began = time.monotonic()
        self.stage = -1
        self.finished = False
        self.checks: dict[str, tuple[bool, str]] = {}
        self.facts: dict[str, Any] = {
            "ladder": [],
            "notes": [],
            "deprecations": [],
            "network": [],
            "writes": [],
            "logged": [],
            "device": None,
            "versions": {},
        }

    def reach(self, stage: str) -> None:
        """Note that ``stage`` was reached, and give the next one its full time."""
        index = STAGES.index(stage)
        if index <= self.stage:
            return
        self.stage = index
        rung = {
            "stage": stage,
            "seconds": round(time.monotonic() - self._began, 3),
            "peak_mb": peak_memory(),
        }
        self.facts["ladder"].append(rung)
        self._progress.write(json.dumps(rung) + "\n")
        faulthandler.dump_traceback_later(self._timeout, file=self._stack)

    def reached(self, stage: str) -> bool:
        """Whether ``stage`` was reached."""
        return self.stage >= STAGES.index(stage)

    def check(self, name: str, holds: bool, detail: str = "") -> None:
        """Note how a check came out; a failure is never replaced by a later success."""
        if self.checks.get(name, (True, ""))[0]:
            self.checks[name] = (bool(holds), detail)

    def add(self, kind: str, item: Any) -> None:
        """Add ``item`` to a list of facts, once, up to a bound."""
        items = self.facts[kind]
        if item in items or len(items) >= _SHOWN:
            return
        items.append(item)
        if kind == "network":
            self._network.write(json.dumps(item) + "\n")

    def finish(self, status: str, reason: str, error: dict[str, Any] | None = None) -> None:
        """Write the verdict; only the first one counts, also over forked processes."""
        faulthandler.cancel_dump_traceback_later()
        if self.finished or os.path.exists(self._result):
            self.finished = True
            return
        self.finished = True
        verdict = dict(self.facts)
        verdict.update(
            status=status,
            reason=reason,
            stage=STAGES[max(self.stage, 0)],
            error=error,
            checks=[
                {"name": name, "holds": holds, "detail": detail}
                for name, (holds, detail) in self.checks.items()
            ],
        )
        part = f"{self._result}.{os.getpid()}"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(verdict, file, default=str)
        os.replace(part, self._result)

    def stop(self, status: str, reason: str, error: dict[str, Any] | None = None) -> NoReturn:
        """Write the verdict and leave the user's code.

        Raises:
            Stop: always.
        """
        self.finish(status, reason, error)
        raise Stop(reason)


def _opened(folder: str, name: str) -> TextIO:
    """A file that stays open: the parent reads along, line by line."""
    return open(os.path.join(folder, name), "w", buffering=1, encoding="utf-8")


def peak_memory() -> Any:
    """The most memory that the process has held so far, in MB; ``None`` where nobody knows."""
    try:
        resource: Any = __import__("resource")
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in KB, macOS in bytes.
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)
