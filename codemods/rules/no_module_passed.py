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
from ._instances import example, needs_nothing, plays

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
        model = _model(call)
        if model is None or not is_surely(infer(file, func.value), Role.TRAINER.value):
            continue
        types = infer(file, model)
        made = next(iter(types)) if len(types) == 1 else None
        if made is not None and made.kind == "class" and plays(made, Role.MODULE):
            message = f"{func.attr} is given the class {file.text(model)}, not an instance"
            if needs_nothing(made) and isinstance(model, (ast.Name, ast.Attribute)):
                fix = Fix("make an instance", (file.replace(model, f"{file.text(model)}()"),))
                yield file.finding(rule, model, message, fix=fix)
            else:
                reason = f"make an instance: {example(made)}"
                yield file.finding(rule, model, message, reason=reason)
        elif made is not None and made.kind in _DATA:
            yield from _swapped(rule, file, call, func.attr)


def _model(call: ast.Call) -> ast.expr | None:
    if call.args:
        return None if isinstance(call.args[0], ast.Starred) else call.args[0]
    return next((k.value for k in call.keywords if k.arg == "model"), None)


def _swapped(rule: Rule, file: File, call: ast.Call, method: str) -> Iterator[Finding]:
    """The finding at data in front of the model."""
    first, second = (*call.args[:2], None, None)[:2]
    if first is None or second is None or not is_surely(infer(file, second), Role.MODULE.value):
        return
    edits = (file.replace(first, file.text(second)), file.replace(second, file.text(first)))
    message = f"{method} is given the data first, and the model second"
    yield file.finding(rule, first, message, fix=Fix("change their places", edits))
