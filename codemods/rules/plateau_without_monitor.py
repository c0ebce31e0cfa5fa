"""`ReduceLROnPlateau` is returned without the metric that it watches.

What it does
    Finds `configure_optimizers` that gives a `ReduceLROnPlateau` without `monitor`, in a list, a
    tuple or a dict, and names the one validation loss that the class logs.

Why
    `MisconfigurationException: configure_optimizers must include a monitor`.

Example
    ```python
    return [optimizer], [ReduceLROnPlateau(optimizer)]
    ```
    becomes
    ```python
    return [optimizer], [{"scheduler": ReduceLROnPlateau(optimizer), "monitor": "val_loss"}]
    ```

Fix safety
    Unsafe: another metric may be meant. Told where the class logs none or several with `val` and
    `loss` in their names.

References
    lightning/pytorch/core/optimizer.py (2.6.6), `_configure_schedulers_automatic_opt`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import own_nodes
from ..model import Fix, Safety
from ._behaviour_logged import logged
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_PLATEAU = "torch.optim.lr_scheduler.ReduceLROnPlateau"


@rule("LF917", triggers=("ReduceLROnPlateau",), context=("configure_optimizers",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at schedulers that are returned."""
    del settings
    for owner, function in file.tree.methods("configure_optimizers"):
        cls = file.cls(owner)
        if not cls.has(Role.MODULE) or b"automatic_optimization" in file.source.data:
            continue
        names = (k for k in logged(cls) or () if not k.endswith(("_step", "_epoch")))
        keys = sorted(k for k in names if "val" in k and "loss" in k)
        for node in own_nodes(function):
            value = node.value if isinstance(node, ast.Return) else None
            for scheduler in _bare(file, value) if value is not None else ():
                yield _finding(rule, file, scheduler, keys)


def _finding(rule: Rule, file: File, scheduler: ast.expr, keys: list[str]) -> Finding:
    message = "ReduceLROnPlateau needs monitor, the name of the metric that it watches"
    reason = 'write {"scheduler": …, "monitor": "val_loss"}, with a name that is logged'
    if len(keys) != 1:
        return file.finding(rule, scheduler, message, reason=reason)
    text = f'{{"scheduler": {file.text(scheduler)}, "monitor": "{keys[0]}"}}'
    fix = Fix(f"watch {keys[0]}", (file.replace(scheduler, text),), Safety.UNSAFE)
    return file.finding(rule, scheduler, message, fix=fix, reason="another metric may be meant")


def _bare(file: File, node: ast.expr) -> Iterator[ast.expr]:
    """The schedulers in what is returned that stand there without a configuration."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:  # noqa: PLR2004
        second = node.elts[1]
        for element in second.elts if isinstance(second, (ast.List, ast.Tuple)) else ():
            if _is_plateau(file, element):
                yield element
    if isinstance(node, ast.Dict):
        entries = {literal(k): v for k, v in zip(node.keys, node.values, strict=True) if k}
        scheduler = entries.get("lr_scheduler")
        if "monitor" not in entries and scheduler is not None and _is_plateau(file, scheduler):
            yield scheduler


def _is_plateau(file: File, node: ast.expr) -> bool:
    value = file.assigned(node) if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Call) and file.canonical(value.func) == _PLATEAU
