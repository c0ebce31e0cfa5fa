"""Law 8: files with uncommitted changes are refused unless asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from .process import Lfix, git
from .programs import FAULTY, FIXED

APPLY = ("apply", ".", "--select", "LF101")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two committed faulty files and an ignored one."""
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    for name in ("a.py", "deep/b.py", "ignored.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(FAULTY)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "before")
    return tmp_path


@pytest.mark.parametrize("kind", ["changed", "staged", "never added"])
def test_a_file_with_changes_of_the_users_is_refused(
    repository: Path, lfix: Lfix, kind: str
) -> None:
    path = repository / ("new.py" if kind == "never added" else "a.py")
    dirty = f"{FAULTY}mine = 1\n"
    path.write_text(dirty)
    if kind == "staged":
        git(repository, "add", ".")
    ran = lfix(*APPLY, cwd=repository)
    assert ran.code == 2
    assert f"{path.name}: error: has uncommitted changes and was not written" in ran.err
    assert "--allow-dirty" in ran.err
    assert path.read_text() == dirty
    assert (repository / "deep" / "b.py").read_text() == FIXED
    assert f"{path.name}:15:20 LF101" in ran.out
    assert lfix(*APPLY, "--allow-dirty", cwd=repository).code == 0
    assert path.read_text() == f"{FIXED}mine = 1\n"


def test_dirt_elsewhere_does_not_matter(repository: Path, lfix: Lfix) -> None:
    (repository / "README").write_text("new\n")
    (repository / "deep" / "clean.py").write_text("x = 1\n")
    (repository / ".gitignore").write_text("ignored.py\nother\n")
    assert lfix(*APPLY, cwd=repository).code == 0
    assert (repository / "a.py").read_text() == FIXED


def test_a_dry_run_and_a_check_do_not_mind(repository: Path, lfix: Lfix) -> None:
    (repository / "a.py").write_text(f"{FAULTY}mine = 1\n")
    for words in (["check"], ["apply", "--dry-run"]):
        ran = lfix(*words, ".", "--select", "LF101", cwd=repository)
        assert ran.code == 1
        assert "uncommitted" not in ran.err


def test_an_ignored_file_that_is_named_is_written(repository: Path, lfix: Lfix) -> None:
    assert lfix("apply", "ignored.py", "--select", "LF101", cwd=repository).code == 0
    assert (repository / "ignored.py").read_text() == FIXED


def test_odd_names_are_told_apart(repository: Path, lfix: Lfix) -> None:
    names = ["*.py", "[a].py", ":(top)a.py", "-n.py", "é b.py"]
    for name in names:
        (repository / name).write_text(FAULTY)
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "odd names")
    (repository / "*.py").write_text(f"{FAULTY}mine = 1\n")
    ran = lfix(*APPLY, cwd=repository)
    assert ran.code == 2
    assert [n for n in names if (repository / n).read_text() == FIXED] == names[1:]


def test_variables_of_another_repository_do_not_decide(repository: Path, lfix: Lfix) -> None:
    other = repository / "other"
    other.mkdir()
    git(other, "init", "-q")
    (repository / "a.py").write_text(f"{FAULTY}mine = 1\n")
    env = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    assert "uncommitted" in lfix(*APPLY, cwd=repository, env=env).err
    assert (repository / "a.py").read_text() == f"{FAULTY}mine = 1\n"


def test_a_repository_that_git_cannot_read_is_refused(repository: Path, lfix: Lfix) -> None:
    (repository / ".git" / "config").write_text("[broken")
    ran = lfix(*APPLY, cwd=repository)
    assert ran.code == 2
    assert "git cannot read" in ran.err
    assert (repository / "a.py").read_text() == FAULTY


def test_without_git_everything_is_written(repository: Path, lfix: Lfix) -> None:
    (repository / "a.py").write_text(f"{FAULTY}mine = 1\n")
    assert lfix(*APPLY, cwd=repository, env={"PATH": "/nowhere"}).code == 0
    assert (repository / "a.py").read_text() == f"{FIXED}mine = 1\n"


def test_no_program_of_the_repository_runs(repository: Path, lfix: Lfix) -> None:
    marker = repository / "marker"
    hook = repository / "monitor"
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(hook))
    assert lfix(*APPLY, cwd=repository).code == 0
    assert not marker.exists()
