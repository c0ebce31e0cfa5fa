"""A learning-rate scheduler that is not one of torch's, and nobody who steps it.

What it does
    Finds schedulers in `configure_optimizers` that are classes of timm or of the project and not
    subclasses of torch's, in modules without `lr_scheduler_step`, and adds that hook.

Why
    Since 1.6 Lightning steps torch's schedulers only. For any other, `fit` ends with
    `MisconfigurationException: The provided lr scheduler doesn't follow PyTorch's LRScheduler API`.

Example
    ```python
    def configure_optimizers(self):
        optimizer = Adam(self.parameters())
        return [optimizer], [Warmup(optimizer)]
    ```
    becomes
    ```python
    def configure_optimizers(self):
        optimizer = Adam(self.parameters())
        return [optimizer], [Warmup(optimizer)]

    def lr_scheduler_step(self, scheduler, metric):
        scheduler.step()
    ```

Fix safety
    Safe for a class of the project whose `step` needs no argument: that is what Lightning called
    until 1.5. Unsafe for timm, whose `step` takes the epoch. Told where `step` needs something
    else, or the class cannot be saved (`state_dict`, `load_state_dict`), which is a `TypeError`.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/10249
    lightning/pytorch/core/optimizer.py (2.6.6), `_validate_scheduler_api`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.file import Defined
from ..engine.rule import rule
from ..engine.statements import indent, insert_after
from ..engine.values import own_nodes
from ..model import Fix, Safety
from ._hook_optimizers import declares_manual
from ._hook_owner import owners_of
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_TIMM = "timm.scheduler."
_KEPT = ("state_dict", "load_state_dict")


@rule("LF211", triggers=("timm", "Schedul", "Warm", "LR("), context=("def configure_optimizers",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls that make the schedulers."""
    del settings
    for cls in file.classes:
        function = cls.methods.get("configure_optimizers")
        if function is None or owners_of(cls) != [Role.MODULE] or declares_manual(cls):
            continue
        family = [cls, *file.project.heirs(cls)]
        known = all(name == "lightning.pytorch.LightningModule" for name in cls.foreign_bases)
        if not known or any(c.method("lr_scheduler_step") is not None for c in family):
            continue
        made = [n for n in own_nodes(function) if isinstance(n, ast.Call)]
        for call in made:
            yield from _finding(rule, file, function, call)


def _finding(rule: Rule, file: File, function: Function, call: ast.Call) -> Iterator[Finding]:
    name = file.canonical(call.func) or ""
    if name.startswith(_TIMM) and name.rpartition(".")[2].endswith("Scheduler"):
        message = f"Lightning does not step {name.rpartition('.')[2]}, which is not torch's"
        text = "scheduler.step(epoch={own}.current_epoch)"
        doubt = "step_update is the one to call if the interval is a step"
    else:
        scheduler = _own_scheduler(file, call)
        if scheduler is None:
            return
        message = f"Lightning does not step {scheduler.name}, which is not torch's"
        missing = [m for m in _KEPT if scheduler.method(m) is None]
        if missing:
            way_out = f"derive it from torch's LRScheduler, or give it {' and '.join(missing)}"
            yield file.finding(rule, call, message, reason=way_out)
            return
        if _needs_more(scheduler):
            way_out = "override lr_scheduler_step(self, scheduler, metric), and step it there"
            yield file.finding(rule, call, message, reason=way_out)
            return
        text, doubt = "scheduler.step()", ""
    unit = indent(file, function.body[0])[len(indent(file, function)) :] or "    "
    own = self_name(function) or "self"
    body = f"\ndef lr_scheduler_step({own}, scheduler, metric):\n{unit}{text.format(own=own)}"
    edit = insert_after(file, function, body)
    if edit is None:
        yield file.finding(rule, call, message, reason="override lr_scheduler_step")
        return
    fix = Fix("step it in lr_scheduler_step", (edit,), Safety.UNSAFE if doubt else Safety.SAFE)
    yield file.finding(rule, call, message, fix=fix, reason=doubt or None)


def _own_scheduler(file: File, call: ast.Call) -> Class | None:
    """The project's class that a call makes, if it steps and is none of torch's schedulers."""
    for meaning in file.meanings(call.func):
        if not isinstance(meaning, Defined) or not isinstance(meaning.node, ast.ClassDef):
            return None
        cls = meaning.file.cls(meaning.node)
        plain = all(name in ("object", "abc.ABC") for name in cls.foreign_bases)
        optimizer = any(c.method("zero_grad") is not None for c in cls.mro)
        if plain and not cls.unknown_bases and not optimizer and _is_named(cls):
            return cls if cls.method("step") is not None else None
    return None


def _is_named(cls: Class) -> bool:
    return any(word in cls.name.lower() for word in ("schedul", "warm", "lr", "anneal"))


def _needs_more(cls: Class) -> bool:
    found = cls.method("step")
    shape = shape_of(found[1]) if found is not None else None
    return shape is None or shape.required > 0 or bool(shape.required_keywords)
