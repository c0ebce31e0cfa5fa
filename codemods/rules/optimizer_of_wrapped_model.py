"""`configure_optimizers` takes the parameters of the Trainer's model.

What it does
    Finds `self.trainer.model.parameters()` and `named_parameters()` in `configure_optimizers`,
    where the project speaks of FSDP; under other strategies these are the module's own parameters.

Why
    FSDP needed it until 2.0, as the strategy had wrapped the model by then. Since 2.1 the module's
    own parameters are the ones, under FSDP too, and those of the wrapped model have other names.

Example
    ```python
    return AdamW(self.trainer.model.parameters())
    ```
    becomes
    ```python
    return AdamW(self.parameters())
    ```

Fix safety
    Safe for `parameters`. Unsafe for `named_parameters`, whose names lose what the wrapper adds.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/17309
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Fix, Safety, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_SAFETY = {"parameters": Safety.SAFE, "named_parameters": Safety.UNSAFE}


@rule("LF905", triggers=("trainer.model",), context=("configure_optimizers",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``self.trainer.model``."""
    if minor(settings.target) < (2, 1) or not _is_sharded(file):
        return
    for owner, function in file.tree.methods("configure_optimizers"):
        if not file.cls(owner).plays(Role.MODULE):
            continue
        own = self_name(function)
        for node in ast.walk(function):
            if not isinstance(node, ast.Attribute) or file.text(node) != f"{own}.trainer.model":
                continue
            parent = file.tree.parents[node]
            if isinstance(parent, ast.Attribute) and parent.attr in _SAFETY:
                safety = _SAFETY[parent.attr]
                reason = "the names lose what the wrapper adds" if safety is Safety.UNSAFE else None
                yield file.finding(
                    rule,
                    node,
                    "the optimizer gets the module's own parameters since 2.1, under FSDP too",
                    fix=Fix(f"write {own}", (file.replace(node, str(own)),), safety),
                    reason=reason,
                    severity=Severity.WARNING,
                )


def _is_sharded(file: File) -> bool:
    """Whether Python of the project speaks of FSDP."""
    project, near = file.project, file.path
    return any(project.holding(word, near) for word in (b"FSDP", b"fsdp"))
