"""Every proof of every golden case, with real Lightning."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lfix.codemods.engine.rule import registry
from lfix.codemods.engine.settings import Settings
from lfix.codemods.tracebacks.explain import explain

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


#: What says nothing about its cause: keys and attributes of the user's own, shapes of tensors.
_SILENT = re.compile(r"KeyError: '|no attribute 'rows'|IndexError: Dimension")


def _failing() -> Iterator[object]:
    codes = {rule.name: rule.code for rule in registry().values()}
    for golden in goldens():
        for case in golden.cases:
            for proof in case.proofs:
                if proof.fails:
                    place = f"{golden.path}:{proof.line}"
                    tried = trial(case, proof)
                    ident = f"{golden.ident(case)} [{proof.title}]"
                    yield pytest.param(place, tried, codes[golden.rule], id=ident)


@pytest.mark.xdist_group("proofs")
@pytest.mark.parametrize(("place", "tried", "code"), list(_failing()))
def test_the_failure_leads_to_its_rule(
    place: str, tried: Trial, code: str, outcomes: dict[Program, Outcome], tmp_path: Path
) -> None:
    assert tried.before is not None
    failure = outcomes[tried.before].exception
    found = explain(failure, tmp_path, Settings())
    assert _SILENT.search(failure) or (found is not None and code in found.codes), (place, failure)
