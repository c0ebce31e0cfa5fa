"""The precision of a Trainer is compared with what it never is.

What it does
    Finds comparisons of `trainer.precision` with 16, 32, 64, `"bf16"` and their like, and writes
    the names that it has: `"16-mixed"`, `"bf16-mixed"`, `"32-true"`, `"64-true"`.

Why
    The Trainer keeps the full name since 2.0, whatever it was given. The comparison is false, and
    the branch behind it is silently never taken.

Example
    ```python
    if self.trainer.precision == 16:
    ```
    becomes
    ```python
    if self.trainer.precision == "16-mixed":
    ```

Fix safety
    Safe where the object is a Trainer for certain, unsafe where only its name says so.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16783
    lightning/pytorch/trainer/trainer.py (2.6.6), `Trainer.precision`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..lightning.objects import CLASSES, MODULE, TRAINER
from ..model import Fix, Safety
from ._members import AROUND, uses
from ._variables import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NAMES: dict[object, str] = {
    "16": "16-mixed",
    "bf16": "bf16-mixed",
    "32": "32-true",
    "64": "64-true",
}
_EQUAL = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


@rule("LF606", triggers=(".precision",), context=AROUND)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the compared values."""
    if minor(settings.target) < (2, 0):
        return
    for use in uses(file, ("precision",)):
        if not use.owners & {CLASSES[TRAINER], CLASSES[MODULE]}:
            continue
        compare = file.tree.parents.get(use.node)
        if not isinstance(compare, ast.Compare) or not all(
            isinstance(op, _EQUAL) for op in compare.ops
        ):
            continue
        for value in _values(compare, use.node):
            new = _NAMES.get(str(value.value)) if type(value.value) in (int, str) else None
            if new is None:
                continue
            text = quoted(file, value if isinstance(value.value, str) else compare, new)
            yield file.finding(
                rule,
                value,
                f"{file.text(use.node)} is never {file.text(value)} since Lightning 2.0; it is "
                f'"{new}"',
                fix=Fix(
                    f"write {text}",
                    (file.replace(value, text),),
                    Safety.UNSAFE if use.guessed else Safety.SAFE,
                ),
                reason=use.doubt or None,
            )


def _values(compare: ast.Compare, node: ast.expr) -> Iterator[ast.Constant]:
    for side in (compare.left, *compare.comparators):
        parts = side.elts if isinstance(side, (ast.Tuple, ast.List, ast.Set)) else [side]
        for part in parts:
            if isinstance(part, ast.Constant) and part is not node:
                yield part
