"""``lfix checkpoint``: real files of old releases become new ones, and nothing is lost or run."""

from __future__ import annotations

import os
import pickle
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lfix.codemods.verify import upgrade as upgrade_
from lfix.codemods.verify.upgrade import Manner, Status, found, upgrade

from ..laws.process import Lfix

OLD = Path(__file__).parents[1] / "checkpoints"
NET = """
import pytorch_lightning as pl
import torch


class Net(pl.LightningModule):
    def __init__(self, lr=0.1, options=None):
        super().__init__()
        self.layer = torch.nn.Linear(4, {inputs})


class Other(Net):
    def __init__(self, lr=0.1, options=None):
        super().__init__()
        self.layer = torch.nn.Linear(4, 3)
"""


class Evil:
    """What runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.system, (f"touch {self.mark}",)


def evil(path: Path, mark: Path) -> Path:
    """A checkpoint of 1.5.10, as torch writes them, that runs a command when it is unpickled."""
    held = {
        "epoch": 0,
        "global_step": 1,
        "pytorch-lightning_version": "1.5.10",
        "state_dict": {},
        "hyper_parameters": {"options": Evil(mark)},
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(held, 2))
        archive.writestr("archive/version", "3\n")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for path in OLD.glob("*.ckpt"):
        shutil.copy(path, tmp_path / path.name)
    (tmp_path / "net.py").write_text(NET.format(inputs=2))
    return tmp_path


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_plain_one_is_upgraded_and_the_original_kept(project: Path, lfix: Lfix) -> None:
    before = _files(project)
    (project / "1.5.10.ckpt").chmod(0o640)
    words = ("checkpoint", "1.5.10.ckpt", "--class", "net:Net")
    ran = lfix(*words, cwd=project, timeout=120)
    assert ran.code == 0, ran.out + ran.err
    assert "upgraded from 1.5.10 to 2." in ran.out
    assert "net:Net loads it" in ran.out
    after = _files(project)
    assert after.pop("1.5.10.ckpt.bak") == before["1.5.10.ckpt"]
    assert {name for name in before if before[name] != after[name]} == {"1.5.10.ckpt"}
    assert before.keys() == after.keys()
    assert (project / "1.5.10.ckpt").stat().st_mode & 0o777 == 0o640
    again = lfix("checkpoint", "1.5.10.ckpt", cwd=project)
    assert (again.code, "needs no upgrade" in again.out) == (0, True)
    assert _files(project) == after | {"1.5.10.ckpt.bak": before["1.5.10.ckpt"]}


def test_objects_need_trust_and_are_told(project: Path, lfix: Lfix) -> None:
    before = _files(project)
    ran = lfix("checkpoint", ".", "--format", "json", "--dry-run", cwd=project)
    assert ran.code == 1
    assert [(Path(row["path"]).name, row["status"]) for row in ran.json] == [
        ("1.4.9.ckpt", "not trusted"),
        ("1.5.10.ckpt", "old"),
        ("1.9.5.ckpt", "not trusted"),
    ]
    assert "argparse.Namespace" in ran.json[2]["reason"]
    assert _files(project) == before
    words = ("checkpoint", "1.9.5.ckpt", "--trust", "--class", "net:Net", "--format", "json")
    (row,) = lfix(*words, cwd=project, timeout=120).json
    assert (row["status"], row["before"]) == ("holds objects", "1.9.5")
    assert "weights_only=False" in row["reason"]
    assert "_migrate_loop_structure_after_optimizer_loop_removal" in row["applied"]
    assert (project / "1.9.5.ckpt.bak").read_bytes() == before["1.9.5.ckpt"]


def test_a_class_that_does_not_load_it_leaves_everything_as_it_was(
    project: Path, lfix: Lfix
) -> None:
    before = _files(project)
    words = ("checkpoint", "1.4.9.ckpt", "--trust", "--class", "net:Other")
    ran = lfix(*words, cwd=project, timeout=120, env={"PYTHONDONTWRITEBYTECODE": "1"})
    assert ran.code == 3
    assert "net:Other does not load it: RuntimeError" in ran.out
    assert "size mismatch" in ran.out
    assert _files(project) == before


def test_a_class_that_is_not_there_is_told(project: Path) -> None:
    made = upgrade(project / "1.5.10.ckpt", Manner(_python(), "absent:Net"))
    assert made.status is Status.BROKEN
    assert "absent:Net cannot be imported" in made.reason
    assert not (project / "1.5.10.ckpt.bak").exists()


def test_what_a_file_asks_for_does_not_run(tmp_path: Path, lfix: Lfix) -> None:
    mark = tmp_path / "ran"
    path = evil(tmp_path / "evil.ckpt", mark)
    before = path.read_bytes()
    (tmp_path / "train.py").write_text('Net.load_from_checkpoint("evil.ckpt")\n')
    ran = lfix("check", ".", cwd=tmp_path)
    assert "LF805" in ran.out
    assert "posix.system (in hyper_parameters)" in ran.out
    ran = lfix("checkpoint", "evil.ckpt", cwd=tmp_path, timeout=120)
    assert (ran.code, "pass --trust if you trust it" in ran.out) == (1, True)
    assert not mark.exists()
    assert path.read_bytes() == before


def test_what_our_own_look_misses_torch_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "ran"
    path = evil(tmp_path / "evil.ckpt", mark)
    monkeypatch.setattr("lfix.codemods.engine.checkpoint.is_plain", lambda path: True)
    made = upgrade(path, Manner(_python()))
    assert made.status is Status.UNTRUSTED
    assert not mark.exists()
    made = upgrade(path, Manner(_python(), trusted=True))
    assert mark.exists(), "the test proves nothing: the command never runs"


def _python() -> Path:
    import sys

    return Path(sys.executable)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"\x89PNG\r\n\x1a\n", "is no checkpoint of torch"),
        (b"PK\x03\x04 cut off", "is no checkpoint of torch"),
        (pickle.dumps({"a": list(range(99))}, 2)[:-20], "is no checkpoint of torch"),
        (pickle.dumps({"a": 1}, 2), "is no checkpoint of Lightning"),
    ],
)
def test_a_broken_one_is_told(tmp_path: Path, lfix: Lfix, raw: bytes, told: str) -> None:
    (tmp_path / "x.ckpt").write_bytes(raw)
    ran = lfix("checkpoint", "x.ckpt", cwd=tmp_path)
    assert ran.code == 2
    assert told in ran.out
    assert "Traceback" not in ran.err
    assert _files(tmp_path) == {"x.ckpt": raw}


def test_what_stands_in_the_way_is_told(project: Path, lfix: Lfix) -> None:
    (project / "1.5.10.ckpt.bak").write_text("mine")
    (project / "out.ckpt").symlink_to(OLD / "1.5.10.ckpt")
    ran = lfix("checkpoint", ".", "nowhere", "net.py", cwd=project)
    assert ran.code == 2
    assert "1.5.10.ckpt.bak is there already" in ran.out
    assert "out.ckpt: is a link that leads out of" in ran.out
    assert "nowhere: does not exist" in ran.out
    assert "net.py: is no checkpoint of torch" in ran.out
    assert (project / "1.5.10.ckpt.bak").read_text() == "mine"
    files, _ = found([project])
    assert [file.name for file in files] == ["1.4.9.ckpt", "1.5.10.ckpt", "1.9.5.ckpt"]


def test_one_that_changes_meanwhile_is_not_written(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "1.5.10.ckpt"

    def run(path: Path, copy: Path, *_: Any) -> dict[str, Any]:
        copy.write_bytes(b"new")
        path.write_bytes(b"changed by somebody")
        return {"status": "done", "after": "2.6.6", "plain": True}

    monkeypatch.setattr(upgrade_, "_run", run)
    made = upgrade(path, Manner(_python()))
    assert (made.status, "changed while lfix ran" in made.reason) == (Status.BROKEN, True)
    assert path.read_bytes() == b"changed by somebody"
    assert sorted(p.name for p in project.iterdir()) == [
        *("1.4.9.ckpt", "1.5.10.ckpt", "1.9.5.ckpt", "net.py")
    ]


def test_the_original_is_kept_where_there_are_no_second_names(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = project / "1.5.10.ckpt"
    before = path.read_bytes()

    def run(path: Path, copy: Path, *_: Any) -> dict[str, Any]:
        copy.write_bytes(b"new")
        return {"status": "done", "after": "2.6.6", "plain": True}

    def link(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(upgrade_, "_run", run)
    monkeypatch.setattr(os, "link", link)
    assert upgrade(path, Manner(_python())).status is Status.UPGRADED
    assert path.read_bytes() == b"new"
    assert (project / "1.5.10.ckpt.bak").read_bytes() == before


def test_an_interpreter_without_lightning_verifies_nothing(project: Path) -> None:
    import sys

    base = Path(sys.base_prefix) / "bin" / "python3"
    made = upgrade(project / "1.5.10.ckpt", Manner(base))
    assert made.status is Status.UNVERIFIABLE
    assert "cannot be imported" in made.reason or "no Lightning 2" in made.reason
