"""`configure_optimizers` gives optimizers a `frequency`, which Lightning no longer looks at.

What it does
    Finds dicts with `optimizer` and `frequency` in what `configure_optimizers` returns.

Why
    Frequencies took turns between several optimizers. Lightning 2.0 refuses several optimizers
    under automatic optimization, and ignores the frequency of a single one.

Example
    ```python
    return {"optimizer": optimizer, "frequency": 1}
    ```
    becomes
    ```python
    return {"optimizer": optimizer}
    ```

Fix safety
    Safe for a single optimizer, whose turn it always was, and under manual optimization. Several
    are told: the step has to decide by `batch_idx` which one it drives. Where it takes
    `optimizer_idx`, another rule writes that, and then the frequency goes.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16539
    pytorch_lightning/core/module.py (1.9.5), `configure_optimizers`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import own_nodes
from ..model import Fix, Severity
from ._hook_optimizers import Count, declares_manual, optimizer_count
from ._hook_owner import owners_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_WAY_OUT = (
    "set self.automatic_optimization = False, return the optimizers alone, and drive one of "
    "self.optimizers() in training_step, by batch_idx modulo the sum of the frequencies"
)


@rule("LF210", triggers=("frequency",), context=("configure_optimizers",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the keys."""
    del settings
    for cls in file.classes:
        function = cls.methods.get("configure_optimizers")
        if function is None or owners_of(cls) != [Role.MODULE]:
            continue
        literals = [n for n in own_nodes(function) if isinstance(n, ast.Dict)]
        given = [Arguments(file, n) for n in literals]
        given = [a for a in given if "optimizer" in a and "frequency" in a]
        single = len(given) == 1 and optimizer_count(cls) is Count.ONE
        for arguments in given:
            node = arguments.named["frequency"].node
            if single or declares_manual(cls):
                fix = Fix("remove it", arguments.change({"frequency": []}))
                message = "Lightning no longer looks at the frequency of an optimizer"
                yield file.finding(rule, node, message, fix=fix, severity=Severity.WARNING)
            else:
                message = "optimizers that take turns are refused under automatic optimization"
                yield file.finding(rule, node, message, reason=_WAY_OUT)
