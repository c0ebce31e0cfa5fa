"""A LightningDataModule class is passed to the Trainer where an instance belongs.

What it does
    Finds `fit`, `validate`, `test` and `predict` calls whose `datamodule=` (or first positional
    argument behind the model) is a class.

Why
    Lightning calls the hooks of an instance; with a class it raises a `TypeError` about a missing
    positional argument, or about an invalid dataloader.

Example
    ```python
    trainer.fit(model, datamodule=ImageData)
    ```
    becomes
    ```python
    trainer.fit(model, datamodule=ImageData())
    ```

Fix safety
    Safe where `__init__` needs no arguments; told otherwise.

References
    https://lightning.ai/docs/pytorch/2.6.1/data/datamodule.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ._instances import class_given

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_METHODS = ("fit", "validate", "test", "predict", "tune")


@rule("LF306", triggers=(".fit", ".validate", ".test", ".predict"), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at arguments that are datamodule classes."""
    del settings
    for call, func in file.tree.method_calls(*_METHODS):
        for node, named in _candidates(call):
            # The keyword is the Trainer's alone; by position any fit() may be meant.
            if not named and not is_surely(infer(file, func.value), Role.TRAINER.value):
                continue
            yield from class_given(rule, file, node, func.attr, Role.DATAMODULE)


def _candidates(call: ast.Call) -> Iterator[tuple[ast.expr, bool]]:
    if not any(isinstance(a, ast.Starred) for a in call.args):
        yield from ((a, False) for a in call.args[1:])
    yield from ((k.value, True) for k in call.keywords if k.arg == "datamodule")
