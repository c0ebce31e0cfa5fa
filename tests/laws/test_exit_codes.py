"""Law 10: 0 nothing left to do, 1 findings or fixes left, 2 not processed, or a wrong call."""

from __future__ import annotations

from pathlib import Path

import pytest

from .process import Lfix
from .programs import FAULTY, FIXED

_TOLD = FAULTY.replace("Rows())", "train_dataset)")
#: What is in the tree, and the codes of check, of a dry run and of apply.
_CASES = {
    "nothing to do": ({"a.py": FIXED}, (0, 0, 0)),
    "everything can be fixed": ({"a.py": FAULTY}, (1, 1, 0)),
    "nothing can be fixed": ({"a.py": _TOLD}, (1, 1, 1)),
    "some can be fixed": ({"a.py": FAULTY, "b.py": _TOLD}, (1, 1, 1)),
    "a broken file alone": ({"a.py": "("}, (2, 2, 2)),
    "a broken file beside": ({"a.py": "(", "b.py": FAULTY, "c.py": _TOLD}, (2, 2, 2)),
    "a warning only": ({"a.py": "x = 1  # lfix: ignore\n"}, (1, 1, 1)),
}


@pytest.mark.parametrize("case", _CASES)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_codes(tmp_path: Path, lfix: Lfix, case: str, format_: str) -> None:
    files, codes = _CASES[case]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    # A suppression without codes is judged where all rules ran.
    on = ["--select", "LF101,LF102"] if "warning" not in case else []
    commands = (["check"], ["apply", "--dry-run"], ["apply"])
    got = tuple(lfix(*c, ".", *on, "--format", format_, cwd=tmp_path).code for c in commands)
    assert got == codes


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["frobnicate"], "frobnicate"),
        (["check", "--frobnicate"], "--frobnicate"),
        (["check", "--jobs", "0"], "--jobs"),
        (["check", "--jobs", "many"], "--jobs"),
        (["check", "--format", "xml"], "--format"),
        (["check", "--select", "XY1"], "no rule has the code or name 'XY1'"),
        (["apply", "--ignore", "lf101"], "no rule has the code or name 'lf101'"),
        (["explain"], "code"),
        (["explain", "XY1"], "no rule has the code or name 'XY1'"),
        (["undo"], "nothing"),
        (["apply", "--verify", " "], "--verify needs a script"),
        (["verify"], "name a script"),
        (["check", "absent"], "does not exist"),
    ],
)
def test_a_wrong_call_is_2_with_a_sentence(
    tmp_path: Path, lfix: Lfix, words: list[str], told: str
) -> None:
    ran = lfix(*words, cwd=tmp_path)
    assert ran.code == 2
    assert told.lower() in ran.err.lower()
    assert ran.out == ""
    assert "Traceback" not in ran.err
