"""Modules without a script, trained on batches that are made up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from lfix.codemods.verify.runner.synthetic import SpecError, batch_of, tensors
from lfix.codemods.verify.runner.target import arguments

from ..laws.process import Lfix

_MODULE = """\
import torch
from torch import nn
import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self, lr):
        super().__init__()
        self.lr = lr
        self.layer = nn.Linear(10, 2)

    def training_step(self, batch, batch_idx):
        x, y = {taken}
        return nn.functional.cross_entropy(self.layer(x), y)

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), self.lr)


class Other:
    pass
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with a module that takes two tensors."""
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "__init__.py").write_text("")
    (tmp_path / "nets" / "net.py").write_text(_MODULE.format(taken="batch"))
    return tmp_path


@pytest.mark.parametrize(
    ("target", "words", "code", "said"),
    [
        ("nets.net:Net", ("--batch", "float32[4,10], int64[4] < 2"), 0, "verified: one training"),
        ("nets.net:Net", ("--batch", "float32[4,9], int64[4] < 2"), 3, "shapes cannot be"),
        ("nets.net:Net", (), 4, "Net has no example_input_array: say what a batch is with"),
        ("nets.net:Net", ("--batch", "float[4"), 2, "'float[4' is no tensor"),
        ("nets.net:Other", (), 2, "Other is no LightningModule"),
        ("nets.net:None_", (), 2, "has no class None_"),
        ("nets.missing:Net", (), 2, "no module named nets.missing"),
    ],
)
def test_a_class_is_trained(
    lfix: Lfix, package: Path, target: str, words: tuple[str, ...], code: int, said: str
) -> None:
    done = lfix("verify", target, "--init", "lr=0.1", "--device", "cpu", *words, cwd=package)
    assert done.code == code, done.out + done.err
    assert said in done.out + done.err


def test_a_batch_with_names(lfix: Lfix, package: Path) -> None:
    named = _MODULE.format(taken='batch["x"], batch["y"]')
    (package / "nets" / "net.py").write_text(named)
    words = ("--init", "lr=0.1", "--batch", "x=float32[4,10], y=int64[4]", "--device", "cpu")
    assert lfix("verify", "nets.net:Net", *words, cwd=package).code == 0


def test_batches() -> None:
    batch: Any = batch_of(torch, "a=float32[2,3], b = int64[5] < 7, c=bool[]")
    assert {k: (v.dtype, tuple(v.shape)) for k, v in batch.items()} == {
        "a": (torch.float32, (2, 3)),
        "b": (torch.int64, (5,)),
        "c": (torch.bool, ()),
    }
    assert int(batch["b"].max()) < 7
    assert torch.equal(batch_of(torch, "float32[3]"), batch_of(torch, "float32[3]"))
    assert isinstance(batch_of(torch, "float32[3], int64[1]"), list)


@pytest.mark.parametrize("spec", ["", "float32", "x=float32[1], int64[1]", "4[3]", "float32[a]"])
def test_what_is_no_batch(spec: str) -> None:
    with pytest.raises(SpecError):
        tensors(spec)


@pytest.mark.parametrize("text", ["0.1", "lr=", "lr=x", "**x", "lr=0.1)"])
def test_what_is_no_argument(text: str) -> None:
    with pytest.raises(SpecError):
        arguments(text)


def test_arguments() -> None:
    assert arguments("lr=0.1, name='x', sizes=[1, 2]") == {"lr": 0.1, "name": "x", "sizes": [1, 2]}
    assert arguments("") == {}
