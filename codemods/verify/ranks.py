"""Several processes that train together: where one fails, the others do not wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from .outcome import Outcome, Status, together
from .threads import side_by_side

GiveUp = Callable[[], bool]

# The other processes mostly see for themselves that one is gone; then they end in order.
_GRACE_S = 1.0


@dataclass(frozen=True, slots=True)
class Ran:
    """The outcome of one process, and when it came to it (``time.time()``)."""

    outcome: Outcome
    at: float


def train(
    ranks: Sequence[Callable[[GiveUp | None], Ran]], give_up: GiveUp | None = None
) -> Outcome:
    """Run all ranks at once; the outcome of the first that failed, or of all.

    Each is called with a function that says when it has to give up; ``give_up`` is the caller's.
    """
    if len(ranks) == 1:
        return ranks[0](give_up).outcome
    failed = threading.Event()

    def run(number: int, stopped: threading.Event) -> tuple[int, Ran]:
        ran = ranks[number](lambda: stopped.is_set() or (give_up is not None and give_up()))
        if ran.outcome.status is not Status.VERIFIED and not failed.is_set():
            failed.set()
            threading.Thread(target=_stop_later, args=(stopped,), daemon=True).start()
        return number, ran

    done = side_by_side([partial(run, number) for number in range(len(ranks))], len(ranks))
    worst = min(
        (item for item in done if item[1].outcome.status is not Status.VERIFIED),
        key=lambda item: item[1].at,
        default=None,
    )
    if worst is None:
        return together([ran.outcome for _, ran in done])
    number, ran = worst
    return replace(ran.outcome, reason=f"rank {number} of {len(ranks)}: {ran.outcome.reason}")


def _stop_later(stopped: threading.Event) -> None:
    time.sleep(_GRACE_S)
    stopped.set()
