"""What the command imports, and when."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..laws.process import Lfix
from ..laws.programs import FAULTY

_HEAVY = {"libcst", "rich", "torch", "lightning", "pytorch_lightning", "numpy", "diff_match_patch"}


def _imported(lfix: Lfix, *words: str, cwd: Path) -> set[str]:
    """The top packages that a run imported, by the interpreter's own account."""
    ran = lfix(*words, cwd=cwd, env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert ran.code in (0, 1), ran.err
    rows = [line.split("|") for line in ran.err.splitlines() if line.startswith("import time:")]
    return {row[2].strip().partition(".")[0] for row in rows if len(row) == 3}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["check", "--help"], ["undo", "-h"]])
def test_help_and_version_import_nothing_heavy(
    tmp_path: Path, lfix: Lfix, words: list[str]
) -> None:
    imported = _imported(lfix, *words, cwd=tmp_path)
    assert "lfix" in imported
    assert not imported & _HEAVY


def test_an_unchanged_check_imports_no_parser(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "a.py").write_text(FAULTY)
    cold = _imported(lfix, "check", cwd=tmp_path)
    assert "libcst" in cold
    assert not cold & {"torch", "lightning", "rich"}
    assert not _imported(lfix, "check", cwd=tmp_path) & _HEAVY


def test_the_help_lists_every_command(tmp_path: Path, lfix: Lfix) -> None:
    ran = lfix("--help", cwd=tmp_path)
    assert ran.code == 0
    listed = [line.split()[0] for line in ran.out.splitlines() if line.startswith("  ")]
    assert {"check", "apply", "verify", "undo", "rules", "explain"} <= set(listed)


def test_no_home_is_needed(tmp_path: Path, lfix: Lfix) -> None:
    (tmp_path / "a.py").write_text(FAULTY)
    env = {"HOME": "/nonexistent", "XDG_CACHE_HOME": "", "XDG_STATE_HOME": ""}
    ran = lfix("check", "--select", "LF101", cwd=tmp_path, env=env)
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]
