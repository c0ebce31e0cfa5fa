"""Ends every process of a run: at its end, and when the process that watches over it is killed.

Imported where a child is run, and started as a program of its own: then it waits for the end of
its input, which comes however the process dies that holds the other end.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
from typing import Callable, Iterator, List, Optional, Tuple

#: The variable by which a process is known that left the group of its run.
MARK = "LFIX_RUN"


def left(group: int, mark: str) -> List[Tuple[int, str]]:
    """The number and the command of each live process of a run.

    Those are the processes of ``group``, and those that were started with ``MARK=mark`` in their
    environment, where ``mark`` is not empty. Without ``/proc`` nothing is known, and only ``end``
    finds the group.
    """
    found = []
    for number in members(group, mark):
        command = _read(number, "cmdline").replace(b"\0", b" ").decode("utf-8", "replace")
        found.append((number, command.strip() or "?"))
    return found


def members(group: Optional[int], mark: str) -> Iterator[int]:
    """The number of each live process of a run, as ``left`` tells them."""
    wanted = f"{MARK}={mark}".encode()
    for number in _numbers():
        state, its_group = _state(number)
        if state in ("", "Z", "X"):
            continue
        own = bool(mark) and wanted in _read(number, "environ").split(b"\0")
        if own or its_group == group:
            yield number


def end(group: Optional[int], mark: str) -> None:
    """Kill the group, where one is known, and what left it."""
    if group is not None:
        _kill(os.killpg, group)
    for number in members(group, mark):
        _kill(os.kill, number)


def _kill(send: Callable[[int, int], None], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        send(number, signal.SIGKILL)


def _numbers() -> Iterator[int]:
    try:
        names = os.listdir("/proc")
    except OSError:
        return
    for name in names:
        if name.isdigit() and int(name) != os.getpid():
            yield int(name)


def _state(number: int) -> Tuple[str, int]:
    """The state letter and the group; the command in front of them may hold anything."""
    fields = _read(number, "stat").decode("utf-8", "replace").rpartition(")")[2].split()
    return (fields[0], int(fields[2])) if len(fields) > 2 else ("", 0)  # noqa: PLR2004


def _read(number: int, name: str) -> bytes:
    try:
        with open(f"/proc/{number}/{name}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def main(mark: str, *scrap: str) -> None:
    """Wait for the end of the input, then end the groups that it named and remove ``scrap``."""
    groups = [int(line) for line in sys.stdin.read().split()]
    for group in groups:
        end(group, mark)
    for folder in scrap:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
