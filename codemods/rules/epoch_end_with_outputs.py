"""A hook at the end of an epoch expects the outputs of all steps, which Lightning no longer keeps.

What it does
    Finds `training_epoch_end`, `validation_epoch_end`, `test_epoch_end` and hooks
    `on_*_epoch_end` that still take `outputs`. Where the outputs are not read, the hook gets its
    new name and loses the parameter. Where they are, they are collected in a list of the module.

Why
    Lightning 2.0 keeps no outputs. `fit` raises `NotImplementedError: Support for
    validation_epoch_end has been removed`; `on_train_epoch_end(self, outputs)` is a `TypeError`
    when the first epoch ends.

Example
    ```python
    def validation_step(self, batch, batch_idx):
        ...
        return loss

    def validation_epoch_end(self, outputs):
        self.log("val_loss", torch.stack(outputs).mean())
    ```
    becomes
    ```python
    def validation_step(self, batch, batch_idx):
        ...
        self.validation_step_outputs.append(loss)
        return loss

    def on_validation_epoch_end(self):
        outputs = self.validation_step_outputs
        self.validation_step_outputs = []
        self.log("val_loss", torch.stack(outputs).mean())
    ```

Fix safety
    Safe where the outputs are unread, or where every output reaches the list as it reached the hook
    before: from the step's own returns, or from `on_*_batch_end`, which is given the same value
    (in training a dict with the detached loss, as before). Several dataloaders or optimizers,
    whose outputs were nested, an existing hook of the new name, calls of the hook by the project
    and callbacks that read outputs are told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16520
    lightning/pytorch/trainer/configuration_validator.py, loops/training_epoch_loop.py (2.6.6)
    pytorch_lightning/loops/epoch/training_epoch_loop.py (1.5.10)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rewrite import rewrite_expression, rewrite_parameters
from ..engine.rule import rule
from ..model import Edit, Fix, Safety, Span
from ._epoch_end import STAGES, Stage, collect, reads_outputs
from ._hook_calls import without_arguments
from ._hook_owner import is_plain_method, name_span, owners_of
from ._hook_planner import is_read
from ._hook_removed import is_super, own_calls
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding
    from ._hook_shape import Shape

_PREDICT = Stage("predict", "predict_step", "")
_BY_NAME = {
    name: stage for stage in (*STAGES, _PREDICT) for name in (stage.old, stage.hook) if name
}


@rule("LF203", triggers=("_epoch_end",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the hooks that expect outputs."""
    del settings
    for cls in file.classes:
        roles = owners_of(cls)
        if roles not in ([Role.MODULE], [Role.CALLBACK]):
            continue
        for function in cls.methods.values():
            stage = _BY_NAME.get(function.name)
            if stage is None or not is_plain_method(function):
                continue
            if roles == [Role.CALLBACK] and function.name == stage.old:
                continue
            lead = 2 if roles == [Role.CALLBACK] else 0
            shape = shape_of(function)
            if shape is None or (function.name == stage.hook and shape.required <= lead):
                continue
            yield _finding(rule, cls, function, stage, shape, lead)


def _finding(
    rule: Rule, cls: Class, function: Function, stage: Stage, shape: Shape, lead: int
) -> Finding:
    file = cls.file
    place = name_span(file, function)
    message = _message(function, stage, shape, lead)
    made = _edits(cls, function, stage, shape, lead)
    if isinstance(made, str):
        return file.finding(rule, place, message, reason=made)
    doubt = None
    if not lead and function.name == "on_train_epoch_end" and reads_outputs(cls, stage):
        doubt = (
            "until 1.2 this hook was given lists nested by optimizer and step, now one dict a step"
        )
    annotations = (node for arg in shape.args[lead:] for node in ast.walk(arg))
    drops = {
        name
        for node in annotations
        if isinstance(node, (ast.Name, ast.Attribute)) and (name := file.canonical(node))
    }
    safety = Safety.UNSAFE if doubt else Safety.SAFE
    fix = Fix(
        f"make it {stage.hook} without outputs", tuple(made), safety, (), tuple(sorted(drops))
    )
    return file.finding(rule, place, message, fix=fix, reason=doubt)


