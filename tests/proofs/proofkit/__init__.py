"""The words of proof drivers; importable as ``proofkit`` in the process of a program.

Works under every release from 1.4 on, and under both distributions of the newest one.
"""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from . import observer

__all__ = ["Net", "fit", "loader", "pl", "rows", "show", "use"]

pl: Any = None
Net: Any = None


def use(namespace: str) -> None:
    """Load the Lightning package ``namespace``, watch its trainers and build ``Net`` on it."""
    global pl, Net  # noqa: PLW0603 - drivers read both from the module
    pl = importlib.import_module(namespace)
    _settle_enums(namespace)
    observer.watch(pl)
    Net = _net(pl.LightningModule)


def _settle_enums(namespace: str) -> None:
    """Let old enums format as their values again.

    Python 3.11 changed that for enums that are strings, and releases before 1.6 build the names of
    attributes with it.
    """
    enums = importlib.import_module(f"{namespace}.utilities.enums")
    base = getattr(enums, "LightningEnum", None)
    for enum in base.__subclasses__() if base else ():
        enum.__format__ = lambda member, spec: format(member.value, spec)


class Rows(Dataset[Any]):
    """Seeded rows of ten features with a label in {0, 1} that depends on them."""

    def __init__(self, count: int) -> None:
        generator = torch.Generator().manual_seed(7)
        self.features = torch.randn(count, 10, generator=generator)
        self.labels = (self.features.sum(dim=1) > 0).long()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> Any:
        return self.features[index], self.labels[index]


def rows(n: int = 100) -> Rows:
    """A dataset of ``n`` rows, the same ones each time."""
    return Rows(n)


def loader(batch_size: int = 25) -> DataLoader[Any]:
    """An unshuffled loader of the hundred rows."""
    return DataLoader(rows(), batch_size=batch_size)


def fit(model: Any, *data: Any, callbacks: Any = (), **trainer_arguments: Any) -> Any:
    """Train ``model`` for one epoch on ``data``, else on ``loader()``; returns the trainer."""
    trainer_arguments.setdefault("max_epochs", 1)
    trainer = pl.Trainer(callbacks=list(callbacks), **trainer_arguments)
    trainer.fit(model, *(data or (loader(),)))
    return trainer


def show(**values: Any) -> None:
    """Add ``values`` to RESULT, under ``shown``."""
    observer.RECORD.shown.update(observer.plain(values))


def _net(base: Any) -> Any:
    class Net(base):  # type: ignore[misc]
        """The smallest module that trains: one layer, cross entropy, Adam."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(10, 2)

        def forward(self, features: Any) -> Any:
            return self.layer(features)

        def training_step(self, batch: Any, _: int) -> Any:
            features, labels = batch
            return nn.functional.cross_entropy(self(features), labels)

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), lr=0.02)

    return Net
