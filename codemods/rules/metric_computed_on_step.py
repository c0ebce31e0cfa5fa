"""A metric of torchmetrics is told whether to compute its value at every step.

What it does
    Finds `compute_on_step=` where a metric is made, and in the `super().__init__(…)` of metrics of
    one's own, and leaves it away.

Why
    torchmetrics has no such argument since 0.9, and no metric that is given one can be made:
    `ValueError: Unexpected keyword arguments: compute_on_step`.

Example
    ```python
    class Overlap(Metric):
        def __init__(self, compute_on_step=False):
            super().__init__(compute_on_step=compute_on_step, dist_sync_on_step=False)
    ```
    becomes
    ```python
    class Overlap(Metric):
        def __init__(self, compute_on_step=False):
            super().__init__(dist_sync_on_step=False)
    ```

Fix safety
    Safe: what is gathered, and computed at the end, is the same. Where the argument was False, a
    call of the metric gave None; today it gives the value of the batch, which takes its time, and
    `metric.update(…)` is what only gathers.

References
    https://github.com/Lightning-AI/torchmetrics/pull/1047
    torchmetrics/metric.py (1.0), `Metric.__init__`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.rule import rule
from ..model import Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_GONE = "compute_on_step"
_HOMES = ("torchmetrics.", "lightning.pytorch.metrics.")
_PARTIAL = ("functools.partial",)


@rule("LF508", triggers=(_GONE,), context=("torchmetrics", "lightning.metrics"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the arguments."""
    del settings
    for call in file.tree.calls:
        arguments = Arguments(file, call)
        argument = arguments.get(_GONE)
        name = _metric(file, call) if argument is not None else None
        if argument is None or name is None:
            continue
        fix = Fix(f"leave {_GONE} away", arguments.change({_GONE: []}), Safety.SAFE)
        message = f"{name} takes no {_GONE} since torchmetrics 0.9"
        yield file.finding(rule, argument.node, message, fix=fix)


def _metric(file: File, call: ast.Call) -> str | None:
    """What a call makes a metric of; None where it makes none."""
    func = call.func
    if file.canonical(func) in _PARTIAL and call.args:
        func = call.args[0]
    if isinstance(func, ast.Attribute) and func.attr == "__init__":
        return _parent(file, call)
    if isinstance(func, ast.Call):
        return "the metric" if _is_looked_up(file, func) else None
    path = file.canonical(func) or ""
    last = path.rpartition(".")[2]
    return last if path.startswith(_HOMES) and last[:1].isupper() else None


def _is_looked_up(file: File, call: ast.Call) -> bool:
    """Whether a call is ``getattr(torchmetrics, name)``."""
    is_lookup = isinstance(call.func, ast.Name) and call.func.id == "getattr" and call.args
    return bool(is_lookup) and file.canonical(call.args[0]) == "torchmetrics"


def _parent(file: File, call: ast.Call) -> str | None:
    """The metric whose constructor a metric of the project's own calls."""
    cls = file.class_of(call)
    if cls is None or any("__init__" in base.methods for base in cls.mro[1:]):
        return None
    found = [path for path in cls.foreign_bases if path.startswith(_HOMES)]
    return found[0].rpartition(".")[2] if found else None
