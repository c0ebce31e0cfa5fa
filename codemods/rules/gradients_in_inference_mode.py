"""A step computes gradients where the Trainer runs it without.

What it does
    Follows the module in `trainer.validate(…)`, `test` and `predict` to its step and the methods
    that this calls, and finds `torch.enable_grad`, `set_grad_enabled`, `torch.autograd.grad`,
    `backward` and `requires_grad_` in them, where the Trainer is not told `inference_mode=False`.

Why
    Since 1.7 these stages run under `torch.inference_mode`, and nothing in it turns gradients on
    again: `RuntimeError: Inference tensors cannot be saved for backward`, or `element 0 of tensors
    does not require grad`. Validation within `fit` is not concerned.

Example
    ```python
    trainer = Trainer(max_epochs=3)
    trainer.test(model)
    ```
    becomes
    ```python
    trainer = Trainer(max_epochs=3, inference_mode=False)
    trainer.test(model)
    ```

Fix safety
    Safe. Told where the arguments of the Trainer come from elsewhere.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/12715
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..engine.values import own_nodes
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

_STEPS = {"validate": "validation_step", "test": "test_step", "predict": "predict_step"}
_SIGNS = ("enable_grad", "backward", "manual_backward", "requires_grad_")
_FUNCTIONS = ("torch.autograd.grad", "torch.autograd.backward", "torch.enable_grad")


@rule(
    "LF902",
    triggers=(".validate(", ".test(", ".predict("),
    context=("rainer",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at constructions of Trainers."""
    del settings
    told: set[ast.AST] = set()
    for call in stage_calls(file, frozenset(_STEPS)):
        made = made_by(file, call)
        cls = model_of(file, call)
        if made is None or cls is None or made.node in told or made.get("inference_mode"):
            continue
        step = _STEPS[stage_of(call)]
        where = _gradients(cls, step)
        if not where:
            continue
        told.add(made.node)
        message = f"{cls.name}.{step} computes gradients ({where}), and runs in inference mode"
        changes = {"": [("inference_mode", "False")]}
        repair = Repair(reason="say inference_mode=False") if made.hidden else Repair(changes)
        yield tell(rule, made, "", message, repair, made.node)


def _gradients(cls: Class, step: str) -> str:
    """What computes gradients in a step; empty where nothing does, or where it sees to it."""
    found = ""
    for owner, function in reached(cls, step):
        for node in own_nodes(function):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            path = owner.file.canonical(node.func) or ""
            if "inference_mode" in (name, path.rpartition(".")[2]):
                return ""
            if name in _SIGNS or path in _FUNCTIONS or _turns_on(path, node):
                found = found or owner.file.text(node.func)
    return found


def _turns_on(path: str, node: ast.Call) -> bool:
    """Whether a call says that gradients are computed; what ``self.training`` decides is off."""
    if path != "torch.set_grad_enabled":
        return False
    given = [*node.args, *(k.value for k in node.keywords)]
    return len(given) == 1 and literal(given[0]) is True
