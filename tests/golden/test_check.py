"""The harness itself: each way in which an engine can be wrong turns a case red."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lfix.codemods.model import Edit, Finding, Fix, Problem, Safety, Span

from .case import Case, CaseFile, Kind, Said
from .check import CRLF, LF, Applied, Check, Engine

RULE = "bad-word"


def engine(folder: Path, rule: str, unsafe: bool) -> Applied:
    """A small right engine: fixes ``bad``, fixes ``poor`` unsafely, and tells of ``odd``."""
    assert rule == RULE
    files, fixed, left = {}, [], []
    for path in sorted(folder.rglob("*.py")):
        content = path.read_bytes()
        name = path.relative_to(folder)
        found = _findings(name, content)
        taken = [f for f in found if f.safety is Safety.SAFE or (unsafe and f.fix)]
        fixed += taken
        left += [f for f in found if f not in taken]
        if taken:
            content = content.replace(b"bad", b"good")
            content = content.replace(b"poor", b"rich") if unsafe else content
        files[name.as_posix()] = content
    return Applied(files, tuple(fixed), tuple(left))


def _findings(path: Path, content: bytes) -> list[Finding]:
    found = []
    for number, line in enumerate(content.decode().splitlines(), start=1):
        for word, safety in (("bad", Safety.SAFE), ("poor", Safety.UNSAFE), ("odd", None)):
            if word in line:
                span = Span(0, 1)
                fix = Fix("mend", (Edit(span, ""),), safety) if safety else None
                message = f"the word {word}"
                found.append(Finding("LF900", RULE, path, span, number, 1, message, fix, "so"))
    return found


def changed(transform: Callable[[Applied, bool], Applied]) -> Engine:
    """The right engine with something done to what it returns."""

    def wrong(folder: Path, rule: str, unsafe: bool) -> Applied:
        return transform(engine(folder, rule, unsafe), unsafe)

    return wrong


def said(line: int, fragment: str, safety: str | None = None, path: str = "case.py") -> Said:
    return Said(path, line, "LF900", safety, fragment)


FIX = Case(
    Kind.FIX,
    "fix",
    1,
    (CaseFile("case.py", "a\nbad\nodd\n", "a\ngood\nodd\n"), CaseFile("pkg/b.py", "b\n")),
    says=(said(3, "word odd", "manual"),),
)
UNSAFE = Case(Kind.UNSAFE, "unsafe", 1, (CaseFile("case.py", "poor\n", "rich\n"),))
KEEP = Case(Kind.KEEP, "keep", 1, (CaseFile("case.py", "fine\n"),))
TOLD = Case(
    Kind.TOLD, "told", 1, (CaseFile("case.py", "odd\nodd\n"),), says=(said(1, "so"), said(2, "odd"))
)


def complaints(case: Case, folder: Path, engine: Engine = engine, newline: str = LF) -> str:
    return "\n".join(Check(case, RULE, folder / "project", newline, engine).complaints())


@pytest.mark.parametrize("newline", [LF, CRLF], ids=["LF", "CRLF"])
@pytest.mark.parametrize("case", [FIX, UNSAFE, KEEP, TOLD], ids=lambda case: case.kind.value)
def test_the_right_engine_passes(case: Case, newline: str, tmp_path: Path) -> None:
    assert not complaints(case, tmp_path, newline=newline)


def _lf_only(applied: Applied, _: bool) -> Applied:
    return replace(applied, files={k: v.replace(b"\r", b"") for k, v in applied.files.items()})


def _adds_a_line(applied: Applied, _: bool) -> Applied:
    return replace(applied, files={k: v + b"# more\n" for k, v in applied.files.items()})


def _makes_a_file(applied: Applied, _: bool) -> Applied:
    return replace(applied, files={**applied.files, "new.py": b"new\n"})


def _adds_when_unsafe(applied: Applied, unsafe: bool) -> Applied:
    return _adds_a_line(applied, unsafe) if unsafe else applied


def _adds_when_safe(applied: Applied, unsafe: bool) -> Applied:
    return applied if unsafe else _adds_a_line(applied, unsafe)


def _flips(applied: Applied, _: bool) -> Applied:
    done = not applied.fixed
    text = b"a\nbad\nodd\n"
    return replace(applied, files={**applied.files, "case.py": text}) if done else applied


def _silent(applied: Applied, _: bool) -> Applied:
    return replace(applied, left=())


def _has_a_problem(applied: Applied, _: bool) -> Applied:
    return replace(applied, problems=(Problem(Path("case.py"), "does not parse"),))


def _offers_a_fix(applied: Applied, _: bool) -> Applied:
    fix = Fix("mend", ())
    return replace(applied, left=tuple(replace(finding, fix=fix) for finding in applied.left))


def _finds_something(applied: Applied, _: bool) -> Applied:
    extra = _findings(Path("case.py"), b"\nodd\n")
    return replace(applied, left=(*applied.left, *extra))


def _finds_and_fixes(applied: Applied, _: bool) -> Applied:
    return replace(applied, fixed=tuple(_findings(Path("case.py"), b"bad\n")))


@pytest.mark.parametrize(
    ("case", "newline", "wrong", "message"),
    [
        (FIX, CRLF, _lf_only, r"after the fixes, case.py is not as wanted:\n.*\n.*\n(.*\n)*-a\\r"),
        (FIX, LF, _adds_a_line, r"pkg/b.py is not as wanted:\n--- wanted\n(.*\n)*\+# more"),
        (FIX, LF, _makes_a_file, r"new.py is not as wanted"),
        (FIX, LF, _flips, r"applied a second time, case.py is not as wanted"),
        (FIX, LF, _silent, r"nothing was found like case.py:3 LF900 manual: word odd"),
        (FIX, LF, _finds_something, r"not expected: case.py:2 LF900 manual: the word odd \(so\)"),
        (FIX, LF, _has_a_problem, r"after the fixes: case.py: does not parse"),
        (UNSAFE, LF, _adds_when_safe, r"with safe fixes only, case.py is not as wanted"),
        (UNSAFE, LF, _adds_when_unsafe, r"after the unsafe fixes, case.py is not as wanted"),
        (UNSAFE, LF, _silent, r"there is no finding"),
        (KEEP, LF, _adds_when_unsafe, r"with unsafe fixes, case.py is not as wanted"),
        (KEEP, LF, _adds_when_safe, r"with safe fixes, case.py is not as wanted"),
        (KEEP, LF, _finds_something, r"with safe fixes: not expected"),
        (KEEP, LF, _finds_and_fixes, r"with safe fixes: not expected"),
        (TOLD, LF, _adds_when_unsafe, r"with unsafe fixes, case.py is not as wanted"),
        (TOLD, LF, _silent, r"nothing was found like case.py:2 LF900: odd"),
        (TOLD, LF, _finds_something, r"not expected: case.py:2"),
        (TOLD, LF, _offers_a_fix, r"case.py:1 LF900 safe: the word odd \(so\) has a fix"),
    ],
)
def test_a_wrong_engine_fails(
    case: Case,
    newline: str,
    wrong: Callable[[Applied, bool], Applied],
    message: str,
    tmp_path: Path,
) -> None:
    assert re.search(message, complaints(case, tmp_path, changed(wrong), newline))


@pytest.mark.parametrize(
    "wrong",
    [
        said(4, "word odd"),
        said(3, "word even"),
        said(3, "word odd", "safe"),
        said(3, "word odd", path="pkg/b.py"),
        replace(said(3, "word odd"), code="LF901"),
    ],
)
def test_a_line_of_says_must_be_right_in_all_parts(wrong: Said, tmp_path: Path) -> None:
    found = complaints(replace(FIX, says=(wrong,)), tmp_path)
    assert f"nothing was found like {wrong}" in found
    assert "not expected: case.py:3" in found


def test_one_finding_does_not_count_for_two_lines(tmp_path: Path) -> None:
    twice = replace(FIX, says=(said(3, "odd"), said(3, "odd")))
    assert "nothing was found like" in complaints(twice, tmp_path)


def test_a_fix_case_without_says_wants_nothing_left(tmp_path: Path) -> None:
    assert "not expected: case.py:3" in complaints(replace(FIX, says=None), tmp_path)


def test_the_configuration_lies_beside_the_files(tmp_path: Path) -> None:
    seen = []

    def reading(folder: Path, rule: str, unsafe: bool) -> Applied:
        seen.append((folder / "pyproject.toml").read_text())
        return engine(folder, rule, unsafe)

    assert not complaints(replace(KEEP, config="[tool.lfix]\n"), tmp_path, reading)
    assert seen == ["[tool.lfix]\n"] * 2
