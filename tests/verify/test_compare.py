"""How two outcomes compare, and how one is told."""

from __future__ import annotations

import json

import pytest
from lfix.codemods.verify import Check, Outcome, Stage, Status, better_or_equal
from lfix.codemods.verify.runner import record

VERIFIED = Outcome(Status.VERIFIED, "one step", Stage.HOOKS, logged=("loss",))
FEWER_LOGGED = Outcome(Status.VERIFIED, "one step", Stage.HOOKS)
UNKNOWN = Outcome(Status.NOT_VERIFIABLE, "no package", Stage.STARTED)
EARLY = Outcome(Status.FAILED, "no name", Stage.IMPORTED)
LATE = Outcome(Status.FAILED, "no loss", Stage.HOOKS, checks=(Check("loss", False, "none"),))
LATE_TWICE = Outcome(
    Status.FAILED,
    "no loss",
    Stage.HOOKS,
    checks=(
        Check("loss", False, "none"),
        Check("device", True, ""),
        Check("closure", False, "none"),
    ),
)

ORDER = [EARLY, LATE_TWICE, LATE, UNKNOWN, FEWER_LOGGED, VERIFIED]


@pytest.mark.parametrize("before", range(len(ORDER)))
@pytest.mark.parametrize("after", range(len(ORDER)))
def test_outcomes_are_ordered(before: int, after: int) -> None:
    assert better_or_equal(ORDER[before], ORDER[after]) is (after >= before)


def test_another_failing_check_is_not_better() -> None:
    other = Outcome(Status.FAILED, "nan", Stage.HOOKS, checks=(Check("gradients", False, "nan"),))
    assert not better_or_equal(LATE, other)
    assert not better_or_equal(other, LATE)


def test_exit_codes() -> None:
    assert [outcome.exit_code for outcome in (VERIFIED, LATE, UNKNOWN)] == [0, 3, 4]


def test_an_outcome_is_plain_json() -> None:
    shown = json.loads(json.dumps(LATE.to_json()))
    assert shown["status"] == "failed"
    assert shown["stage"] == "hooks"
    assert shown["checks"] == [{"name": "loss", "holds": False, "detail": "none"}]
    assert shown["exit_code"] == 3


def test_the_summary_is_one_line() -> None:
    assert LATE.summary() == "failed: no loss"


def test_the_runner_speaks_of_the_same_stages() -> None:
    assert tuple(stage.value for stage in Stage) == record.STAGES
    assert {status.value for status in Status} == {
        record.VERIFIED,
        record.FAILED,
        record.NOT_VERIFIABLE,
    }
