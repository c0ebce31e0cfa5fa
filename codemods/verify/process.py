"""The child process: its own group, a time limit per stage, a bounded memory of what it printed."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL_S = 0.05
# The child dumps its stack when the limit is over; the kill waits for that.
_DUMP_S = 1.5
# Time to unwind the script after the verdict is written.
_LEAVE_S = 5.0
_OUTPUT_BYTES = 200_000
_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class Ended:
    """How the child ended; ``code`` is negative for a signal, ``timed_out`` if it was ours."""

    code: int
    timed_out: bool
    output: str


class _Output(threading.Thread):
    """Reads the child's output and keeps the end of it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self._descriptor = descriptor
        self._kept = bytearray()

    def run(self) -> None:
        """Read until every writer is gone."""
        with contextlib.suppress(OSError):
            while chunk := os.read(self._descriptor, _CHUNK):
                self._kept += chunk
                del self._kept[:-_OUTPUT_BYTES]

    def text(self) -> str:
        """The end of the output, undecodable bytes replaced."""
        return bytes(self._kept).decode("utf-8", "replace")


def run_child(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], folder: Path, timeout: float
) -> Ended:
    """Run ``command`` until it ends, has written ``folder/result.json`` or stands still.

    It stands still when ``folder/progress`` has not grown for ``timeout`` seconds. The whole
    process group is killed in every case, data loader workers included.

    Raises:
        OSError: the command can not be started.
    """
    child = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    assert child.stdout is not None
    output = _Output(child.stdout.fileno())
    output.start()
    try:
        timed_out = _wait(child, folder, timeout)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        code = child.wait()
    output.join(timeout=1.0)
    return Ended(code, timed_out, output.text())


def _wait(child: subprocess.Popen[bytes], folder: Path, timeout: float) -> bool:
    """Whether the child had to be given up."""
    progress, result = folder / "progress", folder / "result.json"
    seen, deadline, leaving = 0, time.monotonic() + timeout + _DUMP_S, False
    while child.poll() is None:
        if not leaving and result.exists():
            leaving, deadline = True, time.monotonic() + _LEAVE_S
        size = progress.stat().st_size if progress.exists() else 0
        if size > seen and not leaving:
            seen, deadline = size, time.monotonic() + timeout + _DUMP_S
        if time.monotonic() > deadline:
            return not leaving
        time.sleep(_POLL_S)
    return False
