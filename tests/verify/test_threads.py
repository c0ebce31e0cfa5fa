"""What runs side by side ends when the caller is interrupted, whenever that is."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

import pytest
from lfix.codemods.verify.runner import watchdog
from lfix.codemods.verify.runner.process import Limits, Output, run_child
from lfix.codemods.verify.threads import side_by_side

from .processes import marked

Call = Callable[[threading.Event], bool]


class _Interrupted(Sequence[Call]):
    """Calls of which the last is never handed out, because the interrupt comes before."""

    def __init__(self, calls: Sequence[Call]) -> None:
        self._calls = calls

    def __len__(self) -> int:
        return len(self._calls) + 1

    @overload
    def __getitem__(self, index: int) -> Call: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Call]: ...
    def __getitem__(self, index: int | slice) -> Call | Sequence[Call]:
        return self._calls[index]

    def __iter__(self) -> Iterator[Call]:
        yield from self._calls
        raise KeyboardInterrupt


class _Noting:
    """Runs until it is told to stop, and notes whether it was."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.seen: list[bool] = []

    def __call__(self, stopped: threading.Event) -> bool:
        self.begun.set()
        self.seen.append(stopped.wait(120))
        return self.seen[-1]


def test_an_interrupt_while_they_are_begun() -> None:
    first, second = _Noting(), _Noting()
    with pytest.raises(KeyboardInterrupt):
        side_by_side(_Interrupted([first, second]), 1)
    assert (first.seen, second.seen) == ([True], [])


def test_an_interrupt_while_they_are_waited_for() -> None:
    other = _Noting()

    def short(_: threading.Event) -> bool:
        return other.begun.wait(120)

    def interrupted(done: int, of: int) -> None:
        assert (done, of) == (1, 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side([short, other.__call__], 2, interrupted)
    assert other.seen == [True]


def test_one_that_raises_ends_the_others() -> None:
    other = _Noting()

    def wrong(_: threading.Event) -> bool:
        assert other.begun.wait(120)
        raise ValueError("wrong")

    with pytest.raises(ValueError, match="wrong"):
        side_by_side([other.__call__, wrong], 2)
    assert other.seen == [True]


def test_results_in_order_and_what_is_told() -> None:
    told: list[tuple[int, int]] = []
    first = threading.Event()

    def last(_: threading.Event) -> int:
        first.set()
        return 2

    def waits(_: threading.Event) -> int:
        assert first.wait(120)
        return 1

    assert side_by_side([waits, last], 2, lambda done, of: told.append((done, of))) == [1, 2]
    assert told[-1] == (2, 2)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc who is left")
def test_an_interrupt_between_the_start_of_a_child_and_the_wait(tmp_path: Path) -> None:
    mark = f"sleeping-{tmp_path.name}"
    groups: list[int] = []

    def interrupted(_: int) -> Output:
        groups.extend(marked(mark))
        raise KeyboardInterrupt

    sleeps = (sys.executable, "-c", "import time; time.sleep(9999)")
    environment = dict(os.environ) | {"LFIX_TEST_MARK": mark}
    with pytest.raises(KeyboardInterrupt):
        run_child(sleeps, str(tmp_path), environment, str(tmp_path), Limits(9999), interrupted)
    assert len(groups) == 1
    assert marked(mark) == []
    assert not list(watchdog.members(groups[0], ""))
