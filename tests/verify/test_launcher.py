"""Runs by a launcher: any words in front of a command, and what can go wrong with them."""

from __future__ import annotations

import ast
import base64
import json
import os
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lfix.codemods.verify import Outcome, Request, RequestError, Stage, Status, launch, verify
from lfix.codemods.verify.data import Data
from lfix.codemods.verify.launch import Sent

from ..laws.process import Lfix

Run = Callable[..., Outcome]
Program = Callable[..., str]

# The file is not there for the other side, as behind `ssh host`; its input is.
UNSHARED = """sh -c '[ -f "$2" ] && mv "$2" "$2.away"; exec "$@"' sh"""
# It never comes to an end, and the command's own output is printed into the middle of its lines.
CHATTY = """sh -c '(while sleep 0.01; do printf "chat "; done) & exec "$@"' sh"""
ELSEWHERE = """sh -c 'cd / && echo WELCOME && exec "$@"' sh"""


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_a_step_elsewhere(run: Run, make_program: Program, tmp_path: Path) -> None:
    main = """
from pathlib import Path
import os, sys
assert Path("rows.txt").read_text() == "8" and Path.cwd() == Path(__file__).parent
assert Path(sys.argv[1]) == Path.cwd() / "rows.txt", sys.argv
print("no end of line", end="")
Path("made.txt").touch()
os.symlink("/no/such/place", "late")
pl.Trainer(max_epochs=1).fit(Net(), DataLoader(Rows(), batch_size=8))
"""
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "data").symlink_to("/no/such/data")
    outcome = run(
        {"train.py": make_program(main=main), "rows.txt": "8"},
        args=(str(tmp_path.resolve() / "project" / "rows.txt"),),
        launcher=tuple(shlex.split(ELSEWHERE)),
    )
    assert outcome.summary() == "verified: one training step on cpu", outcome.output
    assert outcome.stage is Stage.HOOKS
    assert outcome.logged == ("train_loss",)
    assert outcome.wrote == ("late appeared", "made.txt appeared")
    assert outcome.changes == ()
    assert outcome.output.startswith("WELCOME\n")
    assert "no end of line" in outcome.output
    assert "@lfix" not in outcome.output
    assert any(re.match(r"ran by sh -c .* on \S+$", note) for note in outcome.notes)
    assert any(note.startswith("data is a link that leads nowhere") for note in outcome.notes)
    assert not list((tmp_path / "cache" / "lfix").iterdir())


@pytest.mark.parametrize(
    ("launcher", "holds"),
    [
        ("env FOO=1", "os.environ['FOO'] == '1'"),
        ("nice -n 5", "os.nice(0) >= 5"),
        (UNSHARED, "True"),
        (CHATTY, "True"),
    ],
    ids=["env", "nice", "unshared", "chatty"],
)
def test_prefixes(run: Run, launcher: str, holds: str) -> None:
    source = f"import os, sys, time\nassert {holds}\ntime.sleep(0.2)\nraise ValueError('reached')\n"
    outcome = run(source, launcher=tuple(shlex.split(launcher)))
    assert outcome.summary() == "failed: ValueError: reached at train.py:4", outcome.output
    assert outcome.error is not None
    assert outcome.error.file == "train.py"


@pytest.mark.parametrize(
    ("launcher", "python", "said"),
    [
        ("sh -c 'echo no route; exit 255'", None, r"ended with status 255 before .*: no route \("),
        (
            "no-such-launcher -x",
            None,
            r"^the launcher no-such-launcher can not be started: No such",
        ),
        (
            "env",
            "no-such-python",
            r"ended with status 127 .*it was to run no-such-python; --python",
        ),
        (
            UNSHARED.replace('"$@"', '"$@" </dev/null'),
            None,
            r"does not see \S+run\.py, and its input",
        ),
    ],
    ids=["fails", "absent", "no-python", "unreachable"],
)
def test_what_does_not_start(run: Run, launcher: str, python: str | None, said: str) -> None:
    more = {} if python is None else {"python": Path(python)}
    outcome = run("", launcher=tuple(shlex.split(launcher)), **more)
    assert outcome.status is Status.NOT_VERIFIABLE
    assert re.search(said, outcome.reason), outcome.reason
    assert outcome.exit_code == 4


