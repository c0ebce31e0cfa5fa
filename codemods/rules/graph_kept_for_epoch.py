"""What a step computed is kept with its graph, batch after batch.

What it does
    Finds `self.kept.append(outputs["out"])` in `on_train_batch_end` of modules and callbacks, and
    detaches what is kept.

Why
    Until 1.5 Lightning detached what a step returned beside the loss. Since 1.6 it comes as it is:
    each kept tensor holds the graph of its batch, and the memory grows until it is full.

Example
    ```python
    def on_train_batch_end(self, outputs, batch, batch_idx):
        self.kept.append(outputs["out"])
    ```
    becomes
    ```python
    def on_train_batch_end(self, outputs, batch, batch_idx):
        self.kept.append(outputs["out"].detach())
    ```

Fix safety
    Unsafe: the entry may be no tensor. The loss comes detached, and is left alone.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/7994
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..model import Fix, Safety, Severity
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_HOOK = "on_train_batch_end"
#: Where the outputs are among the parameters.
_PLACES = {Role.MODULE: 1, Role.CALLBACK: 3}


@rule("LF924", triggers=(_HOOK,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at what is kept."""
    del settings
    for definition in file.tree.classes:
        cls = file.cls(definition)
        function = cls.methods.get(_HOOK)
        place = next((p for role, p in _PLACES.items() if cls.has(role)), None)
        if function is None or place is None or len(function.args.args) <= place:
            continue
        outputs = function.args.args[place].arg
        for node in ast.walk(function):
            kept = _kept(node, outputs)
            if kept is not None:
                text = f"{file.text(kept)}.detach()"
                yield file.finding(
                    rule,
                    kept,
                    "what a step returns beside the loss keeps its graph since 1.6",
                    fix=Fix("detach it", (file.replace(kept, text),), Safety.UNSAFE),
                    reason="if it is a tensor",
                    severity=Severity.WARNING,
                )


def _kept(node: ast.AST, outputs: str) -> ast.expr | None:
    """What is put into a list of the object, if it is an entry of the outputs."""
    if not isinstance(node, ast.Call) or len(node.args) != 1:
        return None
    func, value = node.func, node.args[0]
    if not isinstance(func, ast.Attribute) or func.attr != "append":
        return None
    if not isinstance(func.value, ast.Attribute) or not isinstance(value, ast.Subscript):
        return None
    if not isinstance(value.value, ast.Name) or value.value.id != outputs:
        return None
    key = literal(value.slice)
    return value if isinstance(key, str) and key != "loss" else None
