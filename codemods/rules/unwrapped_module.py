"""A module is unwrapped by a function that is gone.

What it does
    Finds `unwrap_lightning_module(trainer.model)`, and asks the Trainer for its module.

Why
    `pytorch_lightning.overrides.base` has no such function since 2.0; the import raises.

Example
    ```python
    net = unwrap_lightning_module(trainer.model)
    ```
    becomes
    ```python
    net = trainer.lightning_module
    ```

Fix safety
    Safe for the `model` of a Trainer or of its strategy. Anything else is told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16386
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..lightning.names import canonical
from ..lightning.objects import STRATEGY, TRAINER
from ..model import Fix, Safety
from ._members import GUESSED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_PATH = "lightning.pytorch.overrides.base.unwrap_lightning_module"
_BY_HAND = "ask the Trainer or the strategy for it"


@rule("LF614", triggers=("unwrap_lightning_module",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    if minor(settings.target) < (2, 0):
        return
    for call in file.tree.calls:
        if file.canonical(call.func) != _PATH or len(call.args) != 1 or call.keywords:
            continue
        owner = _owner(call.args[0])
        kinds = {t.kind for t in infer(file, owner)} if owner is not None else set()
        guessed = kinds == {"unknown"} and owner is not None and file.text(owner) == "trainer"
        fix = None
        if owner is not None and (guessed or (kinds and kinds <= {TRAINER, STRATEGY})):
            text = f"{file.text(owner)}.lightning_module"
            safety = Safety.UNSAFE if guessed else Safety.SAFE
            edits = (file.replace(call, text),)
            fix = Fix(f"write {text}", edits, safety, drops=(canonical(_PATH),))
        yield file.finding(
            rule,
            call,
            "unwrap_lightning_module is gone since Lightning 2.0; it is trainer.lightning_module",
            fix=fix,
            reason=GUESSED if guessed else (None if fix else _BY_HAND),
        )


def _owner(node: ast.expr) -> ast.expr | None:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "model" else None
