"""Several optimizers are configured, and Lightning is to step them by itself.

What it does
    Finds modules whose `configure_optimizers` gives several optimizers, whose `training_step` takes
    no `optimizer_idx`, and that do not optimize by hand.

Why
    `RuntimeError: Training with multiple optimizers is only supported with manual optimization`.
    Until 1.9 the step ran once for each of them.

Example
    ```python
    def configure_optimizers(self):
        return [SGD(self.a.parameters(), 0.1), SGD(self.b.parameters(), 0.1)]   # told
    ```

Fix safety
    Told: two of one kind can be one with two groups of parameters, as long as each parameter is
    meant to be stepped with the loss of the step; else the step has to call `manual_backward`.

References
    https://lightning.ai/docs/pytorch/2.6.1/common/optimization.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ._optimizers import count
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_HOOK = "configure_optimizers"


@rule("LF916", triggers=(_HOOK,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``configure_optimizers``."""
    del settings
    for definition in file.tree.classes:
        cls = file.cls(definition)
        method = cls.methods.get(_HOOK)
        if method is None or not cls.has(Role.MODULE) or cls.unknown_bases:
            continue
        number = count(cls)
        if number is None or number < 2 or not _is_automatic(cls):  # noqa: PLR2004
            continue
        yield file.finding(
            rule,
            method,
            f"Lightning does not step {number} optimizers by itself since 2.0",
            reason="make them one optimizer with groups of parameters, or set "
            "automatic_optimization = False and step each in training_step",
        )


def _is_automatic(cls: Class) -> bool:
    step = cls.method("training_step")
    if step is None or "optimizer_idx" in {a.arg for a in step[1].args.args}:
        return False
    if cls.method("automatic_optimization") or step[1].args.kwarg or step[1].args.vararg:
        return False
    values = [v for _, v in cls.class_values("automatic_optimization")]
    values += [v for _, _, v, _ in cls.self_assignments("automatic_optimization") if v is not None]
    heirs = cls.file.project.heirs(cls)
    return all(literal(v) is True for v in values) and not heirs
