"""Fixes that are left out stay left out, wherever the other fixes take their lines."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lfix.codemods.engine.run import run
from lfix.codemods.engine.settings import Settings
from lfix.codemods.engine.withheld import Place, Withheld
from lfix.codemods.model import Finding, Span

_PATH = Path("a.py")


def _at(line: int, code: str = "LF201") -> Finding:
    return Finding(code, "some-rule", _PATH, Span(0, 0), line, 1, "")


@given(
    st.lists(st.integers(0, 99), min_size=1, max_size=20, unique=True),
    st.lists(st.integers(100, 199), max_size=5, unique=True),
    st.data(),
)
def test_a_line_is_followed(numbers: list[int], new: list[int], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(numbers) - 1))
    at = data.draw(st.integers(0, len(numbers)))
    later = [*numbers[:at], *new, *numbers[at:]]
    withheld = Withheld([Place(_PATH, "LF201", index + 1)])
    withheld.follow(_PATH, _text(numbers), _text(later))
    line = later.index(numbers[index]) + 1
    assert withheld.holds(_at(line))
    assert not withheld.holds(_at(line, "LF202"))
    assert [n for n in range(1, len(later) + 1) if withheld.holds(_at(n))] == [line]


def _text(numbers: list[int]) -> bytes:
    return "".join(f"{number}\n" for number in numbers).encode()


def test_a_changed_line_stays_withheld() -> None:
    withheld = Withheld([Place(_PATH, "LF201", 2)])
    withheld.follow(_PATH, b"a\nb\nc\n", b"new\na\nbb\nc\n")
    assert withheld.holds(_at(3))
    withheld.follow(Path("b.py"), b"a\n", b"x\na\n")
    assert withheld.holds(_at(3))


@pytest.mark.parametrize("kept", [3, 5])
def test_a_run_leaves_out_one_of_two(tmp_path: Path, kept: int) -> None:
    text = (
        "from pytorch_lightning import Trainer\n\n"
        "a = Trainer(weights_summary=None, gpus=1)\n\n"
        "b = Trainer(weights_summary=None, gpus=1)\n"
    )
    (tmp_path / "train.py").write_text(text)
    left_out = [
        Place.of(finding)
        for finding in run([tmp_path], Settings(root=tmp_path)).left
        if finding.line != kept
    ]
    report = run([tmp_path], Settings(root=tmp_path), fix=True, without=left_out)
    (file,) = report.files
    lines, before = file.after.decode().splitlines(), text.splitlines()
    other = {3: 5, 5: 3}[kept]
    assert lines[other - 1] == before[other - 1]
    assert "gpus" not in lines[kept - 1]
    assert {(f.code, f.line) for f in report.left} == {(p.code, p.line) for p in left_out}
