"""Work in several processes gives what it gives in one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from lfix.codemods.engine.members import bases_in
from lfix.codemods.engine.pool import chunks, spread


def doubled(piece: Sequence[int]) -> list[int]:
    return [number * 2 for number in piece]


def refusing(piece: Sequence[int]) -> list[int]:
    if 7 in piece:
        raise LookupError("seven")
    return list(piece)


def dying(piece: Sequence[int]) -> list[int]:
    if 7 in piece:
        os._exit(1)
    return list(piece)


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 5, 100])
def test_results_come_in_order(jobs: int, count: int) -> None:
    pieces = chunks(range(count), jobs)
    results = [number for part in spread(doubled, pieces, jobs) for number in part]
    assert results == [number * 2 for number in range(count)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_the_work_is_raised(jobs: int) -> None:
    with pytest.raises(LookupError, match="seven"):
        list(spread(refusing, chunks(range(20), jobs), jobs))


def test_a_process_that_dies_is_told() -> None:
    with pytest.raises(RuntimeError, match="ended before"):
        list(spread(dying, chunks(range(20), 2), 2))


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_no_process_is_left_behind() -> None:
    started = spread(doubled, chunks(range(100), 2), 2)
    next(started)
    started.close()  # type: ignore[attr-defined]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf-8").split()
    assert not [c for c in children if "pool" in Path(f"/proc/{c}/cmdline").read_text("utf-8")]


def test_names_of_bases() -> None:
    raw = b"from a import Base as Own\nimport b as c\nclass X(Own, c.Other[int], metaclass=M): ..."
    assert bases_in(raw) >= {b"Own", b"Base", b"Other", b"c", b"b", b"M"}
    assert b"X" not in bases_in(raw)
    assert bases_in(b"class X: ...\n") == set()
