"""Every golden case, run through the engine; and that rules and golden files belong together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lfix.codemods.engine.rule import Rule, registry

from .case import Case, Golden, Kind
from .check import CRLF, LF, Check
from .collect import FAMILIES, goldens
from .engine import apply_rule


def _cases() -> Iterator[object]:
    for golden in goldens():
        for case in golden.cases:
            yield pytest.param(golden, case, LF, id=golden.ident(case))
            yield pytest.param(golden, case, CRLF, id=f"{golden.ident(case)} (CRLF)")


def _rule(golden: Golden) -> Rule:
    return next(rule for rule in registry().values() if rule.name == golden.rule)


@pytest.mark.parametrize(("golden", "case", "newline"), list(_cases()))
def test_case(golden: Golden, case: Case, newline: str, tmp_path: Path) -> None:
    found = Check(case, golden.rule, tmp_path / "project", newline, apply_rule).complaints()
    if found:
        pytest.fail("\n".join([f"{golden.path}:{case.line}", *found]), pytrace=False)


def test_every_rule_has_its_golden_file_and_the_reverse() -> None:
    rules = sorted(rule.name for rule in registry().values())
    assert rules
    assert sorted(golden.rule for golden in goldens()) == rules


def test_every_golden_file_lies_in_a_family() -> None:
    assert {golden.family for golden in goldens()} <= set(FAMILIES)


def test_as_much_is_left_alone_as_is_changed() -> None:
    few = []
    for golden in goldens():
        changing = sum(case.kind.changes for case in golden.cases)
        if changing * 2 > len(golden.cases):
            left_alone = len(golden.cases) - changing
            few.append(f"{golden.rule}: {changing} fix and unsafe, {left_alone} keep and told")
    assert not few


def test_every_faulty_file_set_holds_a_trigger_of_its_rule() -> None:
    without = [
        f"{golden.path}:{case.line}"
        for golden in goldens()
        for case in golden.cases
        if case.kind is not Kind.KEEP
        and not any(
            trigger in file.before.encode()
            for trigger in _rule(golden).triggers
            for file in case.files
        )
    ]
    assert not without