def test_a_hang_over_there(run: Run) -> None:
    outcome = run("import time\ntime.sleep(10_000)\n", launcher=("env",), timeout=3.0)
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.reason.startswith("no progress for 3 s after 'started' at train.py:2;")


def test_it_can_be_given_up(run: Run, tmp_path: Path) -> None:
    began = tmp_path / "began"
    source = f"import time\nopen({str(began)!r}, 'w').close()\ntime.sleep(10_000)\n"
    run(source, launcher=("env",), timeout=3000.0, give_up=began.exists)
    assert began.exists()


def test_a_project_that_is_too_large(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "PACKED_BYTES", 1_000)
    outcome = run("", launcher=("env",))
    assert outcome.status is Status.NOT_VERIFIABLE
    assert "larger than" in outcome.reason


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"devices": 2}, "--devices does not go with a launcher, because a launcher runs one"),
        ({"overlays": (Path("x"),)}, "--against does not go with a launcher"),
        ({"batches": 8}, "--against does not go with a launcher"),
        ({"data": Data(record=True)}, "--record does not go with a launcher, because no batch"),
    ],
)
def test_what_does_not_go_together(tmp_path: Path, more: dict[str, Any], said: str) -> None:
    (tmp_path / "train.py").touch()
    request = Request(Path("train.py"), cwd=tmp_path, launcher=("env",), **more)
    with pytest.raises(RequestError, match=said):
        verify(request)


def test_on_the_command_line(lfix: Lfix, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("raise ValueError('reached')")
    asked = ("verify", "train.py", "--python", sys.executable, "--launcher")
    assert lfix(*asked, "env FOO=1", cwd=tmp_path).code == 3
    assert lfix(*asked, "sh -c 'exit 255'", cwd=tmp_path).code == 4
    done = lfix(*asked, "sh 'x", cwd=tmp_path)
    assert done.code == 2
    assert "No closing quotation" in done.err


def test_in_the_settings(lfix: Lfix, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import os\nraise ValueError(os.environ.get('FOO'))")
    (tmp_path / "pyproject.toml").write_text('[tool.lfix.verify]\nlauncher = "env FOO=1"\n')
    asked = ("verify", "train.py", "--python", sys.executable)
    assert "ValueError: 1 at train.py:2" in lfix(*asked, cwd=tmp_path).out
    assert "ValueError: 2 " in lfix(*asked, "--launcher", "env FOO=2", cwd=tmp_path).out
    assert "ValueError: None " in lfix(*asked, "--launcher", "", cwd=tmp_path).out


def _sent(folder: Path) -> Sent:
    for name in ("boot", "copy", "rank0/out"):
        (folder / name).mkdir(parents=True)
    (folder / "rank0" / "request.json").write_text(json.dumps({"copy": str(folder / "copy")}))
    return Sent(folder, "lfix_runner")


def test_what_is_sent_parses_on_python_3_7_and_holds_no_path_of_here(tmp_path: Path) -> None:
    program = _sent(tmp_path).program({"cwd": str(tmp_path / "copy")})
    ast.parse(program, feature_version=(3, 7))
    assert str(tmp_path).encode() not in program
    assert max(map(len, program.splitlines())) < 200


@pytest.mark.parametrize("size", [1, 2, 7, 100_000])
def test_marked_lines_are_taken_out_wherever_they_are_cut(tmp_path: Path, size: int) -> None:
    text = "é" * 2000
    coded = base64.b64encode(text.encode())
    pieces = [b"@lfix token result.json more %b@\n" % coded[:1000], b"noise\n"]
    pieces += [b"partial@lfix token result.json end %b@\r\n" % coded[1000:]]
    pieces += [b"@lfix other result.json end %b@\nlast" % coded]
    stream = b"".join(pieces)
    marked = launch.Marked(os.open(os.devnull, os.O_RDONLY), tmp_path, "token")
    for at in range(0, len(stream), size):
        marked.take(stream[at : at + size])
    marked.close()
    assert (tmp_path / "result.json").read_text() == text
    assert marked.text() == "noise\npartial" + pieces[-1].decode()
