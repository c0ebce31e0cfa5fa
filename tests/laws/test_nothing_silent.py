"""Law 7: nothing is silent: what was looked at, what was left, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from lfix.codemods.engine.run import run

from .process import Lfix, git
from .programs import FAULTY, SETTINGS

ON = ["--select", "LF101,LF102"]


def _looked_at(*paths: str | Path, cwd: Path) -> set[str]:
    """The files with findings; every file of these tests is faulty."""
    report = run([cwd / path for path in paths or (".",)], replace(SETTINGS, root=cwd))
    assert not report.all_problems
    assert report.looked_at == len(report.left)
    return {f.path.relative_to(cwd.resolve()).as_posix() for f in report.left}


def _lay(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FAULTY)


def test_a_told_finding_carries_its_reason(tmp_path: Path, lfix: Lfix) -> None:
    guess = FAULTY.replace("Rows())", "train_dataset)")
    (tmp_path / "train.py").write_text(guess)
    for words in (["check"], ["apply", "--dry-run"], ["apply"]):
        ran = lfix(*words, *ON, cwd=tmp_path)
        assert ran.code == 1
        assert "    why: its type cannot be seen here" in ran.out, words
    (finding,) = lfix("check", *ON, "--format", "json", cwd=tmp_path).json["left"]
    assert finding["safety"] == "manual"
    assert finding["reason"]


@pytest.mark.parametrize("words", [["check"], ["apply", "--dry-run"], ["apply"]])
def test_a_run_without_a_match_says_what_it_looked_at(
    tmp_path: Path, lfix: Lfix, words: list[str]
) -> None:
    for number in range(3):
        (tmp_path / f"a{number}.py").write_text("x = 1\n")
    (tmp_path / "notes.txt").write_text(FAULTY)
    ran = lfix(*words, cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    assert "looked at 3 files, found nothing to do" in ran.err


@pytest.mark.parametrize("words", [["check"], ["apply", "--dry-run"], ["apply"]])
def test_an_empty_folder_is_fine(tmp_path: Path, lfix: Lfix, words: list[str]) -> None:
    ran = lfix(*words, cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    assert "looked at 0 files" in ran.err


def test_problems_are_counted_beside_the_files(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "a.py").write_text("(")
    assert "looked at 1 file (1 problem)" in lfix("check", cwd=tmp_path).err


def test_what_git_ignores_is_left_out(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n*_gen.py\n!kept_gen.py\n/top.py\n!\n\\\n")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / ".gitignore").write_text("local.py\n!own_gen.py\n")
    _lay(
        tmp_path, "a.py", "build/b.py", "pkg/build/b.py", "x_gen.py", "kept_gen.py", "top.py",
        "pkg/top.py", "pkg/local.py", "local.py", "pkg/own_gen.py", "pkg/sub/local.py",
    )  # fmt: skip
    seen = _looked_at(".", cwd=tmp_path)
    assert seen == {"a.py", "kept_gen.py", "pkg/top.py", "local.py", "pkg/own_gen.py"}
    listed = git(tmp_path, "ls-files", "--others", "--exclude-standard", "*.py").split()
    assert seen == set(listed)
    assert _looked_at(cwd=tmp_path / "pkg") == {"top.py", "own_gen.py"}


def test_an_ignored_path_that_is_named_is_looked_at(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\nsecret.py\n")
    _lay(tmp_path, "secret.py", "build/b.py", "build/deep/c.py", "build/deep/.venv/d.py")
    (tmp_path / "build" / ".gitignore").write_text("hidden.py\n")
    _lay(tmp_path, "build/hidden.py")
    assert _looked_at(cwd=tmp_path) == set()
    assert _looked_at("secret.py", cwd=tmp_path) == {"secret.py"}
    assert _looked_at("build", cwd=tmp_path) == {"build/b.py", "build/deep/c.py"}
    assert _looked_at("build/deep", cwd=tmp_path) == {"build/deep/c.py"}
    assert _looked_at(cwd=tmp_path / "build" / "deep") == {"c.py"}


def test_environments_are_skipped_unless_named(tmp_path: Path) -> None:
    packages = ".venv/lib/python3.11/site-packages"
    _lay(
        tmp_path, "a.py", f"{packages}/pkg/b.py", "env/lib/c.py", "conda/d.py", "venv/e.py",
        "node_modules/f.py", "__pycache__/g.py", "old/site-packages/h.py",
    )  # fmt: skip
    (tmp_path / "env" / "pyvenv.cfg").touch()
    (tmp_path / "conda" / "conda-meta").mkdir()
    assert _looked_at(".", cwd=tmp_path) == {"a.py"}
    inner = {f"{packages}/pkg/b.py"}
    for path in (".venv", ".venv/lib", packages, f"{packages}/pkg", f"{packages}/pkg/b.py"):
        assert _looked_at(path, cwd=tmp_path) == inner, path
    assert _looked_at("env", "conda", cwd=tmp_path) == {"env/lib/c.py", "conda/d.py"}


def test_a_file_is_looked_at_once_however_often_it_is_named(tmp_path: Path) -> None:
    _lay(tmp_path, "pkg/a.py", "pkg/sub/b.py")
    (tmp_path / "pkg" / "link.py").symlink_to("a.py")
    (tmp_path / "pkg" / "again").symlink_to(".", target_is_directory=True)
    names: list[str | Path] = [
        "pkg/a.py",
        "pkg",
        "pkg/sub",
        ".",
        "pkg/../pkg/a.py",
        tmp_path / "pkg",
    ]
    assert _looked_at(*names, cwd=tmp_path) == {"pkg/a.py", "pkg/sub/b.py"}


def test_a_file_that_is_named_needs_no_suffix(tmp_path: Path) -> None:
    _lay(tmp_path, "script")
    assert _looked_at("script", cwd=tmp_path) == {"script"}
    assert _looked_at(".", cwd=tmp_path) == set()
