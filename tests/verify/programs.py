"""The scripts of these tests: the data and a module, with what a test puts in."""

from __future__ import annotations

from textwrap import dedent, indent

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


def program(step: str = _STEP, main: str = _MAIN, extra: str = "") -> str:
    """A script: the data, a module with ``step`` as methods, ``extra`` code, then ``main``."""
    return "\n\n".join([_HEAD.rstrip() + "\n\n" + indent(dedent(step), "    "), extra, main])