def _message(function: Function, stage: Stage, shape: Shape, lead: int) -> str:
    if function.name == stage.old:
        return f"{stage.old} was removed in 2.0, and Lightning refuses a module that has it"
    extra = ", ".join(shape.names[lead:])
    return f"{stage.hook} is no longer given {extra}"


def _edits(
    cls: Class, function: Function, stage: Stage, shape: Shape, lead: int
) -> list[Edit] | str:
    """The edits that make the hook what it has to be, or what to do by hand."""
    file = cls.file
    if len(shape.args) > lead + 1 or shape.required_keywords or (shape.starred and not shape.args):
        return f"write {stage.hook}(self) and collect the outputs in {stage.step}"
    calls = own_calls(cls, function.name)
    if calls is None or (calls and function.name == stage.hook):
        return (
            f"the project calls {function.name} itself: move the body into a method that both call"
        )
    if function.name != stage.hook and not _may_become(cls, stage):
        return f"{stage.hook} is there already: put both bodies together"
    followed = _super_calls(cls, function, stage, lead)
    if isinstance(followed, str):
        return followed
    edits, dropped = followed
    outputs = shape.names[lead] if len(shape.args) > lead else None
    read = outputs is not None and is_read(file, function, outputs, dropped)
    helper = f"_{function.name}" if read and calls else None
    if helper is not None and cls.method(helper) is not None:
        return f"the project calls {function.name} itself, and {helper} is there already"
    if outputs is not None and read:
        collected = _collected(cls, function, outputs, stage, lead, helper)
        if isinstance(collected, str):
            return collected
        edits += collected
    if outputs is not None and helper is None:
        edits += rewrite_parameters(file, function, list(range(lead + 1)))
    if function.name != stage.hook:
        edits.append(_renamed(name_span(file, function), function.name, helper or stage.hook))
    for call in calls:
        if helper is not None:
            edits.append(_renamed(file.span(call.func), function.name, helper))
        else:
            edits += rewrite_expression(
                file, call, lambda node: without_arguments(node, 0, stage.hook)
            )
    return edits


def _renamed(span: Span, name: str, new: str) -> Edit:
    """The edit that renames what ends a span."""
    return Edit(Span(span.end - len(name.encode()), span.end), new)


def _collected(
    cls: Class, function: Function, outputs: str, stage: Stage, lead: int, helper: str | None
) -> list[Edit] | str:
    if stage is _PREDICT:
        return (
            "read self.trainer.predict_loop.predictions instead, and return what is needed "
            "from predict_step"
        )
    if lead:
        return f"collect the outputs in {stage.batch_end}, which is given those of each step"
    return collect(cls, function, outputs, stage, helper)


def _may_become(cls: Class, stage: Stage) -> bool:
    """Whether the new name is free; what bases and heirs have under the old name moves along."""
    family = [*cls.mro, *cls.file.project.heirs(cls)]
    return not any(stage.hook in member.methods for member in family)


def _super_calls(
    cls: Class, function: Function, stage: Stage, lead: int
) -> tuple[list[Edit], set[int]] | str:
    """Calls of the parent's hook follow, if the parent's does not read the outputs either."""
    file = cls.file
    edits: list[Edit] = []
    dropped: set[int] = set()
    for call in (n for n in ast.walk(function) if isinstance(n, ast.Call)):
        func = call.func
        if not isinstance(func, ast.Attribute) or func.attr != function.name or not is_super(func):
            continue
        parent = next((c for c in cls.mro[1:] if function.name in c.methods), None)
        if parent is not None:
            theirs = parent.methods[function.name]
            shape = shape_of(theirs)
            if shape is None or (
                shape.args[lead:] and is_read(parent.file, theirs, shape.names[lead], set())
            ):
                return f"{parent.name}.{function.name} reads the outputs: repair both together"
        edits += rewrite_expression(
            file, call, lambda node: without_arguments(node, lead, stage.hook)
        )
        dropped.update(id(n) for a in call.args[lead:] for n in ast.walk(a))
    return edits, dropped
