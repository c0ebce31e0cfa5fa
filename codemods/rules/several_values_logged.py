"""A tensor of several values is logged as one.

What it does
    Finds `self.log(name, value)` in modules where the value is a loss with `reduction="none"`, or a
    tensor that is made with several elements, and logs their mean.

Why
    Until 1.6 Lightning took it and gave the mean over an epoch; since 1.7 it raises `ValueError`,
    as a metric has to be a number.

Example
    ```python
    loss = F.cross_entropy(self(x), y, reduction="none")
    self.log("loss", loss)
    ```
    becomes
    ```python
    loss = F.cross_entropy(self(x), y, reduction="none")
    self.log("loss", loss.mean())
    ```

Fix safety
    Safe: that is what was logged for an epoch. Within a step the tensor was logged whole.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/13164
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..model import Fix
from ._offered import own_name
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_MAKERS = frozenset({"torch.ones", "torch.zeros", "torch.rand", "torch.randn", "torch.arange"})


@rule("LF913", triggers=("self.log(",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the values."""
    del settings
    for call, func in file.tree.method_calls("log"):
        if not isinstance(func.value, ast.Name) or func.value.id != own_name(file, call):
            continue
        cls = file.class_of(call)
        value = next((k.value for k in call.keywords if k.arg == "value"), None)
        value = call.args[1] if len(call.args) > 1 else value
        if cls is None or value is None or not cls.plays(Role.MODULE):
            continue
        if any(k.arg == "reduce_fx" for k in call.keywords) or not _has_several(file, value):
            continue
        text = f"{file.text(value)}.mean()"
        yield file.finding(
            rule,
            value,
            "self.log takes one number; a tensor of several raises ValueError since 1.7",
            fix=Fix(f"write {text}", (file.replace(value, text),)),
        )


def _has_several(file: File, node: ast.expr) -> bool:
    value = file.assigned(node) if isinstance(node, ast.Name) else node
    if not isinstance(value, ast.Call):
        return False
    name = file.canonical(value.func) or ""
    if name in _MAKERS:
        sizes = [literal(a) for a in value.args]
        plain = all(isinstance(s, int) for s in sizes)
        return plain and any(isinstance(s, int) and s > 1 for s in sizes)
    reduction = next((k.value for k in value.keywords if k.arg == "reduction"), None)
    return name.startswith("torch.nn.functional.") and literal(reduction) == "none"
