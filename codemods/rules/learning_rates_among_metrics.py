"""Everything in `trainer.callback_metrics` is used, and the learning rates have come into it.

What it does
    Finds places that go through the whole of `trainer.callback_metrics` (loops, `items()`,
    `values()`, `dict(…)`, `len(…)`, `**`) in projects with a `LearningRateMonitor`, and tells.

Why
    Since 2.1 the monitor puts its values there too, as `lr-Adam` and the like. An average of all
    metrics, a table with fixed columns, a test that compares the keys: they change without a word.

Example
    ```python
    score = sum(trainer.callback_metrics.values())      # told: the learning rates are among them
    ```

Fix safety
    Told: whether they are welcome cannot be seen. Nothing is said where the project requires
    Lightning 2.1 or newer, because its code has been written with them.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/17626
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Severity
from ._asked import is_settled
from ._members import uses
from ._variables import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_SINCE = "2.1"
_MEMBER = "callback_metrics"
_MONITOR = "lightning.pytorch.callbacks.LearningRateMonitor"
_METHODS = ("items", "keys", "values", "copy")
_TAKING_ALL = ("dict", "len", "list", "max", "min", "set", "sorted", "sum", "tuple", "json.dump")


@rule("LF926", triggers=(_MEMBER,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings where all metrics are used."""
    if minor(settings.target) < minor(_SINCE) or not _is_monitored(file):
        return
    if is_settled(file.project, file.path, settings.root, _SINCE):
        return
    for use in uses(file, (_MEMBER,)):
        for node in _held(file, use.node):
            if use.is_read and _is_whole(file, node):
                yield file.finding(
                    rule,
                    node,
                    f"since {_SINCE} the values of LearningRateMonitor are among {_MEMBER} too",
                    reason='leave out the keys that begin with "lr-" where they are not wanted',
                    severity=Severity.WARNING,
                )


def _is_monitored(file: File) -> bool:
    """Whether the project makes the monitor anywhere."""
    word = _MONITOR.rpartition(".")[2].encode()
    near = file.project.holding(word, file.path)
    return any(f.canonical(call.func) == _MONITOR for f in {file, *near} for call in f.tree.calls)


def _held(file: File, node: ast.Attribute) -> list[ast.expr]:
    """The expression, or the reads of the variable that it is assigned to."""
    parent = file.tree.parents[node]
    target = parent.targets[0] if isinstance(parent, ast.Assign) else None
    if not isinstance(target, ast.Name):
        return [node]
    return [*loads(file, file.tree.scope_of(target), target.id)]


def _is_whole(file: File, node: ast.expr) -> bool:
    """Whether all keys or all values are asked for."""
    parent = file.tree.parents[node]
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is node
    if isinstance(parent, ast.Dict):
        return any(key is None and value is node for key, value in _entries(parent))
    if isinstance(parent, ast.keyword):
        return parent.arg is None
    if isinstance(parent, ast.Call):
        return file.canonical(parent.func) in _TAKING_ALL
    is_method = isinstance(parent, ast.Attribute) and parent.attr in _METHODS
    above = file.tree.parents[parent]
    return is_method and isinstance(above, ast.Call) and above.func is parent


def _entries(node: ast.Dict) -> list[tuple[ast.expr | None, ast.expr]]:
    return list(zip(node.keys, node.values, strict=True))
