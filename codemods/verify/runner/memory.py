"""How much memory there is, and how much of it a run holds; Linux alone tells."""

from __future__ import annotations

import re
from typing import Iterable, Optional

#: The part of the free memory that a run may take where nobody says how much.
_PART = 0.9


def free(root: str = "") -> int:
    """Bytes that can be had, as Linux and its control groups tell; 0 where nobody does.

    ``root`` is put in front of each path.
    """
    told = _text(f"{root}/proc/meminfo").split()
    if "MemAvailable:" not in told:
        return 0
    found = int(told[told.index("MemAvailable:") + 1]) * 1024
    group = f"{root}/sys/fs/cgroup"
    limit, used = _text(f"{group}/memory.max").strip(), _text(f"{group}/memory.current").strip()
    if limit.isdigit() and used.isdigit():
        # What was read from files counts as used, and is given back when somebody needs it.
        files = re.search(r"^inactive_file (\d+)$", _text(f"{group}/memory.stat"), re.MULTILINE)
        reclaimed = int(files[1]) if files else 0
        found = min(found, int(limit) - int(used) + reclaimed)
    return max(found, 0)


def limit(asked: float, runs: int = 1) -> Optional[int]:
    """The bytes that each of ``runs`` may hold, of ``asked`` gigabytes or else of what is free.

    ``None`` where nobody knows what is free, and so where nothing can be held to a limit.
    """
    whole = int(asked * 1e9) or int(free() * _PART)
    return whole // runs or None


def held(processes: Iterable[int], enough: int) -> int:
    """Bytes that the processes hold together, exact where they are more than ``enough``.

    What several of them share is counted once then; that is slow to find out.
    """
    numbers = tuple(processes)
    most = sum(_kilobytes(number, "status", "VmRSS") for number in numbers)
    if most * 1024 <= enough:
        return most * 1024
    return 1024 * sum(
        _kilobytes(number, "smaps_rollup", "Pss") or _kilobytes(number, "status", "VmRSS")
        for number in numbers
    )


def known() -> bool:
    """Whether this system tells what a process holds."""
    return bool(_text("/proc/self/status"))


def _kilobytes(number: int, name: str, key: str) -> int:
    found = re.search(rf"^{key}:\s+(\d+) kB$", _text(f"/proc/{number}/{name}"), re.MULTILINE)
    return int(found[1]) if found else 0


def _text(path: str) -> str:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
