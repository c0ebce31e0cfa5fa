"""Law 5 for files that are not Python: a clear line and exit 2, all else done, nothing lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lfix.codemods.engine.settings import Settings
from lfix.codemods.engine.write import write
from lfix.codemods.formats import run as run_
from lfix.codemods.formats.run import run
from lfix.codemods.model import Problem, ProblemKind

from ..laws.process import Lfix
from ..laws.test_bad_files import someone

CODE = "from pytorch_lightning.cli import LightningCLI\n\nLightningCLI()\n"
_CELL: dict[str, object] = {
    "cell_type": "code",
    "execution_count": None,
    "metadata": {},
    "outputs": [],
    "source": "from pytorch_lightning import Trainer\nTrainer(gpus=1)",
}
_NOTEBOOK = {"cells": [_CELL], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
#: A file of each format that one run repairs, and a word that the repair takes out.
GOOD = {
    "train.ipynb": (json.dumps(_NOTEBOOK, indent=1), "gpus"),
    "config.yaml": ("trainer:\n  gpus: 1\n  max_epochs: 3\n", "gpus"),
    "config.toml": ("[trainer]\ngpus = 1\nmax_epochs = 3\n", "gpus"),
    "requirements.txt": ("pytorch-lightning==1.5.10\ntensorboard\njsonargparse[signatures]\n", "1.5.10"),
    "run.sh": ("python train.py fit --trainer.gpus=1\n", "gpus"),
    "Dockerfile": ("RUN lightning run model train.py\n", "model"),
}  # fmt: skip
#: What makes each of them one that does not parse; shell scripts and lists always do.
BROKEN = {
    "train.ipynb": ('{"cells": [trainer', "is no notebook"),
    "config.yaml": ("trainer:\n\tgpus: 1\n", "is no YAML"),
    "config.toml": ("[trainer]\ngpus = = 1\n", "is no TOML"),
    "pyproject.toml": ('[project]\ndependencies = ["lightning"\n', "is not valid TOML"),
}


@pytest.fixture
def journal(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


def _lay(folder: Path, *but: str) -> dict[str, str]:
    (folder / "train.py").write_text(CODE)
    laid = {name: text for name, (text, _) in GOOD.items() if name not in but}
    for name, text in laid.items():
        (folder / name).write_text(text)
    return laid


def _assert_repaired(folder: Path, laid: dict[str, str]) -> None:
    for name in laid:
        assert GOOD[name][1] not in (folder / name).read_text(), name


def _apply(folder: Path, *paths: Path) -> list[Problem]:
    """Write the fixes, and give all that was wrong."""
    report = run(paths or [folder], Settings(root=folder, jobs=1), fix=True)
    return [*report.all_problems, *write(report.files).problems]


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"lightning trainer: gpus: \xff\xfe\x00\x01 .ckpt", "is not valid UTF-8 at line 1"),
        ("lightning trainer: \u00e9\n".encode() + "gpus: \u00e9".encode("latin-1"), "at line 2"),
        ("lightning trainer".encode("utf-16") + b" lightning trainer", "is not valid UTF-8"),
    ],
    ids=["binary", "mixed encodings", "utf-16"],
)
@pytest.mark.usefixtures("journal")
def test_what_cannot_be_decoded(tmp_path: Path, name: str, raw: bytes, told: str) -> None:
    laid = _lay(tmp_path, name, "requirements.txt")
    (tmp_path / name).write_bytes(raw)
    (problem,) = _apply(tmp_path)
    assert (problem.path.name, problem.kind) == (name, ProblemKind.INPUT)
    assert told in problem.message
    assert (tmp_path / name).read_bytes() == raw
    _assert_repaired(tmp_path, laid)


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.usefixtures("journal")
def test_what_does_not_parse(tmp_path: Path, name: str) -> None:
    text, told = BROKEN[name]
    laid = _lay(tmp_path, name, "requirements.txt")
    (tmp_path / name).write_text(text)
    (problem,) = _apply(tmp_path)
    assert (problem.path.name, problem.kind) == (name, ProblemKind.INPUT)
    assert told in problem.message
    assert (tmp_path / name).read_text() == text
    _assert_repaired(tmp_path, laid)


def test_all_of_them_at_once_are_a_line_each(tmp_path: Path, lfix: Lfix) -> None:
    laid = _lay(tmp_path, "train.ipynb", "config.yaml", "config.toml", "requirements.txt")
    for name in ("train.ipynb", "config.yaml", "config.toml"):
        (tmp_path / name).write_text(BROKEN[name][0])
    (tmp_path / "Makefile").write_bytes(b"lightning \xff")
    (tmp_path / "requirements.txt").symlink_to("nowhere")
    ran = lfix("apply", ".", cwd=tmp_path)
    assert ran.code == 2
    told = [line for line in ran.err.splitlines() if ": error: " in line]
    assert len(told) == 5
    assert "config.yaml:2: error: is no YAML" in ran.err
    assert "Traceback" not in ran.err
    _assert_repaired(tmp_path, laid)


@pytest.mark.parametrize("name", GOOD)
def test_what_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    laid = _lay(tmp_path, name, "requirements.txt")
    monkeypatch.setattr(run_, "_LARGEST", 2000)
    text = GOOD[name][0]
    (tmp_path / name).write_text(text + " " * 2000)
    report = run([tmp_path], Settings(root=tmp_path, jobs=1), fix=True)
    (problem,) = report.all_problems
    assert (problem.path.name, problem.message[:34]) == (name, "is too large to be looked at: 0 MB")
    assert {f.path.name for f in report.files if f.changed} == set(laid)


def test_a_configuration_that_is_too_large_to_be_parsed_is_told(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(CODE)
    text = GOOD["config.yaml"][0] + "# much\n" * 300_000
    (tmp_path / "config.yaml").write_text(text)
    report = run(
        [tmp_path / "config.yaml", tmp_path / "train.py"], Settings(root=tmp_path), fix=True
    )
    (finding,) = report.left
    assert (finding.line, finding.fix) == (2, None)
    assert "too large to be parsed" in str(finding.reason)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.usefixtures("journal")
def test_links_out_of_the_tree(tmp_path: Path, name: str) -> None:
    tree, outside = tmp_path / "tree", tmp_path / "elsewhere" / name
    (tree / ".git").mkdir(parents=True)
    outside.parent.mkdir()
    outside.write_text(GOOD[name][0])
    laid = _lay(tree, name, "requirements.txt")
    (tree / name).symlink_to(outside)
    (problem,) = _apply(tree)
    assert problem.path == outside
    assert "lies outside, where a link leads to, and was not written" in problem.message
    assert outside.read_text() == GOOD[name][0]
    _assert_repaired(tree, laid)
    assert not _apply(tree, tree / name, tree / "train.py")
    assert (tree / name).is_symlink()
    _assert_repaired(tree, {name: ""})


@pytest.mark.parametrize("name", GOOD)
def test_what_is_read_only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with someone() as folder:
        monkeypatch.setenv("XDG_STATE_HOME", str(folder / ".state"))
        (folder / ".git").mkdir()
        laid = _lay(folder, name, "requirements.txt")
        (folder / name).write_text(GOOD[name][0])
        (folder / name).chmod(0o444)
        (problem,) = _apply(folder)
        assert problem.path.name == name
        assert "is read-only" in problem.message
        assert (folder / name).read_text() == GOOD[name][0]
        _assert_repaired(folder, laid)


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.usefixtures("journal")
def test_what_changes_while_lfix_runs(tmp_path: Path, name: str) -> None:
    laid = _lay(tmp_path, name, "requirements.txt")
    (tmp_path / name).write_text(GOOD[name][0])
    report = run([tmp_path], Settings(root=tmp_path, jobs=1), fix=True)
    (tmp_path / name).write_text("somebody else's")
    written = write(report.files)
    (problem,) = written.problems
    assert (problem.path.name, "was changed while lfix ran" in problem.message) == (name, True)
    assert (tmp_path / name).read_text() == "somebody else's"
    _assert_repaired(tmp_path, laid)
