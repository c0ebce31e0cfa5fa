"""What a verification found out, and how two of them compare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import Enum
from typing import Any


class Status(str, Enum):
    """The three outcomes. There is no pass by default."""

    VERIFIED = "verified"
    FAILED = "failed"
    NOT_VERIFIABLE = "not verifiable"

    @property
    def exit_code(self) -> int:
        """The exit code of the command line."""
        return {Status.VERIFIED: 0, Status.FAILED: 3, Status.NOT_VERIFIABLE: 4}[self]


class Stage(str, Enum):
    """How far a run got; in order."""

    STARTED = "started"
    IMPORTED = "imported"
    TRAINER_BUILT = "trainer built"
    FIT_ENTERED = "fit entered"
    FIRST_BATCH = "first batch"
    FORWARD = "forward"
    BACKWARD = "backward"
    STEP = "step"
    VALIDATION_BATCH = "validation batch"
    HOOKS = "hooks"

    @property
    def order(self) -> int:
        """The place in the order, from 0."""
        return list(Stage).index(self)


@dataclass(frozen=True, slots=True)
class Rung:
    """A stage that was reached.

    ``seconds`` are since the start of the run, ``peak_mb`` is the most memory held until then.
    """

    stage: Stage
    seconds: float
    peak_mb: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a training step has to show; ``detail`` says what was seen."""

    name: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Place:
    """Something the run did, and the project's line that did it (``file:line``, where known)."""

    what: str
    at: str | None


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """The exception that ended the run; ``file`` and ``line`` are the project's own."""

    type: str
    message: str
    file: str | None
    line: int | None
    traceback: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one verification.

    ``reason`` is one sentence; ``stage`` is the last one reached, ``ladder`` are all of them;
    ``gpu_peak_mb`` is the most memory held on a GPU; ``stack`` is where a run hung;
    ``output`` is the end of what the script printed; ``changes`` are entries of the user's tree
    that differ from before the run, whoever changed them; ``wrote`` are those of its copy, which
    the script would have changed in the tree; ``running`` are the commands of processes that
    outlived the script, and were killed; ``recording`` is what training did, where
    that was asked for; ``weights`` are sum and norm of each tensor after the step, where several
    processes have to agree on them; ``data`` says what was trained on, ``first_batch`` how the
    script's own first batch looks, where it was to be kept.
    """

    status: Status
    reason: str
    stage: Stage
    ladder: tuple[Rung, ...] = ()
    gpu_peak_mb: int | None = None
    checks: tuple[Check, ...] = ()
    error: ErrorDetail | None = None
    device: str | None = None
    logged: tuple[str, ...] = ()
    deprecations: tuple[Place, ...] = ()
    network: tuple[Place, ...] = ()
    writes: tuple[Place, ...] = ()
    notes: tuple[str, ...] = ()
    data: str = ""
    first_batch: dict[str, Any] | None = None
    versions: dict[str, str | None] = field(default_factory=dict)
    stack: str = ""
    output: str = ""
    changes: tuple[str, ...] = ()
    wrote: tuple[str, ...] = ()
    running: tuple[str, ...] = ()
    recording: dict[str, Any] | None = None
    weights: dict[str, Any] | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of the command line: 0, 3 or 4."""
        return self.status.exit_code

    @property
    def failing(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.holds)

    def summary(self) -> str:
        """One line: the status and its reason."""
        return f"{self.status.value}: {self.reason}"

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain JSON values."""
        ladder = [{**asdict(rung), "stage": rung.stage.value} for rung in self.ladder]
        plain = {"status": self.status.value, "stage": self.stage.value, "ladder": ladder}
        return asdict(self) | plain | {"exit_code": self.exit_code}


def together(ranks: Sequence[Outcome]) -> Outcome:
    """The outcome of processes that trained together: the worst of them, and whether they agree."""
    worst = next((rank for rank in ranks if rank.status is not Status.VERIFIED), None)
    if len(ranks) == 1 or worst is not None:
        return worst or ranks[0]
    first = ranks[0]
    own = first.weights or {}
    others = [rank.weights or {} for rank in ranks[1:]]
    apart = [name for name in own if any(other.get(name) != own[name] for other in others)]
    if not own or apart:
        reason = f"the processes disagree after the step: {', '.join(apart) or 'all is missing'}"
        checks = (*first.checks, Check("ranks", False, reason))
        return replace(first, status=Status.FAILED, reason=reason, checks=checks)
    check = Check("ranks", True, f"{len(ranks)} processes agree on {len(own)} tensors")
    reason = f"{first.reason}, in {len(ranks)} processes that agree"
    return replace(first, reason=reason, checks=(*first.checks, check))


_WORTH = {Status.FAILED: 0, Status.NOT_VERIFIABLE: 1, Status.VERIFIED: 2}


def worst_of(outcomes: Sequence[Outcome]) -> Status:
    """The one status that stands for several runs."""
    return min((outcome.status for outcome in outcomes), key=_WORTH.__getitem__)


def no_worse(before: Sequence[Outcome], after: Sequence[Outcome]) -> bool:
    """Whether no program trains worse than before; the outcomes are in the same order."""
    return all(map(better_or_equal, before, after))


def better_or_equal(before: Outcome, after: Outcome) -> bool:
    """Whether ``after`` is no worse than ``before``.

    The status decides, then how far the run got, then which checks fail. Two verified runs have to
    log the same metrics: a repair that drops one is worse.
    """
    if after.status is not before.status:
        return _WORTH[after.status] > _WORTH[before.status]
    if after.status is Status.VERIFIED:
        return set(before.logged) <= set(after.logged)
    if after.stage is not before.stage:
        return after.stage.order > before.stage.order
    return {check.name for check in after.failing} <= {check.name for check in before.failing}
