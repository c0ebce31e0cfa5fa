"""Every proof of every golden case, with real Lightning."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..golden.collect import goldens
from .judge import Trial, complaints, line, trial
from .programs import Outcome, Program


def _trials() -> Iterator[object]:
    for golden in goldens():
        for case in golden.cases:
            for number, proof in enumerate(case.proofs, start=1):
                again = f"#{number}" if number > 1 else ""
                ident = f"{golden.ident(case)} [{proof.title}]{again}"
                place = f"{golden.path}:{proof.line}"
                yield pytest.param(place, trial(case, proof), id=ident)


@pytest.mark.xdist_group("proofs")
@pytest.mark.parametrize(("place", "tried"), list(_trials()))
def test_proof(place: str, tried: Trial, outcomes: dict[Program, Outcome]) -> None:
    found = complaints(tried, outcomes)
    if found:
        pytest.fail("\n".join([place, *found, *_report(tried, outcomes)]), pytrace=False)


def _report(tried: Trial, outcomes: dict[Program, Outcome]) -> Iterator[str]:
    names = ("before", "before_on_old", "after")
    for name in names:
        program = getattr(tried, name)
        if program:
            outcome = outcomes[program]
            yield f"\n--- {name} on {program.release}: {outcome.status} {outcome.exception}"
            yield f"RESULT {line(outcome)}"
            yield outcome.output
