"""Time and memory of one command, its child processes included."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

SAMPLE_SECONDS = 0.05
KIB_PER_MB = 1e6 / 1024
# getrusage counts in KiB, on macOS in bytes.
MAXRSS_PER_MB = 1e6 if sys.platform == "darwin" else KIB_PER_MB


@dataclass(frozen=True)
class Result:
    """One run: seconds on the clock, processor seconds, peak MB of all its processes together.

    ``megabytes`` is 0 where the command was too short and too small to tell.
    """

    seconds: float
    processor: float
    megabytes: float
    code: int


@dataclass(frozen=True)
class Command:
    """What to run, where, and the exit codes that mean that it did its work."""

    arguments: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    codes: frozenset[int]


class MemoryWatch(threading.Thread):
    """Samples what a process group holds, so that tools with worker processes are counted whole.

    Proportional set sizes are added up, which counts a page shared by two workers once. Where the
    system has no ``/proc`` nothing is sampled and the largest single process is what is known.
    """

    def __init__(self, group: int) -> None:
        super().__init__(daemon=True)
        self.group = group
        self.peak = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        """Sample until told that the command is over."""
        while not self.over.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, sum(map(held, members(self.group))))


def members(group: int) -> list[Path]:
    """The ``/proc`` folders of the processes in a group."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[2]) == group:
            found.append(folder)
    return found


def held(process: Path) -> float:
    """MB of memory that a process holds, its share of shared pages only; 0 if it has gone."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / KIB_PER_MB


def run(command: Command) -> Result:
    """Run a command once, with its output thrown away.

    Raises:
        SystemExit: if it ends with a code that says that it did not do its work.
    """
    with Path(os.devnull).open("wb") as nowhere:
        started = time.perf_counter()
        process = subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=nowhere,
            stderr=nowhere,
            start_new_session=True,
        )
        watch = MemoryWatch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    watch.over.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in command.codes:
        shown = " ".join(command.arguments)[:120]
        raise SystemExit(f"`{shown}` in {command.folder} ended with {process.returncode}")
    processor = usage.ru_utime + usage.ru_stime
    return Result(seconds, processor, max(watch.peak, largest(usage)), process.returncode)


def largest(usage: resource.struct_rusage) -> float:
    """MB of the largest process of a command, 0 if it cannot be told.

    A new process starts with the peak of the one that made it, so below our own nothing is known.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return usage.ru_maxrss / MAXRSS_PER_MB if usage.ru_maxrss > own else 0.0


def repeat(runs: int, prepare: Callable[[], Command]) -> Result:
    """The medians of ``runs`` runs; ``prepare`` is called, off the clock, before each."""
    results = [run(prepare()) for _ in range(runs)]
    return Result(
        seconds=median(result.seconds for result in results),
        processor=median(result.processor for result in results),
        megabytes=median(result.megabytes for result in results),
        code=results[-1].code,
    )
