"""A check of an unchanged tree is answered from the last one, and never wrongly."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ..laws.process import Lfix, Ran
from ..laws.programs import FAULTY, FIXED

ON = ("--select", "LF101,LF102")


def _check(lfix: Lfix, *words: str, cwd: Path) -> tuple[Ran, bool]:
    """The result, and whether the cache gave it: then no parser is imported."""
    ran = lfix("check", *words, cwd=cwd, env={"PYTHONPROFILEIMPORTTIME": "1"})
    return ran, "lfix.codemods.engine.run" not in ran.err


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A script whose dataset class lies outside of the folder that is checked."""
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "data.py").write_text(
        "from torch.utils.data import Dataset\n\n\nclass Rows(Dataset):\n    pass\n"
    )
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "train.py").write_text(
        "import pytorch_lightning as pl\nfrom data import Rows\n\n"
        "trainer = pl.Trainer()\ntrainer.fit(pl.LightningModule(), Rows())\n"
    )
    (tmp_path / "src" / "broken.py").write_text("(")
    (tmp_path / "src" / "told.py").write_text(FAULTY.replace("Rows())", "train_set)"))
    return tmp_path


def test_the_second_answer_is_the_first(project: Path, lfix: Lfix) -> None:
    for words in (("src", *ON), ("src", *ON, "--verbose"), ("src", *ON, "--format", "json")):
        first = lfix("check", *words, cwd=project)
        assert lfix("check", *words, cwd=project) == first
        assert first.code == 2
    _check(lfix, "src", *ON, cwd=project)
    assert _check(lfix, "src", *ON, cwd=project)[1]
    # Another folder to stand in, other paths to show.
    assert "train.py:5:35 LF101" in _check(lfix, ".", *ON, cwd=project / "src")[0].out


def _rewrite(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text().replace(old, new))


def _same_size_and_time(project: Path) -> None:
    path = project / "src" / "train.py"
    before = path.stat()
    _rewrite(path, "trainer.fit(", "trainer.fix(")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda p: _rewrite(p / "src" / "train.py", "Rows())", "None)"), id="a file"),
        pytest.param(_same_size_and_time, id="a file, with its old size and time"),
        pytest.param(
            lambda p: _rewrite(p / "data.py", "(Dataset)", "(object)"), id="a file outside"
        ),
        pytest.param(lambda p: (p / "data.py").unlink(), id="a file outside, gone"),
        pytest.param(
            lambda p: (p / "src" / "data.py").write_text("class Rows: pass\n"),
            id="a file that comes first for an import",
        ),
        pytest.param(
            lambda p: (p / "pyproject.toml").rename(p / "src" / "pyproject.toml"),
            id="where the project begins",
        ),
        pytest.param(
            lambda p: (p / "pyproject.toml").write_text('[tool.lfix]\nexclude = ["train.py"]\n'),
            id="the settings",
        ),
        pytest.param(lambda p: (p / "src" / "train.py").unlink(), id="a file gone"),
        pytest.param(
            lambda p: (p / "src" / ".gitignore").write_text("train.py\n"), id="what is ignored"
        ),
    ],
)
def test_a_change_is_seen(project: Path, lfix: Lfix, change: object) -> None:
    for _ in range(2):
        before, _ = _check(lfix, "src", *ON, cwd=project)
        assert "train.py:5:35 LF101" in before.out
    change(project)  # type: ignore[operator]
    for _ in range(2):
        after, _ = _check(lfix, "src", *ON, cwd=project)
        assert "train.py:5:35 LF101" not in after.out
        assert "told.py" in after.out


def test_a_new_file_is_seen(project: Path, lfix: Lfix) -> None:
    _check(lfix, "src", *ON, cwd=project)
    (project / "src" / "new.py").write_text(FAULTY)
    assert "new.py" in _check(lfix, "src", *ON, cwd=project)[0].out


def test_a_broken_file_is_told_again(project: Path, lfix: Lfix) -> None:
    for _ in range(3):
        ran, _ = _check(lfix, "src/broken.py", "absent.py", *ON, cwd=project)
        assert ran.code == 2
        assert "broken.py:1: error" in ran.err
        assert "absent.py: error" in ran.err


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"files": 3', "\0"])
def test_a_damaged_cache_is_no_cache(project: Path, lfix: Lfix, content: str) -> None:
    first, _ = _check(lfix, "src", *ON, cwd=project)
    (kept,) = (lfix.home / "cache" / "lfix" / "check").glob("*.json")
    kept.write_text(content)
    again, cached = _check(lfix, "src", *ON, cwd=project)
    assert not cached
    assert again.out == first.out


def test_apply_and_undo_are_seen(tmp_path: Path, lfix: Lfix) -> None:
    path = tmp_path / "a.py"
    path.write_text(FAULTY)
    runs = (("check", *ON), ("apply", *ON), ("check", *ON), ("undo",), ("check", *ON))
    codes = [lfix(*words, cwd=tmp_path).code for words in runs]
    assert codes == [1, 0, 0, 0, 1]
    assert path.read_text() == FAULTY != FIXED
