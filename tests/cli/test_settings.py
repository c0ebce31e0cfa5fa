"""``[tool.lfix]`` of pyproject.toml, and what the command line makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..laws.process import Lfix, git
from ..laws.programs import FAULTY

_HOOK = """\
import pytorch_lightning as pl
from torch.utils.data import TensorDataset


class Data(pl.LightningDataModule):
    def train_dataloader(self):
        return TensorDataset()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """LF101 in a.py and tests/b.py, LF102 in c.py."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "a.py").write_text(FAULTY)
    (tmp_path / "tests" / "b.py").write_text(FAULTY)
    (tmp_path / "c.py").write_text(_HOOK)
    return tmp_path


def _found(lfix: Lfix, *words: str, cwd: Path) -> set[tuple[str, str]]:
    left = lfix("check", "--format", "json", *words, cwd=cwd).json["left"]
    return {(f["path"], f["code"]) for f in left if f["code"] in ("LF101", "LF102")}


A, B, C = ("a.py", "LF101"), ("tests/b.py", "LF101"), ("c.py", "LF102")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('select = ["LF101"]', {A, B}),
        ('select = ["LF1"]', {A, B, C}),
        ('select = ["dataset-returned-as-loader"]', {C}),
        ('select = ["ALL"]', {A, B, C}),
        ('ignore = ["LF101"]', {C}),
        ('ignore = ["LF10", "LF0"]', set()),
        ('select = ["LF1"]\nignore = ["LF102"]', {A, B}),
        ('exclude = ["tests"]', {A, C}),
        ('exclude = ["/a.py", "tests/*"]', {C}),
        ('exclude = ["*.py", "!c.py"]', {C}),
        ('per-file-ignores = {"tests/*" = ["LF101"]}', {A, C}),
        ('per-file-ignores = {"b.py" = ["LF1"], "c.py" = ["LF101"]}', {A, C}),
        ('[tool.lfix.per-file-ignores]\n"*.py" = ["ALL"]', set()),
        ("", {A, B, C}),
    ],
)
def test_each_setting(
    project: Path, lfix: Lfix, table: str, expected: set[tuple[str, str]]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.lfix]\n{table}\n")
    assert _found(lfix, cwd=project) == expected
    assert {c for _, c in _found(lfix, str(project), cwd=Path("/"))} == {c for _, c in expected}


def test_settings_hold_for_apply_too(project: Path, lfix: Lfix) -> None:
    (project / "pyproject.toml").write_text(
        '[tool.lfix]\nselect = ["LF102"]\nbatch-size = 7\nexclude = ["tests"]\n'
    )
    assert lfix("apply", cwd=project).code == 0
    assert (project / "a.py").read_text() == FAULTY
    assert "DataLoader(TensorDataset(), batch_size=7)" in (project / "c.py").read_text()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("colour = true", "colour is not a setting of lfix; known are select, ignore"),
        ("batch_size = 3", "batch_size is not a setting"),
        ('cli = "argparse"', 'cli must be "lightning", not '),
        ('select = "LF101"', "select must be a list of strings, not 'LF101'"),
        ("select = [101]", "select must be a list of strings"),
        ('select = ["XY"]', "select: no rule has the code or name 'XY'"),
        ('select = [""]', "select: no rule has the code or name ''"),
        ('ignore = ["lf101"]', "ignore: no rule has the code or name 'lf101'"),
        ("exclude = 3", "exclude must be a list of strings"),
        ('exclude = ["!"]', "exclude: '!' is not a pattern"),
        ('batch-size = "big"', "batch-size must be a whole number"),
        ("batch-size = 0", "batch-size must be a whole number of at least 1"),
        ("batch-size = true", "batch-size must be a whole number"),
        ("batch-size = 3.0", "batch-size must be a whole number"),
        ('target = "1.9"', "target must be a Lightning 2 release that lfix knows"),
        ("target = 2.6", "target must be a Lightning 2 release"),
        ('target = "2"', "target must be"),
        ("per-file-ignores = []", "per-file-ignores must be a table"),
        ('per-file-ignores = {"a.py" = "LF1"}', "per-file-ignores.a.py must be a list"),
        ('per-file-ignores = {"a.py" = ["XY"]}', "per-file-ignores.a.py: no rule has"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_file_and_key(
    project: Path, lfix: Lfix, table: str, told: str
) -> None:
    config = project / "pyproject.toml"
    config.write_text(f"[tool.lfix]\n{table}\n")
    for words in (["check"], ["apply"]):
        ran = lfix(*words, cwd=project)
        assert (ran.code, ran.out) == (2, "")
        assert f"{config}: [tool.lfix] {told}" in ran.err
    assert (project / "a.py").read_text() == FAULTY


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool]\nlfix = 3\n", "[tool.lfix] must be a table"),
        ("[tool.lfix\n", "is not valid TOML"),
        (b"[tool.lfix]\n# \xff\n", "cannot be read"),
    ],
)
def test_a_broken_file_is_an_error_that_names_it(
    project: Path, lfix: Lfix, text: str | bytes, told: str
) -> None:
    config = project / "pyproject.toml"
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    ran = lfix("check", cwd=project)
    assert ran.code == 2
    assert f"{config}: {told}" in ran.err
    assert "Traceback" not in ran.err


def test_another_tools_table_is_none_of_ours(project: Path, lfix: Lfix) -> None:
    for text in ("tool = 3\n", "[tool.other]\nselect = 3\n", "[project]\nname = 'x'\n"):
        (project / "pyproject.toml").write_text(text)
        assert _found(lfix, cwd=project) == {A, B, C}


def test_the_nearest_table_up_to_the_repository_counts(project: Path, lfix: Lfix) -> None:
    (project / "pyproject.toml").write_text('[tool.lfix]\nignore = ["LF101"]\n')
    (project / "tests" / "pyproject.toml").write_text("[project]\nname = 'tests'\n")
    assert _found(lfix, cwd=project / "tests") == set()
    assert _found(lfix, "tests/b.py", cwd=project) == set()
    (project / "tests" / "pyproject.toml").write_text("[tool.lfix]\n")
    assert _found(lfix, cwd=project / "tests") == {("b.py", "LF101")}
    (project / "tests" / "pyproject.toml").unlink()
    git(project / "tests", "init", "-q")
    assert _found(lfix, cwd=project / "tests") == {("b.py", "LF101")}


def test_what_is_named_is_looked_at_though_it_is_excluded(project: Path, lfix: Lfix) -> None:
    (project / "pyproject.toml").write_text('[tool.lfix]\nexclude = ["tests", "a.py"]\n')
    assert _found(lfix, cwd=project) == {C}
    assert _found(lfix, "a.py", "tests", cwd=project) == {A, B}
    assert _found(lfix, cwd=project / "tests") == {("b.py", "LF101")}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--select", "LF101"], {A, B}),
        (["--select", "LF101", "--select", "LF102"], {A, B, C}),
        (["--select", "LF101,LF102"], {A, B, C}),
        (["--select", " LF101 , LF102,"], {A, B, C}),
        (["--select=dataset-passed-to-fit"], {A, B}),
        (["--ignore", "LF1"], set()),
        (["--ignore", "dataset-passed-to-fit,LF001"], {C}),
        (["--select", "LF1", "--ignore", "LF101"], {C}),
    ],
)
def test_select_and_ignore(
    project: Path, lfix: Lfix, words: list[str], expected: set[tuple[str, str]]
) -> None:
    assert _found(lfix, *words, cwd=project) == expected


def test_the_command_line_overrules_select_and_adds_to_ignore(project: Path, lfix: Lfix) -> None:
    (project / "pyproject.toml").write_text('[tool.lfix]\nselect = ["LF102"]\nignore = ["LF101"]\n')
    assert _found(lfix, "--select", "LF1", cwd=project) == {C}
    assert _found(lfix, "--ignore", "LF102", cwd=project) == set()
