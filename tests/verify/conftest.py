"""Small Lightning projects in a temporary folder, verified for real."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest
from lfix.codemods.verify import Outcome, Request, verify

_HEAD = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, IterableDataset
import lightning.pytorch as pl


class Rows(Dataset):
    def __init__(self, rows=32):
        generator = torch.Generator().manual_seed(7)
        self.x = torch.randn(rows, 10, generator=generator)
        self.y = torch.randint(0, 2, (rows,), generator=generator)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.y[index]


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(10, 2)

    def loss_of(self, batch):
        x, y = batch
        return nn.functional.cross_entropy(self.layer(x), y)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)
"""

_STEP = """\
def training_step(self, batch, batch_idx):
    loss = self.loss_of(batch)
    self.log("train_loss", loss)
    return loss
"""

_MAIN = """\
trainer = pl.Trainer(max_epochs=1)
trainer.fit(Net(), DataLoader(Rows(), batch_size=8))
"""

Run = Callable[..., Outcome]


def program(step: str = _STEP, main: str = _MAIN, extra: str = "") -> str:
    """A script: the data, a module with ``step`` as methods, ``extra`` code, then ``main``."""
    return "\n\n".join([_HEAD.rstrip() + "\n\n" + indent(dedent(step), "    "), extra, main])


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write files into a fresh project folder and return it."""

    def write_files(files: Mapping[str, str]) -> Path:
        root = (tmp_path / "project").resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return root

    return write_files


@pytest.fixture
def run(write: Callable[[Mapping[str, str]], Path]) -> Run:
    """Write a project and verify its ``train.py`` on the CPU; keywords go to the request."""

    def run_project(files: str | Mapping[str, str], **options: Any) -> Outcome:
        root = write({"train.py": files} if isinstance(files, str) else files)
        asked: dict[str, Any] = {
            "script": Path("train.py"),
            "python": Path(sys.executable),
            "device": "cpu",
            "cwd": root,
            "root": root,
        }
        return verify(Request(**(asked | options)))

    return run_project


@pytest.fixture
def make_program() -> Callable[..., str]:
    """``program``, for tests that lie in other modules."""
    return program
