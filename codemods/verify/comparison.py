"""Whether two recorded trainings are the same, and where they part."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from .hooks import HookRow, Parting, compare_hooks

#: Two releases do the same arithmetic in another order here and there; relative to the values.
TOLERANCE = 1e-5
_ABSOLUTE = 1e-7

Numbers = Mapping[str, Any]

_LOGGED, _FINAL, _INITIAL = "logged values", "values after fit", "initial weights"
HOOKS, _ORDER, _GIVEN = "hooks", "order of hooks", "what hooks receive"
#: What may differ before the first batch.
_BEFORE = (HOOKS, _INITIAL, _ORDER, _GIVEN)
HOW_HOOKS = (_ORDER, _GIVEN)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that was compared: how many pairs, the greatest difference, where they part.

    ``step`` is the first batch, from 0, in which they differ, None where they do not or where no
    batch is to be named; ``detail`` says what differs there.
    """

    name: str
    pairs: int
    difference: float
    step: int | None = None
    detail: str = ""

    @property
    def equal(self) -> bool:
        """Whether both trainings are the same in this."""
        return not self.detail


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two recordings side by side.

    ``losses`` holds (batch, old, new), for table and plot, ``hooks`` how often each was called.
    """

    parts: tuple[Part, ...]
    losses: tuple[tuple[int, Any, Any], ...]
    notes: tuple[str, ...] = ()
    hooks: tuple[HookRow, ...] = ()

    @property
    def equal(self) -> bool:
        """Whether nothing differs that decides what is trained."""
        return all(part.equal for part in self.parts)

    @property
    def logs_alike(self) -> bool:
        """Whether all is the same in what was logged."""
        return all(part.equal for part in self.parts if part.name in (_LOGGED, _FINAL))

    @property
    def first(self) -> Part | None:
        """What differs first: a hook that is not called any more, or what comes earliest."""
        apart = [part for part in self.parts if not part.equal]
        if apart and apart[0].name == HOOKS:
            return apart[0]
        return min(apart, key=_moment, default=None)

    @property
    def step(self) -> int | None:
        """The first batch in which anything differs."""
        steps = [part.step for part in self.parts if part.step is not None]
        return min(steps, default=None)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "equal": self.equal,
            "first_difference": self.step,
            "parts": [
                asdict(part) | {"equal": part.equal, "difference": _finite(part.difference)}
                for part in self.parts
            ],
            "hooks": [asdict(row) for row in self.hooks],
            "losses": [list(row) for row in self.losses],
            "notes": list(self.notes),
        }


def _moment(part: Part) -> float:
    if part.step is not None:
        return part.step
    return -1 if part.name in _BEFORE else math.inf


def _finite(number: float) -> float | None:
    """JSON has no infinity."""
    return number if math.isfinite(number) else None


def compare(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    again: Mapping[str, Any] | None = None,
    release: str = "",
) -> Comparison:
    """What two recordings have in common, the old one of a Lightning ``release``.

    ``again`` is another recording of what gave ``new``: a logged value that differs between these
    two, as one of a clock does, says nothing of the old one, and is left out.
    """
    unsteady = _unsteady(new, again) if again is not None else frozenset()
    calls = compare_hooks(old["hooks"], new["hooks"], release)
    notes = list(calls.notes)
    if unsteady:
        notes.append(f"differs in each run, and is not compared: {', '.join(sorted(unsteady))}")
    parts = (
        _part(HOOKS, calls.called),
        _weights(_INITIAL, old["initial"], new["initial"]),
        _part(_ORDER, calls.order),
        _part(_GIVEN, calls.given),
        _series("losses", old["losses"], new["losses"]),
        _series("optimizer steps", old["steps"], new["steps"]),
        _series("learning rates", old["rates"], new["rates"]),
        _logged(
            [_without(unsteady, values) for values in old["logged"]],
            [_without(unsteady, values) for values in new["logged"]],
        ),
        _mappings(_FINAL, _without(unsteady, old["final"]), _without(unsteady, new["final"])),
        _weights("final weights", old["weights"], new["weights"]),
    )
    rows = _paired(old["losses"], new["losses"])
    losses = tuple((row[0], before, after) for row, before, after in rows)
    return Comparison(parts, losses, tuple(notes), calls.rows)


def _unsteady(one: Mapping[str, Any], other: Mapping[str, Any]) -> frozenset[str]:
    """The names of logged values that differ between two recordings of the same program."""
    pairs = [*zip(one["logged"], other["logged"], strict=False), (one["final"], other["final"])]
    return frozenset(
        key
        for values, others in pairs
        for key, value in values.items()
        if key in others and _apart(value, others[key]) > TOLERANCE
    )


def _without(names: frozenset[str], values: Numbers) -> Numbers:
    return {key: value for key, value in values.items() if key not in names}


def _paired(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Any, Any, Any]]:
    for index in range(max(len(old), len(new))):
        before = old[index] if index < len(old) else None
        after = new[index] if index < len(new) else None
        yield (
            before or after,
            before[-1] if before else None,
            after[-1] if after else None,
        )


def _series(name: str, old: Sequence[Any], new: Sequence[Any]) -> Part:
    """Rows of a batch and numbers, in the order in which they came."""
    greatest = 0.0
    for before, after in zip(old, new, strict=False):
        away = max(map(_apart, before, after)) if len(before) == len(after) else math.inf
        greatest = max(greatest, away)
        if away > TOLERANCE:
            detail = f"{_shown(before[1:])} became {_shown(after[1:])}"
            return Part(name, len(old), greatest, min(before[0], after[0]), detail)
    if len(old) != len(new):
        rest = [*old, *new][min(len(old), len(new)) :]
        detail = f"{len(old)} became {len(new)}"
        return Part(name, min(len(old), len(new)), math.inf, rest[0][0] if rest else None, detail)
    return Part(name, len(old), greatest)


def _logged(old: Sequence[Numbers], new: Sequence[Numbers]) -> Part:
    greatest = 0.0
    for step, (before, after) in enumerate(zip(old, new, strict=False)):
        part = _mappings(_LOGGED, before, after)
        greatest = max(greatest, part.difference)
        if not part.equal:
            return Part(part.name, len(old), greatest, step, part.detail)
    if len(old) != len(new):
        detail = f"{len(old)} batches became {len(new)}"
        return Part(_LOGGED, len(old), math.inf, min(len(old), len(new)), detail)
    return Part(_LOGGED, len(old), greatest)


def _mappings(name: str, old: Numbers, new: Numbers) -> Part:
    """Values by name; one that only the new release gives is no loss."""
    greatest = 0.0
    for key, before in old.items():
        if key not in new:
            return Part(name, len(old), math.inf, None, f"{key} is missing")
        away = _apart(before, new[key])
        greatest = max(greatest, away)
        if away > TOLERANCE:
            detail = f"{key}: {_shown([before])} became {_shown([new[key]])}"
            return Part(name, len(old), greatest, None, detail)
    return Part(name, len(old), greatest)


def _weights(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Part:
    greatest = 0.0
    for key in [*old, *(k for k in new if k not in old)]:
        if key not in old or key not in new:
            return Part(name, len(old), math.inf, None, f"{key} is only in one of them")
        away = max(map(_apart, old[key], new[key]))
        greatest = max(greatest, away)
        if away > TOLERANCE:
            detail = f"{key}: {_shown(old[key])} became {_shown(new[key])} (sum, norm)"
            return Part(name, len(old), greatest, None, detail)
    return Part(name, len(old), greatest)


def _part(name: str, found: Parting) -> Part:
    away = math.inf if found.detail else 0.0
    return Part(name, found.pairs, away, found.step, found.detail)


def _apart(old: Any, new: Any) -> float:
    """How far two numbers are from each other, relative to the larger."""
    if not isinstance(old, (int, float)) or not isinstance(new, (int, float)):
        return 0.0 if old == new else math.inf
    difference = abs(old - new)
    if difference <= _ABSOLUTE:
        return 0.0
    return difference / max(abs(old), abs(new))


def _shown(values: Sequence[Any]) -> str:
    return ", ".join(f"{v:.6g}" if isinstance(v, float) else str(v) for v in values)
