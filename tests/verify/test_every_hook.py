"""Every hook there is, on each old release and on the new one: what Lightning itself changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lfix.codemods.lightning.heard import elsewhere, watched
from lfix.codemods.verify import Request, verify
from lfix.codemods.verify.hooks import compare_hooks

from ..proofs.overlays import RELEASES, overlay

#: Each class has all hooks that its parent of Lightning has, and calls them.
_PROGRAM = """\
import torch
from torch.utils.data import DataLoader, TensorDataset
import pytorch_lightning as pl

NAMES = {names!r}
NO_PARENT = {{
    stage + what
    for stage in ("train", "training", "val", "validation", "test", "predict")
    for what in ("_step", "_dataloader")
}}


def through(cls, name):
    def method(self, *args, **kwargs):
        return getattr(super(cls, self), name)(*args, **kwargs)
    return method


def whole(cls):
    parent = cls.__mro__[1]
    names = list(NAMES[parent.__name__])
    if hasattr(parent, "configure_model"):
        # Lightning refuses to have both.
        names.remove("configure_sharded_model")
    for name in names:
        # Those have no method to pass on to, or are never called without checkpoints.
        if name in NO_PARENT or name.endswith("_checkpoint"):
            continue
        if name not in vars(cls) and callable(getattr(parent, name, None)):
            setattr(cls, name, through(cls, name))
    return cls


@whole
class Watch(pl.Callback):
    pass


@whole
class Data(pl.LightningDataModule):
    rows = TensorDataset(torch.randn(40, 4, generator=torch.Generator().manual_seed(3)))

    def train_dataloader(self):
        return DataLoader(self.rows, batch_size=8, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.rows, batch_size=8)


@whole
class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(4, 1)

    def training_step(self, batch, batch_idx):
        return self.layer(batch[0]).pow(2).mean()

    def validation_step(self, batch, batch_idx):
        return self.layer(batch[0]).pow(2).mean()

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), 0.01)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]


pl.Trainer(max_epochs=3, callbacks=[Watch()]).fit(Net(), datamodule=Data())
"""


def _recorded(folder: Path, overlays: tuple[Path, ...]) -> dict[str, Any]:
    folder.mkdir()
    (folder / "train.py").write_text(_PROGRAM.format(names=watched()))
    asked = Request(
        Path("train.py"), device="cpu", batches=7, cwd=folder, root=folder, overlays=overlays
    )
    outcome = verify(asked)
    assert outcome.recording is not None, outcome.summary() + outcome.output
    hooks: dict[str, Any] = outcome.recording["hooks"]
    return hooks


@pytest.fixture(scope="module")
def newest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return _recorded(tmp_path_factory.mktemp("newest") / "project", ())


@pytest.mark.parametrize("release", RELEASES)
def test_only_lightning_differs(newest: dict[str, Any], tmp_path: Path, release: str) -> None:
    found = compare_hooks(_recorded(tmp_path / "old", overlay(release)), newest, release)
    assert (found.called.detail, found.order.detail, found.given.detail) == ("", "", "")
    assert found.called.pairs > 50
    assert found.order.pairs > 150
    moved = {how for name in watched()["Callback"] if (how := elsewhere(name, release))}
    assert moved == {how for how in moved if any(note.endswith(how) for note in found.notes)}
