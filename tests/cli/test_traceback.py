"""``lfix explain --traceback``, in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..laws.process import Lfix

_TEXT = """Traceback (most recent call last):
  File "{0}train.py", line 3, in <module>
    trainer = Trainer(gpus=2)
TypeError: __init__() got an unexpected keyword argument 'gpus'
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A script that fails."""
    text = "from pytorch_lightning import Trainer\n\ntrainer = Trainer(gpus=2)\n"
    (tmp_path / "train.py").write_text(text)
    return tmp_path


def test_a_file_with_a_traceback(lfix: Lfix, project: Path) -> None:
    (project / "error.txt").write_text(_TEXT.format(""))
    done = lfix("explain", "--traceback", "error.txt", cwd=project)
    assert done.code == 0
    assert "train.py:3:19 LF301" in done.out
    assert 'accelerator="gpu", devices=2' in done.out
    assert done.out.endswith("\nlfix apply train.py\n")
    assert (project / "train.py").read_text().endswith("Trainer(gpus=2)\n")


def test_the_command_that_is_named_repairs(lfix: Lfix, project: Path) -> None:
    text = _TEXT.format(f"{project}/")
    told = lfix("explain", "--traceback", "-", cwd=project, input=text.encode())
    command = told.out.splitlines()[-1].split()
    assert command[0] == "lfix"
    assert lfix(*command[1:], cwd=project).code == 0
    assert 'accelerator="gpu"' in (project / "train.py").read_text()


def test_json(lfix: Lfix, project: Path) -> None:
    text = _TEXT.format("").encode()
    done = lfix("explain", "--traceback", "-", "--format", "json", cwd=project, input=text)
    found = done.json
    assert found["exception"] == "TypeError"
    assert found["at"] == {"file": "train.py", "line": 3}
    assert found["rules"][0] == "LF301"
    assert [(f["code"], f["line"], f["safety"]) for f in found["findings"]] == [
        ("LF301", 3, "safe")
    ]
    assert found["command"] == "lfix apply train.py"


@pytest.mark.parametrize(
    ("words", "text", "code", "said"),
    [
        (("--traceback", "-"), b"all went well", 2, "there is no exception in this text"),
        (("--traceback", "missing.txt"), b"", 2, "missing.txt cannot be read"),
        (("--traceback", "-"), b"KeyError: 'x'\n", 1, "no rule knows this message"),
        ((), b"", 2, "give a rule's code, or a traceback"),
        (("LF301", "--traceback", "-"), b"", 2, "give a rule's code, or a traceback"),
        (("--traceback", "-"), b"\xff\xfe ValueError: \xff\n", 2, "no exception"),
    ],
)
def test_what_has_no_answer(
    lfix: Lfix, tmp_path: Path, words: tuple[str, ...], text: bytes, code: int, said: str
) -> None:
    done = lfix("explain", *words, cwd=tmp_path, input=text)
    assert done.code == code
    assert said in done.out + done.err
