"""A Dataset is passed to the Trainer where a DataLoader belongs.

What it does
    Finds calls of `fit`, `validate`, `test` and `predict` on a Trainer that are handed a
    `torch.utils.data.Dataset`, alone or in a list, tuple, dict or `CombinedLoader`, and wraps
    each in a `DataLoader`.

Why
    Lightning iterates whatever it is given. A Dataset is iterated sample by sample, without a
    batch dimension and without a sampler: a loss that needs the dimension raises
    `RuntimeError: size mismatch`, others train silently on single samples.

Example
    ```python
    trainer.fit(model, dataset)
    ```
    becomes
    ```python
    trainer.fit(model, DataLoader(dataset, batch_size=32))
    ```

Fix safety
    Safe where the object is a Dataset on every path. `batch_size` is what the scope offers
    (`batch_size`, `self.batch_size`, `self.hparams.batch_size`, `args.batch_size`), else the
    `batch-size` setting. A Dataset whose class takes a `batch_size` may batch by itself and is
    told. An object of unknown type whose name suggests a dataset is told.

References
    https://lightning.ai/docs/pytorch/2.6.1/data/datamodule.html
    lightning/pytorch/trainer/connectors/data_connector.py (2.6.6), `_request_dataloader`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.rule import rule
from ._loading import collected, finding_of, is_trainer_call, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

#: Positions and keywords (current and old) that take loaders, by method.
_LOADERS: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "fit": (
        (1, 2),
        ("train_dataloaders", "val_dataloaders", "train_dataloader", "val_dataloader"),
    ),
    "validate": ((1,), ("dataloaders", "val_dataloaders")),
    "test": ((1,), ("dataloaders", "test_dataloaders")),
    "predict": ((1,), ("dataloaders",)),
}


@rule("LF101", triggers=(".fit", ".validate", ".test", ".predict"), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the arguments that are datasets."""
    for call, func in file.tree.method_calls(*_LOADERS):
        if not is_trainer_call(file, call):
            continue
        for argument in _loader_arguments(file, call):
            what = f"Trainer.{func.attr} is given"
            found = finding_of(rule, file, argument, wrap(file, argument, settings), what)
            if found is not None:
                yield found


def _loader_arguments(file: File, call: ast.Call) -> Iterator[ast.expr]:
    assert isinstance(call.func, ast.Attribute)
    positions, keywords = _LOADERS[call.func.attr]
    if not any(isinstance(a, ast.Starred) for a in call.args):
        yield from (call.args[p] for p in positions if p < len(call.args))
    for keyword in call.keywords:
        if keyword.arg in keywords:
            yield keyword.value
        elif keyword.arg is None:
            held = collected(file, keyword.value)
            if isinstance(held, (ast.Dict, ast.Call)):
                given = Arguments(file, held).named
                yield from (given[name].value for name in keywords if name in given)
