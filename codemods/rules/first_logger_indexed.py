"""One of several loggers is taken from `logger`, which is the first one alone.

What it does
    Finds `self.logger.experiment[1]`, `self.logger[1]` and `for … in self.logger` on modules and
    Trainers, and writes `loggers`.

Why
    Until 1.7 several loggers were one collection under `logger`. Since 1.8 `logger` is the first of
    them, and all are in `loggers`: the index goes into the first logger's own experiment, and
    raises `TypeError`.

Example
    ```python
    self.logger.experiment[1].log(values)
    ```
    becomes
    ```python
    self.loggers[1].experiment.log(values)
    ```

Fix safety
    Safe: no logger of Lightning's has an experiment with numbers as keys.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/14283
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.lineage import inherits
from ..lightning.objects import CLASSES, MODULE, TRAINER
from ..model import Fix
from ._members import uses
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_OWNERS = (CLASSES[TRAINER], CLASSES[MODULE])


@rule("LF904", triggers=(".logger",), context=("lightning", "rainer"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at uses of ``logger``."""
    del settings
    for use in uses(file, ("logger",)):
        if use.guessed or not use.is_read:
            continue
        if not any(inherits(owner, known) for owner in use.owners for known in _OWNERS):
            continue
        found = _spread(file, use.node)
        if found is not None:
            node, text = found
            yield file.finding(
                rule,
                node,
                "logger is the first logger alone since Lightning 1.8; all are in loggers",
                fix=Fix(f"write {text}", (file.replace(node, text),)),
            )


def _spread(file: File, node: ast.Attribute) -> tuple[ast.AST, str] | None:
    """The expression to replace, and its new text."""
    every = f"{file.text(node.value)}.loggers"
    parent = file.tree.parents[node]
    if isinstance(parent, ast.For) and parent.iter is node:
        return node, every
    if isinstance(parent, ast.Subscript) and parent.value is node and _is_number(parent):
        return parent, f"{every}[{file.text(parent.slice)}]"
    above = file.tree.parents[parent]
    if not isinstance(parent, ast.Attribute) or parent.attr != "experiment":
        return None
    if isinstance(above, ast.Subscript) and above.value is parent and _is_number(above):
        return above, f"{every}[{file.text(above.slice)}].experiment"
    return None


def _is_number(node: ast.Subscript) -> bool:
    return type(literal(node.slice)) is int and isinstance(node.ctx, ast.Load)
