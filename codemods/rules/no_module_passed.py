"""What a Trainer is given as the model is a class, or the data.

What it does
    Finds `fit`, `validate`, `test` and `predict` of a Trainer whose model is a LightningModule
    class instead of an instance, and those that get the data first and the model second.

Why
    Lightning raises `TypeError: model must be a LightningModule`.

Example
    ```python
    trainer.fit(Classifier, loader)
    trainer.fit(loader, classifier)
    ```
    becomes
    ```python
    trainer.fit(Classifier(), loader)
    trainer.fit(classifier, loader)
    ```

Fix safety
    Safe where the constructor needs no arguments, and for two arguments that changed places.
    Told otherwise.

References
    lightning/pytorch/utilities/compile.py (2.6.6), `_maybe_unwrap_optimized`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ..model import Fix
from ._instances import class_given, model_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_METHODS = ("fit", "validate", "test", "predict")
_DATA = (Role.DATASET.value, Role.LOADER.value, Role.DATAMODULE.value)


@rule("LF315", triggers=(".fit", ".validate", ".test", ".predict"), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at what is given as the model."""
    del settings
    for call, func in file.tree.method_calls(*_METHODS):
        model = model_of(call)
        if model is None or not is_surely(infer(file, func.value), Role.TRAINER.value):
            continue
        yield from class_given(rule, file, model, func.attr, Role.MODULE)
        yield from _swapped(rule, file, call, func.attr)


def _swapped(rule: Rule, file: File, call: ast.Call, method: str) -> Iterator[Finding]:
    """The finding at data in front of the model."""
    first, second = (*call.args[:2], None, None)[:2]
    if first is None or second is None or not is_surely(infer(file, second), Role.MODULE.value):
        return
    types = infer(file, first)
    if len(types) != 1 or next(iter(types)).kind not in _DATA:
        return
    edits = (file.replace(first, file.text(second)), file.replace(second, file.text(first)))
    message = f"{method} is given the data first, and the model second"
    yield file.finding(rule, first, message, fix=Fix("change their places", edits))
