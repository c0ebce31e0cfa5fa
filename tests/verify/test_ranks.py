"""One of several processes fails: it is the one that is told, and nobody waits for the others."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from lfix.codemods.verify import Outcome, Stage, Status
from lfix.codemods.verify.ranks import GiveUp, Ran, train

from .matrix import tried
from .programs import program

FAILED = Outcome(Status.FAILED, "it broke", Stage.FORWARD)
FINE = Outcome(Status.VERIFIED, "one step", Stage.HOOKS, weights={"w": [1.0]})

_STEP = """
    def training_step(self, batch, batch_idx):
        if self.global_rank == 1:
            {}
        return self.loss_of(batch)
    """
_EARLY = """
import os
if os.environ["LOCAL_RANK"] == "1":
    {}
"""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"step": _STEP.format("raise ValueError('no')")}, r"ValueError: no at train\.py:\d+$"),
        (
            {"step": _STEP.format("import os; os._exit(9)")},
            r"the process ended with status 9 after",
        ),
        ({"extra": _EARLY.format("raise ValueError('no')")}, r"ValueError: no at train\.py:\d+$"),
    ],
)
@pytest.mark.usefixtures("warm")
def test_the_rank_that_failed_is_told(tmp_path: Path, given: dict[str, str], said: str) -> None:
    options = {"devices": 2, "strategy": "ddp"}
    outcome = tried(tmp_path / "project", {"train.py": program(**given)}, options)
    assert outcome.status is Status.FAILED
    assert re.match(f"rank 1 of 2: {said}", outcome.reason), outcome.reason + outcome.output
    if outcome.error is not None:
        assert outcome.error.type == "ValueError"


def _rank(outcome: Outcome, at: float = 0.0) -> Callable[[GiveUp | None], Ran]:
    return lambda _: Ran(outcome, at)


def test_the_others_are_given_up() -> None:
    given_up = threading.Event()

    def waiting(give_up: GiveUp | None) -> Ran:
        assert give_up is not None
        for _ in range(3000):
            if give_up():
                given_up.set()
                break
            time.sleep(0.01)
        return Ran(FAILED, time.time() + 99)

    outcome = train([waiting, _rank(FAILED, 5.0), waiting])
    assert given_up.is_set()
    assert outcome.reason == "rank 1 of 3: it broke"


def test_who_failed_first_counts() -> None:
    assert train([_rank(FAILED, 2.0), _rank(FAILED, 1.0)]).reason == "rank 1 of 2: it broke"
    assert train([_rank(FAILED, 1.0), _rank(FAILED, 2.0)]).reason == "rank 0 of 2: it broke"
    assert train([_rank(FINE), _rank(FINE)]).status is Status.VERIFIED
    assert train([_rank(FAILED)]) is FAILED


@pytest.mark.parametrize("first", [True, False])
def test_an_interrupt_gives_all_up(first: bool) -> None:
    begun, stopped = threading.Event(), threading.Event()

    def waiting(give_up: GiveUp | None) -> Ran:
        assert give_up is not None
        begun.set()
        for _ in range(3000):
            if give_up():
                stopped.set()
                break
            time.sleep(0.01)
        return Ran(FINE, 0.0)

    def interrupted(_: GiveUp | None) -> Ran:
        begun.wait(60)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train([interrupted, waiting] if first else [waiting, interrupted])
    assert stopped.is_set()
