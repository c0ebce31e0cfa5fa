"""Law 6: suppression is one for all commands, and a suppression that does nothing is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from .process import Lfix
from .programs import FAULTY

LAST = "trainer.fit(Net(), Rows())"
ON = ["--select", "LF101,LF102,LF001"]
_SILENT = [
    "# lfix: ignore",
    "#lfix:ignore",
    "# lfix: ignore[LF101]",
    "# lfix: ignore[LF999, LF101]",
    "# lfix: ignore[LF1]",
    "# lfix: ignore[dataset-passed-to-fit]",
    "# noqa  # lfix: ignore[LF101] since it batches",
]
_LOUD = [
    "# lfix: ignored",
    "# lfix: ignore-this",
    "# lfix: ignore[LF101",
    "# lfix: ignore[LF102]",
    "# lfix: ignore[lf101]",
    "# lfix ignore",
]


def _with(comment: str) -> str:
    return FAULTY.replace(LAST, f"{LAST}  {comment}")


@pytest.mark.parametrize("comment", _SILENT)
def test_a_suppressed_fault_is_silent_in_every_command(
    tmp_path: Path, lfix: Lfix, comment: str
) -> None:
    path = tmp_path / "train.py"
    path.write_text(_with(comment))
    for words in (["check"], ["apply", "--dry-run"], ["apply"], ["apply", "--unsafe-fixes"]):
        ran = lfix(*words, "train.py", *ON, cwd=tmp_path)
        assert (ran.code, ran.out) == (0, ""), words
        assert path.read_text() == _with(comment)


def test_other_comments_silence_nothing(tmp_path: Path, lfix: Lfix) -> None:
    for number, comment in enumerate(_LOUD):
        (tmp_path / f"train{number}.py").write_text(_with(comment))
    ran = lfix("check", ".", *ON, "--format", "json", cwd=tmp_path)
    found = [(f["path"], f["code"]) for f in ran.json["left"] if f["code"] == "LF101"]
    assert found == [(f"train{n}.py", "LF101") for n in range(len(_LOUD))]


def test_a_comment_on_either_end_of_the_code_counts(tmp_path: Path, lfix: Lfix) -> None:
    for name, call in {
        "first": "trainer.fit(Net(), Rows(  # lfix: ignore\n))",
        "last": "trainer.fit(Net(), Rows(\n))  # lfix: ignore",
    }.items():
        (tmp_path / f"{name}.py").write_text(FAULTY.replace(LAST, call))
    assert lfix("check", ".", *ON, cwd=tmp_path).code == 0


def test_a_string_is_no_suppression(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "train.py").write_text(_with("; '# lfix: ignore'"))
    assert "LF101" in lfix("check", ".", *ON, cwd=tmp_path).out


def test_only_the_suppressed_fault_is_spared(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "train.py"
    path.write_text(_with("# lfix: ignore") + f"{LAST}\n")
    assert lfix("apply", ".", *ON, cwd=tmp_path).code == 0
    assert (
        path.read_text()
        == _with("# lfix: ignore").replace("import Dataset\n", "import Dataset, DataLoader\n")
        + LAST.replace("Rows()", "DataLoader(Rows(), batch_size=32)")
        + "\n"
    )


@pytest.mark.parametrize("where", ["first", "last"])
def test_a_file_that_asks_to_be_skipped_is(tmp_path: Path, lfix: Lfix, where: str) -> None:
    path = tmp_path / "train.py"
    mark = "# lfix: skip-file\n"
    text = mark + FAULTY if where == "first" else FAULTY + mark
    path.write_text(text)
    for words in (["check"], ["apply", "--dry-run"], ["apply"]):
        ran = lfix(*words, ".", *ON, cwd=tmp_path)
        assert (ran.code, ran.out) == (0, ""), words
    assert path.read_text() == text


def test_a_suppression_that_silences_nothing_is_told(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "train.py"
    path.write_text("x = 1  # lfix: ignore[LF101]\n")
    ran = lfix("check", ".", *ON, cwd=tmp_path)
    assert ran.code == 1
    assert ran.out.startswith("train.py:1:8 LF001 '# lfix: ignore[LF101]' silences nothing here")
    path.write_text("x = 1\n\ny = 'é'  # lfix: ignore\n")
    assert lfix("check", ".", cwd=tmp_path).out.startswith("train.py:3:10 LF001")


def test_a_suppression_of_a_rule_that_is_off_is_not_judged(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "train.py"
    path.write_text(_with("# lfix: ignore[LF101]"))
    assert "LF001" not in lfix("check", ".", "--ignore", "LF101", cwd=tmp_path).out
    assert lfix("check", ".", "--select", "LF102,LF001", cwd=tmp_path).out == ""


def test_the_telling_can_be_switched_off(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "train.py"
    path.write_text("x = 1  # lfix: ignore[LF101]\n")
    for off in ("LF001", "unused-suppression", "LF0"):
        assert lfix("check", ".", "--ignore", off, cwd=tmp_path).code == 0
