"""Threads that look after processes, and hear when the caller is interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import TypeVar

Result = TypeVar("Result")

# An interrupt that comes just before a wait without an end does not end it.
_HEARD_S = 0.2


def side_by_side(
    calls: Sequence[Callable[[threading.Event], Result]],
    number: int,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """What each call returned, in order; ``number`` of them run at once, each in its thread.

    Each is given the same event, and has to end soon after it is set: by one of the calls, or
    because one of them, or ``progress``, raised, or the caller is interrupted. What has not begun
    when that is raised never does; it is passed on when all have ended. ``progress`` is told how
    many are done, of how many.
    """
    stopped = threading.Event()
    with ThreadPoolExecutor(number) as pool:
        try:
            # Within the block: an interrupt may come when the first is at work already.
            running = [pool.submit(call, stopped) for call in calls]
            pending = set(running)
            while pending:
                done, pending = wait(pending, _HEARD_S, FIRST_COMPLETED)
                for future in done:
                    future.result()
                if done and progress is not None:
                    progress(len(running) - len(pending), len(running))
            return [future.result() for future in running]
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
