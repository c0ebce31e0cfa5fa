"""Several programs in one call, from the settings and from the command line, with real runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lfix.codemods.verify import Outcome, Request, RequestError, Stage, Status, several
from lfix.codemods.verify.outcome import no_worse, worst_of
from lfix.codemods.verify.runner import memory

from ..laws.process import Lfix
from ..schema import complaints
from .conftest import Call
from .processes import marked

_NET = """\
import torch
from torch import nn
import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self, lr=0.1):
        super().__init__()
        self.lr = lr
        self.layer = nn.Linear(10, 2)

    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.cross_entropy(self.layer(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.lr)
"""
_TRAIN = """\
import sys
import pytorch_lightning as pl
from nets.net import Net
from nets.data import loader

if "--stop" in sys.argv:
    sys.exit("as asked for")
pl.Trainer(max_epochs=1, weights_summary=None).fit(Net(), loader())
"""
_DATA = """\
from torch.utils.data import DataLoader


def loader():
    return DataLoader([open], batch_size=4)
"""
_TABLE = """\
[tool.lfix.verify]
scripts = ["train.py", "-m nets.train", "nets.net:Net --init 'lr=0.5'"]
device = "cpu"
data = "synthetic"
batch = {x = "float32[4,10]", y = "int64[4] < 2"}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Two programs that one fix repairs, and a class; their data cannot be had."""
    files = {
        "nets/__init__.py": "",
        "nets/net.py": _NET.replace("= batch\n", '= batch["x"], batch["y"]\n'),
        "nets/data.py": _DATA,
        "nets/train.py": _TRAIN.replace("weights_summary=None", "enable_model_summary=False"),
        "train.py": _TRAIN,
        "pyproject.toml": _TABLE,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return tmp_path


def test_all_that_the_settings_list(call: Call, project: Path) -> None:
    page = project.parent / f"{project.name}.md"
    done = call("verify", "--format", "json", "--report", page, cwd=project / "nets")
    assert done.exit_code == 3, done.output
    found = json.loads(done.stdout)
    assert complaints(found) == []
    assert (found["status"], found["exit_code"]) == ("failed", 3)
    got = {run["program"]: run["status"] for run in found["runs"]}
    assert got == {"train.py": "failed", "-m nets.train": "verified", "nets.net:Net": "verified"}
    assert all("[tool.lfix.verify] batch" in run["data"] for run in found["runs"])
    text = page.read_text()
    assert "2 of 3 scripts verified" in text
    assert "| -m nets.train | verified | hooks |" in text
    assert "### `train.py`\n\n**failed**: TypeError: Trainer.__init__() got an unexpected" in text
    assert "<details><summary>Traceback</summary>" in text


def test_apply_tries_all_and_one_more(call: Call, project: Path) -> None:
    page = project.parent / f"{project.name}.md"
    asked = ("apply", ".", "--verify", "all", "--verify", "train.py --stop", "--verify", "train.py")
    done = call(*asked, "--format", "json", "--report", page, cwd=project)
    assert done.exit_code == 4, done.output
    found = json.loads(done.stdout)
    assert complaints(found) == []
    assert found["written"] == []
    stopped, *others = found["runs"]
    assert [run["program"] for run in found["runs"]] == [
        *("train.py --stop", "train.py", "-m nets.train", "nets.net:Net"),
    ]
    assert stopped["after"]["status"] == "not verifiable"
    assert [run["before"]["status"] for run in others] == ["failed", "verified", "verified"]
    assert [run["after"]["status"] for run in others] == ["verified", "verified", "verified"]
    assert "| `train.py` | failed, imported | verified, hooks |" in page.read_text()
    assert "Nothing is written" in page.read_text()
    written = call("apply", ".", "--verify", "all", cwd=project)
    assert written.exit_code == 0, written.output
    assert "enable_model_summary=False" in (project / "train.py").read_text()
    assert written.stderr.count("before the fixes: ") == 3
    quiet = call("verify", "-q", "--jobs", "1", cwd=project)
    assert quiet.exit_code == 0
    assert quiet.stdout.count(": verified: one training step on cpu, on data") == 3


def test_the_table_at_the_end(call: Call, project: Path) -> None:
    (project / "train.py").write_text("raise SystemExit(3)\n")
    table = _TABLE.replace('"-m nets.train", ', "")
    (project / "pyproject.toml").write_text(table)
    done = call("verify", cwd=project)
    assert done.exit_code == 4
    last = done.stdout.splitlines()[-2:]
    assert [line.split("  ")[0] for line in last] == ["train.py", "nets.net:Net"]
    assert "not verifiable  started" in last[0]
    assert "verified        hooks" in last[1]


@pytest.mark.parametrize(
    ("table", "words", "told"),
    [
        ("", ("verify",), 'name a script, or a module with -m, or list some: scripts = ["train'),
        ("scripts = []", ("verify",), "name a script"),
        ("", ("apply", "--verify", "all"), "name a script"),
        ('scripts = ["none.py", "train.py"]', ("verify",), "none.py: none.py is not a file"),
        ('scripts = ["train.py"]\nbatch = "x"', ("verify",), "[tool.lfix.verify] batch: 'x' is no"),
        ('device = "gpu"', ("verify", "train.py"), "unknown device 'gpu'"),
        ('precision = "8"', ("verify", "train.py"), "unknown precision '8'"),
        ("", ("verify", "train.py", "--batch", "float32"), "--batch: 'float32' is no tensor"),
        (
            "",
            ("verify", "train.py", "--batch", "float32[1]", "--data", "recorded"),
            "--batch goes with --data synthetic, not with --data recorded",
        ),
        ('scripts = ["train.py", "nets/data.py"]', ("verify", "--against", "1.5"), "one script"),
        (
            'scripts = ["train.py", "-m a"]',
            ("verify", "--record-to", "a.pt"),
            "name the one script",
        ),
        (
            'launcher = "srun"',
            ("verify", "train.py", "--against", "1.5.10"),
            "--against does not go with a launcher, because the old release is installed here",
        ),
        (
            'launcher = "srun"',
            ("verify", "train.py", "--devices", "2"),
            "--devices does not go with a launcher, because a launcher runs one process",
        ),
        (
            'launcher = "srun"',
            ("verify", "train.py", "--record"),
            "leave --record out, or the launcher (--launcher '' where the settings name it)",
        ),
    ],
)
def test_wrong_calls(
    lfix: Lfix, project: Path, table: str, words: tuple[str, ...], told: str
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.lfix.verify]\n{table}\n")
    done = lfix(*words, cwd=project)
    assert done.code == 2
    assert told in done.err


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('script = "train.py"', "script is not a setting of lfix; known are scripts, data, batch"),
        ('scripts = "train.py"', "scripts must be a list of strings, not 'train.py'"),
        ('scripts = ["train.py \'"]', 'scripts: "train.py \'" cannot be split into words'),
        ('scripts = ["-m"]', "scripts: '-m' names no program"),
        ('launcher = "srun \'"', 'launcher: "srun \'" cannot be split into words'),
        ("memory = -1", "memory must be a number of GB above 0, not -1"),
        ("timeout = 0", "timeout must be a number of seconds above 0, not 0"),
        ("steps = true", "steps must be a whole number of at least 1, not True"),
        ("device = 3", "device must be a string, not 3"),
    ],
)
def test_wrong_settings_are_named_by_every_command(
    lfix: Lfix, project: Path, table: str, told: str
) -> None:
    config = project / "pyproject.toml"
    config.write_text(f"[tool.lfix.verify]\n{table}\n")
    for words in (("verify",), ("check",)):
        done = lfix(*words, cwd=project)
        assert done.code == 2
        assert f"{config}: [tool.lfix.verify] {told}" in done.err


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks /proc who is left")
def test_an_interrupt_ends_all_of_them(lfix: Lfix, project: Path) -> None:
    mark = f"sleeping-{project.name}"
    (project / "train.py").write_text(f"import time  # {mark}\ntime.sleep(9999)\n")
    lines = '"train.py a", "train.py b", "train.py c"'
    (project / "pyproject.toml").write_text(
        f'[tool.lfix.verify]\ndevice = "cpu"\ntimeout = 9999\nscripts = [{lines}]\n'
    )
    command = subprocess.Popen(
        [*lfix.command, "verify", "--jobs", "3"],
        cwd=project,
        env=lfix.environment | {"LFIX_TEST_MARK": mark},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 300
    while len(marked(mark)) < 4 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(marked(mark)) >= 4
    command.send_signal(signal.SIGINT)
    try:
        command.wait(timeout=300)
    finally:
        command.kill()
    while marked(mark) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert marked(mark) == []


def _request(device: str = "cpu", **more: Any) -> Request:
    return Request(Path("train.py"), device=device, **more)


def test_how_many_run_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    plenty, scarce = 64 * 1024**3, 4 * 1024**3
    monkeypatch.setattr(memory, "free", lambda: plenty)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3})
    monkeypatch.setattr(sys, "platform", "linux")
    assert several.at_once([_request()] * 5) == 2
    assert several.at_once([_request()]) == 1
    assert several.at_once([_request(), _request("cuda:1")]) == 1
    assert several.at_once([_request(), _request(launcher=("srun",))]) == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})
    assert several.at_once([_request()] * 5) == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    for free in (scarce, 0):
        monkeypatch.setattr(memory, "free", lambda free=free: free)
        assert several.at_once([_request()] * 5) == 1


def test_a_wrong_one_is_named(tmp_path: Path) -> None:
    (tmp_path / "train.py").touch()
    wrong = Request(Path("none.py"), cwd=tmp_path)
    with pytest.raises(RequestError, match=r"^none\.py: none\.py is not a file"):
        several.verify_all([Request(Path("train.py"), cwd=tmp_path), wrong])


def test_one_status_for_several() -> None:
    def outcome(status: Status) -> Outcome:
        return Outcome(status, "it", Stage.HOOKS)

    fine, unclear, failed = map(outcome, (Status.VERIFIED, Status.NOT_VERIFIABLE, Status.FAILED))
    assert worst_of([fine, unclear, failed, fine]) is Status.FAILED
    assert worst_of([fine, unclear]) is Status.NOT_VERIFIABLE
    assert no_worse([fine, failed], [fine, fine])
    assert not no_worse([fine, failed], [failed, fine])
