"""A Trainer limits or validates by a share of batches that an IterableDataset cannot count.

What it does
    Follows the Trainer to the loaders that its `fit` is given, and finds `limit_train_batches`,
    `limit_val_batches` and `val_check_interval` with a share (`0.25`) where the loader is made of
    an `IterableDataset` without `__len__`.

Why
    There is no number of batches to take a share of: `MisconfigurationException: When using an
    IterableDataset, Trainer(limit_train_batches) must be 1.0 or an int`.

Example
    ```python
    trainer = pl.Trainer(val_check_interval=0.25)
    trainer.fit(model, DataLoader(Stream()))
    ```
    has to become
    ```python
    trainer = pl.Trainer(val_check_interval=1000)
    ```

Fix safety
    Told: how many batches are meant is not in the code.

References
    lightning/pytorch/loops/fit_loop.py (2.6.6)
    lightning/pytorch/trainer/connectors/data_connector.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._construction import class_of
from ._telling import Repair, tell
from ._trainer_calls import TrainerCall, trainer_calls
from ._trainer_plugins import made
from ._trainer_remedy import value_of
from ._trainer_targets import TRAINER_WORDS
from ._trainer_uses import given, uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

#: Where ``fit`` takes the loaders that each share is of.
_LOADERS = {
    "limit_train_batches": (1, ("train_dataloaders", "train_dataloader")),
    "val_check_interval": (1, ("train_dataloaders", "train_dataloader")),
    "limit_val_batches": (2, ("val_dataloaders",)),
}
_ENDLESS = "torch.utils.data.IterableDataset"


@rule("LF310", triggers=tuple(_LOADERS), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the shares."""
    del settings
    for call in trainer_calls(file):
        for name in _LOADERS:
            value = value_of(call, name)
            if not isinstance(value, float) or value in (0.0, 1.0):
                continue
            cls = _dataset(call, name)
            if cls is not None:
                message = f"{name}={value} is a share, and {cls.name} has no length"
                reason = "write a number of batches, or give the dataset a __len__"
                yield tell(rule, call, name, message, Repair(reason=reason))


def _dataset(call: TrainerCall, name: str) -> Class | None:
    """The dataset without a length that a share is of."""
    used = uses(call.file, call.node) if call.kind == "Trainer" else None
    position, names = _LOADERS[name]
    for fit in used.of("fit") if used is not None else ():
        node = given(fit, position, *names)
        loader = made(call.file, node) if node is not None else None
        if not isinstance(loader, ast.Call):
            continue
        if call.file.canonical(loader.func) != "torch.utils.data.DataLoader":
            continue
        held = given(loader, 0, "dataset")
        cls = class_of(call.file, held) if held is not None else None
        if cls is not None and _ENDLESS in cls.foreign_bases and cls.method("__len__") is None:
            return cls
    return None
