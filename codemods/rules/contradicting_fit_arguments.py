"""`fit` gets what it cannot train with: loaders twice, or no LightningModule.

What it does
    Finds `fit`, `validate`, `test` and `predict` of a Trainer with both loaders and a `datamodule`,
    and with a plain module of torch.

Why
    Both raise when the line runs: `MisconfigurationException`, or `TypeError` since 1.8.

Example
    ```python
    trainer.fit(model, loader, datamodule=data)
    ```

Fix safety
    Told: only the author knows which of the two is meant.

References
    lightning/pytorch/trainer/trainer.py (2.6.6), `Trainer._fit_impl`
    https://github.com/Lightning-AI/pytorch-lightning/pull/13892
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..engine.values import infer
from ._loading import is_trainer_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_LOADERS = frozenset(
    {"train_dataloader", "train_dataloaders", "val_dataloaders", "dataloaders", "test_dataloaders"}
)


@rule("LF615", triggers=(".fit(", ".validate(", ".test(", ".predict("), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    for call, func in file.tree.method_calls(*_METHODS):
        named = {k.arg: k.value for k in call.keywords}
        loaders = [*call.args[1:2], *(v for n, v in named.items() if n in _LOADERS)]
        module = call.args[0] if call.args else named.get("model")
        both = any(_is_given(file, v) for v in loaders) and _is_given(file, named.get("datamodule"))
        plain = module is not None and _is_plain(file, module)
        if not (both or plain) or not is_trainer_call(file, call):
            continue
        if both:
            yield file.finding(
                rule,
                call,
                f"{func.attr} gets loaders and a datamodule",
                reason="pass one of the two",
            )
        elif module is not None:
            yield file.finding(
                rule,
                module,
                f"{func.attr} takes a LightningModule, and this is a module of torch",
                reason="write a LightningModule with a training_step around it",
            )


_METHODS = ("fit", "validate", "test", "predict")


def _is_given(file: File, node: ast.expr | None) -> bool:
    """Whether a value is surely not ``None``: parameters and attributes may well be."""
    if node is None or isinstance(node, ast.Attribute):
        return False
    if isinstance(node, ast.Name):
        found = file.tree.scope_of(node).find(node.id)
        if found is not None and any(b.kind == "parameter" for b in found[1]):
            return False
    return not any(t.kind == "none" for t in infer(file, node))


def _is_plain(file: File, node: ast.expr) -> bool:
    types = infer(file, node)
    return bool(types) and all((t.name or "").startswith("torch.nn.") for t in types)
