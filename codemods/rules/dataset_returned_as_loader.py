"""A dataloader hook returns a Dataset instead of a DataLoader.

What it does
    Finds `train_dataloader`, `val_dataloader`, `test_dataloader` and `predict_dataloader` of a
    LightningModule or LightningDataModule that return a `torch.utils.data.Dataset`, alone or in a
    list, tuple, dict or `CombinedLoader`, and wraps each in a `DataLoader`.

Why
    Lightning iterates whatever the hook returns. A Dataset is iterated sample by sample: no batch
    dimension, no sampler, and no error unless the loss needs the dimension.

Example
    ```python
    def val_dataloader(self):
        return self.val_set
    ```
    becomes
    ```python
    def val_dataloader(self):
        return DataLoader(self.val_set, batch_size=self.batch_size)
    ```

Fix safety
    Safe where the object is a Dataset on every path. `batch_size` is what the scope offers, else
    the `batch-size` setting. A Dataset whose class takes a `batch_size` may batch by itself and is
    told. An object of unknown type whose name suggests a dataset is told.

References
    lightning/pytorch/core/hooks.py (2.6.6), `DataHooks.train_dataloader`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import own_nodes
from ._loading import finding_of, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_HOOKS = ("train_dataloader", "val_dataloader", "test_dataloader", "predict_dataloader")


@rule("LF102", triggers=_HOOKS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the returned expressions that are datasets."""
    for cls in file.classes:
        if not cls.plays(Role.MODULE, Role.DATAMODULE):
            continue
        for hook in _HOOKS:
            function = cls.methods.get(hook)
            if function is None:
                continue
            for node in own_nodes(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    found = finding_of(
                        rule, file, node.value, wrap(file, node.value, settings), f"{hook} returns"
                    )
                    if found is not None:
                        yield found
