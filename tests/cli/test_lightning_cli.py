"""``--cli lightning``, through the command line: a project as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..laws.process import Lfix

_SCRIPT = """\
from argparse import ArgumentParser

import pytorch_lightning as pl
from net import Net

parser = ArgumentParser()
parser.add_argument("--lr", type=float, default=0.02)
parser = pl.Trainer.add_argparse_args(parser)
args = parser.parse_args()
model = Net(args.lr)
trainer = pl.Trainer.from_argparse_args(args)
trainer.fit(model)
"""
_NET = """\
import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self, lr: float):
        super().__init__()
        self.lr = lr
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A script, its module, a requirement and a shell script that runs it."""
    (tmp_path / "train.py").write_text(_SCRIPT)
    (tmp_path / "net.py").write_text(_NET)
    (tmp_path / "requirements.txt").write_text("pytorch-lightning>=2.0\n")
    (tmp_path / "run.sh").write_text("python train.py --lr 0.1 --max_epochs 3\n")
    return tmp_path


def _codes(lfix: Lfix, *words: str, cwd: Path) -> list[str]:
    left = lfix("check", "--format", "json", *words, cwd=cwd).json["left"]
    return [f["code"] for f in left if f["code"].startswith("LF81")]


def test_the_script_becomes_a_cli_and_the_project_requires_what_that_needs(
    project: Path, lfix: Lfix
) -> None:
    lfix("apply", "--cli", "lightning", cwd=project)
    text = (project / "train.py").read_text()
    assert "class TrainingCLI(LightningCLI):" in text
    assert 'parser.add_argument("--lr", dest="model.lr", type=float, default=0.02)' in text
    assert "cli.trainer.fit(cli.model)\n" in text
    assert "argparse_args" not in text
    assert "jsonargparse[signatures]" in (project / "requirements.txt").read_text()
    assert (project / "run.sh").read_text() == "python train.py --lr 0.1 --max_epochs 3\n"
    assert _codes(lfix, "--cli", "lightning", cwd=project) == []
    lfix("undo", cwd=project)
    assert (project / "train.py").read_text() == _SCRIPT


def test_it_is_asked_for_by_the_settings_too(project: Path, lfix: Lfix) -> None:
    assert _codes(lfix, cwd=project) == ["LF813", "LF813"]
    (project / "pyproject.toml").write_text('[tool.lfix]\ncli = "lightning"\n')
    assert _codes(lfix, cwd=project) == ["LF815"]
    assert _codes(lfix, "--ignore", "LF815", cwd=project) == ["LF813", "LF813"]


def test_a_script_that_is_not_understood_gets_argparse(project: Path, lfix: Lfix) -> None:
    (project / "train.py").write_text(_SCRIPT.replace("Net(args.lr)", "Net(args)"))
    assert sorted(_codes(lfix, "--cli", "lightning", cwd=project)) == ["LF813", "LF813", "LF815"]
    lfix("apply", "--cli", "lightning", "--unsafe-fixes", cwd=project)
    text = (project / "train.py").read_text()
    assert "LightningCLI" not in text
    assert "max_epochs=args.max_epochs" in text


def test_a_notebook_keeps_argparse(project: Path, lfix: Lfix) -> None:
    (project / "train.py").unlink()
    source = '", "'.join(line.replace('"', '\\"') + "\\n" for line in _SCRIPT.splitlines())
    cell = f'{{"cell_type": "code", "metadata": {{}}, "outputs": [], "source": ["{source}"]}}'
    (project / "train.ipynb").write_text(
        f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}'
    )
    assert set(_codes(lfix, "--cli", "lightning", cwd=project)) == {"LF813"}


def test_another_value_is_an_error(project: Path, lfix: Lfix) -> None:
    ran = lfix("check", "--cli", "argparse", cwd=project)
    assert (ran.code, ran.out) == (2, "")
    assert "--cli must be \"lightning\", not 'argparse'" in ran.err
