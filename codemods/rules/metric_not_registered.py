"""A metric is kept where the module does not see it.

What it does
    Finds metrics of torchmetrics in a dict or a list that a module keeps as an attribute, and puts
    them into a `ModuleDict` or a `ModuleList`.

Why
    Lightning finds, moves and resets only metrics that are submodules: logging one that is not
    raises `MisconfigurationException`, and its states stay on the CPU.

Example
    ```python
    self.metrics = {"train": Accuracy(task="binary"), "val": Accuracy(task="binary")}
    ```
    becomes
    ```python
    self.metrics = ModuleDict({"train": Accuracy(task="binary"), "val": Accuracy(task="binary")})
    ```

Fix safety
    Unsafe: the states of the metrics come into the `state_dict` where they are persistent. Told for
    keys that a `ModuleDict` does not take.

References
    https://lightning.ai/docs/torchmetrics/stable/pages/lightning.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.imports import spell
from ..engine.rule import rule
from ..model import Fix, Safety
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_HOMES = ("torchmetrics.", "lightning.pytorch.metrics.")
_NO_METRICS = (
    "torchmetrics.functional.",
    "torchmetrics.utilities.",
    "torchmetrics.MetricCollection",
)
_RESERVED = frozenset(
    {
        *("type", "keys", "values", "items", "pop", "update", "clear", "train", "eval", "half"),
        *("float", "double", "cpu", "cuda", "to", "apply", "forward", "children", "modules"),
    }
)


@rule("LF918", triggers=("torchmetrics", "lightning.metrics"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at dicts and lists."""
    del settings
    for statement in file.tree.all(ast.Assign):
        assert isinstance(statement, ast.Assign)
        target, value = statement.targets[0], statement.value
        if not isinstance(target, ast.Attribute) or not isinstance(value, (ast.Dict, ast.List)):
            continue
        cls = file.class_of(statement)
        if cls is None or not cls.has(Role.MODULE) or not _are_metrics(file, value):
            continue
        kind = "ModuleDict" if isinstance(value, ast.Dict) else "ModuleList"
        message = f"metrics in a plain {type(value).__name__.lower()} are no submodules"
        keys = [literal(k) for k in value.keys] if isinstance(value, ast.Dict) else []
        if any(not isinstance(k, str) or "." in k or k in _RESERVED for k in keys):
            reason = f"put them into a {kind}, with other keys: texts without a point"
            yield file.finding(rule, value, message, reason=reason)
            continue
        spelled = spell(file, value, f"torch.nn.{kind}")
        text = f"{spelled.text}({file.text(value)})"
        edits = (file.replace(value, text),)
        fix = Fix(f"make it a {kind}", edits, Safety.UNSAFE, spelled.needs)
        reason = "persistent states of the metrics come into the state_dict"
        yield file.finding(rule, value, message, fix=fix, reason=reason)


def _are_metrics(file: File, value: ast.Dict | ast.List) -> bool:
    held = value.values if isinstance(value, ast.Dict) else value.elts
    names = [file.canonical(v.func) or "" if isinstance(v, ast.Call) else "" for v in held]
    return bool(names) and all(
        n.startswith(_HOMES)
        and not n.startswith(_NO_METRICS)
        and n.rpartition(".")[2][:1].isupper()
        for n in names
    )
