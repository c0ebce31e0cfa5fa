"""Law 3: what is written parses, and a bug in one rule costs that rule's fix only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from lfix.codemods.engine.file import File
from lfix.codemods.engine.rule import Rule
from lfix.codemods.engine.settings import Settings
from lfix.codemods.model import Edit, Finding, ProblemKind, Report, Safety, Span

from .programs import FAULTY, FIXED, SETTINGS, repair
from .rules import CODE, NAME, edits, register, replaces_value

WITH_MINE = replace(SETTINGS, select=SETTINGS.select | {CODE})


def _after(report: Report, path: Path) -> str:
    (file,) = (f for f in report.files if f.path == path)
    return file.after.decode()


def _assert_ours(report: Report, path: Path) -> None:
    (problem,) = report.all_problems
    assert problem.kind is ProblemKind.BUG
    assert problem.rule == NAME
    assert problem.path == path
    assert NAME in problem.message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(", id="does not parse"),
        pytest.param("1\nreturn 2", id="parses, but does not compile"),
        pytest.param("1\nfrom __future__ import annotations", id="late future import"),
        pytest.param("'''", id="swallows what follows"),
        pytest.param("'\udc80'", id="cannot be encoded"),
    ],
)
def test_a_fix_that_breaks_the_file_is_dropped_and_the_others_stay(
    tmp_path: Path, patch: pytest.MonkeyPatch, text: str
) -> None:
    register(patch, replaces_value(text))
    path = tmp_path / "train.py"
    path.write_text(f"{FAULTY}x = 1\n")
    report = repair(path, WITH_MINE)
    assert _after(report, path) == f"{FIXED}x = 1\n"
    assert [f.code for f in report.fixed] == ["LF101"]
    assert [f.code for f in report.left] == [CODE]
    _assert_ours(report, path)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        pytest.param(
            lambda file, node: [Edit(Span(0, 0), "'''"), file.replace(node, "'''")],
            "would change its meaning",
            id="code beside the edits",
        ),
        pytest.param(
            lambda _file, _node: [Edit(Span(0, 0), "# coding: latin-1\n")],
            "encoding",
            id="another encoding",
        ),
        pytest.param(
            lambda file, node: [
                file.replace(node, "x = 2"),
                Edit(file.span(node.value), "3"),
            ],
            "overlapping",
            id="edits of its own in the way",
        ),
    ],
)
def test_a_fix_that_breaks_another_law_is_dropped(
    tmp_path: Path, patch: pytest.MonkeyPatch, make: object, why: str
) -> None:
    register(patch, edits(make))  # type: ignore[arg-type]
    path = tmp_path / "train.py"
    path.write_text(f"y = 0\n{FAULTY}x = 1\n")
    report = repair(path, WITH_MINE)
    assert _after(report, path) == f"y = 0\n{FIXED}x = 1\n"
    _assert_ours(report, path)
    assert why in report.all_problems[0].message


def test_a_fix_waits_for_the_next_round_though_another_rule_was_refused(
    tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    register(patch, replaces_value("("))
    register(patch, replaces_value("[1]"), "LF902", "first")
    path = tmp_path / "train.py"
    path.write_text("x = 1\n")
    report = repair(path, replace(WITH_MINE, select=frozenset({CODE, "LF902"})))
    assert _after(report, path) == "x = [1]\n"
    _assert_ours(report, path)


def test_fixes_that_find_no_end_are_not_used(tmp_path: Path, patch: pytest.MonkeyPatch) -> None:
    def flip(file: File, node: object) -> list[Edit]:
        value = node.value  # type: ignore[attr-defined]
        return [file.replace(value, "2" if file.text(value) == "1" else "1")]

    register(patch, edits(flip))
    path = tmp_path / "train.py"
    path.write_text(f"{FAULTY}x = 1\n")
    other = tmp_path / "other.py"
    other.write_text(FAULTY)
    report = repair(tmp_path, WITH_MINE)
    assert not any(f.changed for f in report.files if f.path == path)
    assert _after(report, other) == FIXED
    _assert_ours(report, path)


def test_a_rule_that_raises_leaves_its_file_and_stops_no_other(
    tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    def find(_rule: Rule, _file: File, _settings: Settings) -> Iterator[Finding]:
        yield from ()
        raise KeyError("surprise")

    register(patch, find)
    bad = tmp_path / "bad.py"
    bad.write_text(f"{FAULTY}x = 1\n")
    good = tmp_path / "good.py"
    good.write_text(FAULTY)
    report = repair(tmp_path, WITH_MINE)
    assert not any(f.changed for f in report.files if f.path == bad)
    assert _after(report, good) == FIXED
    _assert_ours(report, bad)
    assert "surprise" in report.all_problems[0].message
    assert {f.path for f in report.left} == {bad}


def test_an_unsafe_fix_is_used_only_when_asked_for(
    tmp_path: Path, patch: pytest.MonkeyPatch
) -> None:
    register(patch, replaces_value("2", Safety.UNSAFE))
    path = tmp_path / "train.py"
    path.write_text("x = 1\n")
    assert not any(f.changed for f in repair(path, WITH_MINE).files)
    report = repair(path, replace(WITH_MINE, unsafe=True))
    assert _after(report, path) == "x = 2\n"
