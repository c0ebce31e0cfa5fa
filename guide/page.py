"""docs/migration.md: the numbers, and every change with its rule and status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .measure import Outcome, Status
from .rows import FIXABILITIES, Fact

_INTRODUCTION = """\
# Migration

Every change of Lightning from 1.4 to 2.6 that user code meets, and what lfix makes of it.
Written by `make guide`, which runs lfix on a small program for each change (`guide/rows/`).

- **recognized**: a finding of the rule on the right line, with the way out.
- **fixed**: `lfix apply` gives a program that parses, in which every Lightning name, argument,
  value and hook exists at 2.6, and which is the expected one. Where that takes
  `--unsafe-fixes`, the status says unsafe.
- **told**: recognized, and to be changed by hand.
- **no change**: said to be one and found to be none; the notes at the end say why."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many changes there are in a group, and how far lfix comes with them.

    ``none`` are those among them that are no changes.
    """

    all: int
    recognized: int
    fixed: int
    none: int

    def __str__(self) -> str:
        none = f", no change {self.none}" if self.none else ""
        return f"recognized {self.recognized}/{self.all}, fixed {self.fixed}/{self.all}{none}"


def count(names: Iterable[str], outcomes: Mapping[str, Outcome]) -> Count:
    """The numbers of some changes; one without a row counts as not recognized."""
    wanted = list(names)
    found = [outcomes[name].status for name in wanted if name in outcomes]
    return Count(
        len(wanted),
        sum(status not in (Status.MISSED, Status.NONE) for status in found),
        sum(status.fixed for status in found),
        found.count(Status.NONE),
    )


def groups(
    facts: Mapping[str, Fact],
    outcomes: Mapping[str, Outcome],
    key: Callable[[Fact], str],
    order: Sequence[str],
) -> list[tuple[str, Count]]:
    """The numbers for each value of ``key``, in the given order."""
    return [
        (value, count([n for n, f in facts.items() if key(f) == value], outcomes))
        for value in order
    ]


def by_fixability(
    facts: Mapping[str, Fact], outcomes: Mapping[str, Outcome]
) -> list[tuple[str, Count]]:
    """The numbers by how far a machine can go."""
    return groups(facts, outcomes, lambda f: f.fixability, FIXABILITIES)


def by_kind(facts: Mapping[str, Fact], outcomes: Mapping[str, Outcome]) -> list[tuple[str, Count]]:
    """The numbers by kind of change."""
    return groups(facts, outcomes, lambda f: f.kind, sorted({f.kind for f in facts.values()}))


def page(facts: Mapping[str, Fact], outcomes: Mapping[str, Outcome]) -> str:
    """The whole page."""
    total = count(facts, outcomes)
    numbers = f"{total.recognized} are recognized and {total.fixed} fixed; {total.none} are none"
    parts = [_INTRODUCTION, f"Of {total.all} changes {numbers}."]
    parts.append(_numbers("how far a machine can go", by_fixability(facts, outcomes)))
    parts.append(_numbers("kind", by_kind(facts, outcomes)))
    for kind, _ in by_kind(facts, outcomes):
        parts.append(f"## {kind}\n\n{_changes(kind, facts, outcomes)}")
    notes = [f"- `{name}`: {text}" for name in facts for text in _notes(outcomes.get(name))]
    if notes:
        parts.append("## Notes\n\n" + "\n".join(notes))
    return "\n\n".join(parts) + "\n"


def _numbers(head: str, rows: list[tuple[str, Count]]) -> str:
    lines = [f"| {head} | changes | recognized | fixed | no change |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {c.all} | {c.recognized} | {c.fixed} | {c.none} |" for name, c in rows]
    return "\n".join(lines)


def _changes(kind: str, facts: Mapping[str, Fact], outcomes: Mapping[str, Outcome]) -> str:
    lines = ["| change | how far | gone in | rule | status |", "|---|---|---|---|---|"]
    for name, fact in facts.items():
        if fact.kind != kind:
            continue
        outcome = outcomes.get(name)
        status = outcome.status if outcome else Status.MISSED
        removed = outcome.row.removed if outcome else fact.removed
        code = outcome.row.code if outcome else ""
        lines.append(
            f"| {name} | {fact.fixability} | {removed or 'works'} | {code} | {status.value} |"
        )
    return "\n".join(lines)


def _notes(outcome: Outcome | None) -> Iterable[str]:
    if outcome is not None:
        yield from (
            " ".join(text.split()) for text in (outcome.row.note, outcome.row.corrects) if text
        )
