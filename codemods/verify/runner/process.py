"""The child process: its own group, a time limit per stage, a bounded memory of what it printed.

Used by the parent, and by the far side of a launcher.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from typing import Any, Callable, Mapping, NamedTuple, Optional, Sequence, Tuple

from . import memory, watchdog

_POLL_S = 0.05
# What a run holds is looked at less often: that takes a look at every process of the machine.
_WEIGHED_S = 0.25
# The child dumps its stack when the limit is over; the kill waits for that.
_DUMP_S = 1.5
# Time to unwind the script after the verdict is written.
_LEAVE_S = 5.0
# Time for what the child itself has ended to be gone.
_GONE_S = 1.0
_OUTPUT_BYTES = 200_000
_CHUNK = 65_536
_NAMED = 10


class Ended(NamedTuple):
    """How the child ended; ``code`` is negative for a signal.

    ``timed_out`` if the time limit ended it, ``given_up`` if the caller did; ``left`` are the
    commands of processes that outlived it, ``at`` is when it was seen to have ended
    (``time.time()``); ``over`` are the bytes that it held and those that it was allowed to hold,
    where the memory limit ended it.
    """

    code: int
    timed_out: bool
    output: str
    given_up: bool = False
    left: Tuple[str, ...] = ()
    at: float = 0.0
    over: Optional[Tuple[int, int]] = None


class Output(threading.Thread):
    """Reads the child's output and keeps the end of it."""

    def __init__(self, descriptor: int) -> None:
        super().__init__(daemon=True)
        self._descriptor = descriptor
        self._kept = bytearray()

    def run(self) -> None:
        """Read until every writer is gone."""
        with contextlib.suppress(OSError):
            while True:
                chunk = os.read(self._descriptor, _CHUNK)
                if not chunk:
                    break
                self.take(chunk)
        self.close()

    def take(self, chunk: bytes) -> None:
        """Keep what was read."""
        self._kept += chunk
        del self._kept[:-_OUTPUT_BYTES]

    def close(self) -> None:
        """Nothing more comes."""

    def text(self) -> str:
        """The end of the output, undecodable bytes replaced."""
        return bytes(self._kept).decode("utf-8", "replace")


class Limits(NamedTuple):
    """Seconds without progress, seconds to end after the verdict, and when to give up.

    ``scrap`` are folders to remove where this process is killed. Processes that leave the group of
    the child end with it where it is ``marked``; a launcher may leave one behind on purpose.
    ``memory`` are the bytes that all its processes may hold together; None is no limit.
    """

    timeout: float
    leave: float = _LEAVE_S
    give_up: Optional[Callable[[], bool]] = None
    scrap: Tuple[str, ...] = ()
    marked: bool = True
    memory: Optional[int] = None


def run_child(
    command: Sequence[str],
    cwd: str,
    environment: Mapping[str, str],
    folder: str,
    limits: Limits,
    output: Optional[Callable[[int], Output]] = Output,
    program: Optional[str] = None,
) -> Ended:
    """Run ``command`` until it ends, writes ``folder/result.json``, stands still or takes too much.

    It stands still when ``folder/progress`` has not grown for the time limit. All its processes
    are killed in every case, data loader workers included, and also where the process that calls
    this is killed itself. ``output`` reads what it prints; without it, that goes where our own
    output goes. ``program`` is a file that it gets as its input.

    Raises:
        OSError: the command can not be started.
    """
    mark = os.urandom(8).hex() if limits.marked else ""
    own = dict(environment)
    own.pop(watchdog.MARK, None)
    if mark:
        own[watchdog.MARK] = mark
    guard = _guard(mark, limits.scrap)
    try:
        with open(program or os.devnull, "rb") as source:
            child: Any = subprocess.Popen(
                command,
                cwd=cwd,
                env=own,
                stdin=source,
                stdout=None if output is None else subprocess.PIPE,
                stderr=None if output is None else subprocess.STDOUT,
                start_new_session=True,
            )
        left: Tuple[str, ...] = ()
        try:
            guard.stdin.write(b"%d\n" % child.pid)
            guard.stdin.flush()
            reader = None if output is None else output(child.stdout.fileno())
            if reader is not None:
                reader.start()
            why = _wait(child, folder, limits, mark)
            at = time.time()
            if child.poll() is not None:
                left = _left(child.pid, mark)
        finally:
            watchdog.end(child.pid, mark)
            code = child.wait()
        if reader is not None:
            reader.join(timeout=_GONE_S)
            if not reader.is_alive():
                child.stdout.close()
    finally:
        # An interrupt may come when the child has been started and has no name here yet.
        watchdog.end(None, mark)
        guard.kill()
        guard.stdin.close()
        guard.wait()
    return Ended(
        code,
        why.timed_out,
        reader.text() if reader else "",
        given_up=why.given_up,
        left=left,
        at=at,
        over=why.over,
    )


def _guard(mark: str, scrap: Sequence[str]) -> Any:
    """The process that ends the run if this one is killed; it is none of an outer run."""
    return subprocess.Popen(
        (sys.executable, "-I", "-S", watchdog.__file__, mark, *scrap),
        env={name: value for name, value in os.environ.items() if name != watchdog.MARK},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _left(group: int, mark: str) -> Tuple[str, ...]:
    """The commands of the processes that are still there, given a moment to end."""
    deadline = time.monotonic() + _GONE_S
    while True:
        found = watchdog.left(group, mark)
        if not found or time.monotonic() > deadline:
            return tuple(command for _, command in found[:_NAMED])
        time.sleep(_POLL_S)


class _Why(NamedTuple):
    """Which limit ended the child, if any."""

    timed_out: bool = False
    given_up: bool = False
    over: Optional[Tuple[int, int]] = None


def _wait(child: Any, folder: str, limits: Limits, mark: str) -> _Why:
    progress, result = os.path.join(folder, "progress"), os.path.join(folder, "result.json")
    seen, leaving = 0, False
    weighed = now = time.monotonic()
    deadline = now + limits.timeout + _DUMP_S
    while child.poll() is None:
        now = time.monotonic()
        if limits.give_up is not None and limits.give_up():
            return _Why(given_up=True)
        if limits.memory is not None and now - weighed > _WEIGHED_S:
            weighed = now
            held = memory.held(watchdog.members(child.pid, mark), limits.memory)
            if held > limits.memory:
                return _Why(over=(held, limits.memory))
        if not leaving and os.path.exists(result):
            leaving, deadline = True, now + limits.leave
        size = os.path.getsize(progress) if os.path.exists(progress) else 0
        if size > seen and not leaving:
            seen, deadline = size, now + limits.timeout + _DUMP_S
        if now > deadline:
            return _Why(timed_out=not leaving)
        time.sleep(_POLL_S)
    return _Why()
