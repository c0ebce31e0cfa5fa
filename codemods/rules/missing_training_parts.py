"""Trainer.fit is given a model that lacks what training takes.

What it does
    Follows the model in `trainer.fit(model, …)` to the class that it is made of, and tells where
    that class is a plain `torch.nn.Module`, or where the class and all its bases have no
    `training_step`, no `configure_optimizers`, or, if `fit` is given no data either, no
    `train_dataloader`.

Why
    Lightning refuses each of them before the first batch, with MisconfigurationException or, for
    a plain module, `TypeError: model must be a LightningModule`.

Example
    ```python
    class Net(nn.Module): ...

    trainer.fit(Net(), loader)   # told: make Net a LightningModule
    ```

Fix safety
    Told only: what is missing has to be written. Classes with a base that is not known, and
    parameters, which may hold an instance of a subclass, are left alone.

References
    lightning/pytorch/trainer/configuration_validator.py (2.6.6)
    lightning/pytorch/utilities/compile.py (2.6.6), `_maybe_unwrap_optimized`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ._construction import class_of
from ._instances import model_of
from ._steps import PLAIN_BASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NEEDED = {
    "training_step": "define training_step(self, batch, batch_idx) and return the loss from it",
    "configure_optimizers": "define configure_optimizers(self) and return an optimizer from it",
}
_WRAP = (
    "Lightning trains a LightningModule: let the class inherit from it, or wrap the module in one, "
    "with training_step and configure_optimizers"
)


@rule("LF403", triggers=(".fit",), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at models that cannot be trained."""
    del settings
    for call, func in file.tree.method_calls("fit"):
        model = model_of(call)
        if model is None or not is_surely(infer(file, func.value), Role.TRAINER.value):
            continue
        cls = class_of(file, model)
        if cls is None or not _is_known(cls):
            continue
        for message, reason in _lacks(file, call, cls):
            yield file.finding(rule, model, message, reason=reason)


def _is_known(cls: Class) -> bool:
    """Whether nothing can come from a base, a decorator or a metaclass that is not seen."""
    return (
        not cls.unknown_bases
        and all(name in PLAIN_BASES for name in cls.foreign_bases)
        and not any(c.node.decorator_list or c.node.keywords for c in cls.mro)
        and cls.method("__getattr__") is None
        and cls.method("__new__") is None
    )


def _lacks(file: File, call: ast.Call, cls: Class) -> Iterator[tuple[str, str]]:
    if not cls.has(Role.MODULE):
        if "torch.nn.Module" in cls.foreign_bases:
            yield (
                f"Trainer.fit is given {cls.name}, a plain torch.nn.Module",
                _WRAP,
            )
        return
    for name, what in _NEEDED.items():
        if not _has(file, cls, name):
            yield f"Trainer.fit is given {cls.name}, which has no {name}", what
    alone = len(call.args) + len(call.keywords) == 1
    if alone and not _has(file, cls, "train_dataloader"):
        yield (
            f"Trainer.fit is given {cls.name} without data, and it has no train_dataloader",
            "pass a DataLoader: fit(model, loader), or a datamodule: fit(model, datamodule=…)",
        )


def _has(file: File, cls: Class, name: str) -> bool:
    """Whether something gives the class, or its instance, an attribute."""
    if any(name in c.file.tree.scopes[c.node].bindings for c in cls.mro):
        return True
    files = {file, *(c.file for c in cls.mro)}
    return any(_is_set(home, name) for home in files)


def _is_set(file: File, name: str) -> bool:
    return any(
        isinstance(n, ast.Attribute) and n.attr == name and isinstance(n.ctx, ast.Store)
        for n in file.tree.all(ast.Attribute)
    ) or any(isinstance(c.func, ast.Name) and c.func.id == "setattr" for c in file.tree.calls)
