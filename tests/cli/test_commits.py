"""``apply --commit``, in real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ..laws.process import Lfix

_TEXT = """\
import pytorch_lightning as pl
from pytorch_lightning.utilities.seed import seed_everything

seed_everything(1)
trainer = pl.Trainer(gpus=1, tpu_cores=x)
trainer = pl.Trainer(gpus=0)
"""


def _git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=A", "-c", "user.email=a@b.invalid")
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *words], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, and a file that nobody has added."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@b.invalid")
    _git(tmp_path, "init", "-q")
    (tmp_path / "train.py").write_text(_TEXT)
    _git(tmp_path, "add", "train.py")
    _git(tmp_path, "commit", "-q", "-m", "before")
    (tmp_path / "notes.txt").write_text("mine")
    return tmp_path


def test_a_commit_for_each_family(lfix: Lfix, repository: Path) -> None:
    done = lfix("apply", "--commit", ".", cwd=repository)
    assert done.code == 1
    titles = _git(repository, "log", "--format=%s").splitlines()
    assert titles == [
        "Names where Lightning has them",
        "Trainer arguments of Lightning 2",
        "before",
    ]
    assert "LF301 invalid-device-arguments: " in _git(
        repository, "log", "-1", "--format=%b", "HEAD~1"
    )
    changed = _git(repository, "log", "--name-only", "--format=", "-2").split()
    assert changed == ["train.py", "train.py"]
    assert _git(repository, "status", "--porcelain") == "?? notes.txt\n"
    text = (repository / "train.py").read_text()
    assert "utilities.seed" not in text
    assert 'Trainer(accelerator="cpu")' in text
    assert "train.py:5" in done.out


def test_a_dirty_index_is_refused(lfix: Lfix, repository: Path) -> None:
    _git(repository, "add", "notes.txt")
    done = lfix("apply", "--commit", ".", cwd=repository)
    assert done.code == 2
    assert "something is staged already" in done.err
    assert (repository / "train.py").read_text() == _TEXT


def test_a_hook_that_refuses_is_respected(lfix: Lfix, repository: Path) -> None:
    hook = repository / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    done = lfix("apply", "--commit", ".", cwd=repository)
    assert done.code == 2
    assert "git refuses to commit: not today" in done.err
    assert _git(repository, "log", "--format=%s").split() == ["before"]
    assert lfix("undo", cwd=repository).code == 0
    assert (repository / "train.py").read_text() == _TEXT


def test_without_a_repository(lfix: Lfix, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(_TEXT)
    done = lfix("apply", "--commit", ".", cwd=tmp_path)
    assert done.code == 2
    assert "lies in no git repository" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ("--dry-run",),
        ("--verify", "a.py"),
        ("--report", "a.md"),
        ("--allow-dirty",),
        ("--format", "json"),
    ],
)
def test_what_does_not_go_together_is_refused(
    lfix: Lfix, repository: Path, words: tuple[str, ...]
) -> None:
    done = lfix("apply", "--commit", *words, ".", cwd=repository)
    assert done.code == 2
    assert "do not go together" in done.err
    assert (repository / "train.py").read_text() == _TEXT
