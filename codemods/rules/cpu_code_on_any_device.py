"""A step keeps to the CPU, and the Trainer takes whatever device there is.

What it does
    Follows the module in `trainer.fit(…)` and the other stages to its steps, and finds tensors that
    are made on, or moved to, the device `"cpu"` there, where the Trainer is given no device.

Why
    In 1.x `Trainer()` trained on the CPU. Since 2.0 it takes an accelerator if there is one, and
    the step fails there: `RuntimeError: Expected all tensors to be on the same device`.

Example
    ```python
    trainer = Trainer(max_epochs=3)
    ```
    becomes
    ```python
    trainer = Trainer(max_epochs=3, accelerator="cpu")
    ```

Fix safety
    Unsafe: the better way is to make the tensors on `self.device`.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16847
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.trainer import DEVICE_ARGUMENTS
from ..model import Severity
from ._behaviour_uses import made_by, model_of, reached, stage_calls, stage_of
from ._telling import Repair, tell
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_STEPS = {
    "fit": "training_step",
    "validate": "validation_step",
    "test": "test_step",
    "predict": "predict_step",
}
_MAKERS = frozenset(
    f"torch.{name}"
    for name in ("zeros", "ones", "rand", "randn", "arange", "eye", "full", "empty", "tensor")
)


@rule("LF909", triggers=(".fit(", ".validate(", ".test(", ".predict("), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at constructions of Trainers."""
    del settings
    told: set[ast.AST] = set()
    for call in stage_calls(file):
        made, cls = made_by(file, call), model_of(file, call)
        if made is None or cls is None or made.node in told or made.hidden:
            continue
        if set(made.names) & DEVICE_ARGUMENTS or made.positional:
            continue
        where = _on_cpu(cls, _STEPS[stage_of(call)])
        if where is None:
            continue
        told.add(made.node)
        message = (
            f"{cls.name} makes a tensor on the CPU ({where}), and the Trainer takes any device"
        )
        doubts = ['1.x meant accelerator="cpu"; the other way is device=self.device in the step']
        repair = Repair({"": [("accelerator", '"cpu"')]}, doubts=doubts)
        yield tell(rule, made, "", message, repair, made.node, severity=Severity.WARNING)


def _on_cpu(cls: Class, step: str) -> str | None:
    """A call in a step that makes a tensor on the CPU by name."""
    for owner, function in reached(cls, step):
        for node in ast.walk(function):
            if not isinstance(node, ast.Call) or owner.file.canonical(node.func) not in _MAKERS:
                continue
            for keyword in node.keywords:
                device = keyword.value
                if keyword.arg != "device":
                    continue
                if isinstance(device, ast.Call) and device.args:
                    named = owner.file.canonical(device.func) == "torch.device"
                    device = device.args[0] if named else device
                if literal(device) == "cpu":
                    return owner.file.text(node)
    return None
