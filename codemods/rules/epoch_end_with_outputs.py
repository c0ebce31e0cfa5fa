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
    (in training a dict with the detached loss, as before). Where the step takes a `dataloader_idx`
    there is a list for each dataloader, and one alone is not nested, as before. An existing hook
    of the new name takes the body up, or calls it. Where classes hand the outputs to each other, by
    `super().validation_epoch_end(outputs)` or mixed in, every body becomes `_validation_epoch_end`
    and the outermost base collects. A base whose heirs have the steps calls its
    `validation_step_end` when the batch is over. Unsafe in callbacks, which were given nested
    outputs where there were several dataloaders or optimizers, and where a callback reads in its
    own `on_*_epoch_end` what the hook logs or sets, or sets what the hook reads, as an average of
    weights does: it ran after `validation_epoch_end`, and runs before `on_validation_epoch_end` of
    the module. Told: several optimizers, hooks of bases and heirs that are in the way, and calls of
    the hook by other classes.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16520
    lightning/pytorch/trainer/configuration_validator.py, loops/training_epoch_loop.py (2.6.6)
    pytorch_lightning/loops/epoch/training_epoch_loop.py (1.5.10)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rewrite import rewrite_expression, rewrite_parameters
from ..engine.rule import rule
from ..engine.statements import insert_after
from ..engine.values import own_nodes
from ..model import Edit, Fix, Safety, Span
from ._epoch_end import STAGES, Stage, collect, collected_by, reads_outputs
from ._epoch_family import calls_elsewhere, family_edits, family_of, relatives
from ._hook_aliases import hook_aliases, step_is_shared
from ._hook_body import before_return, insert_first
from ._hook_calls import without_arguments
from ._hook_merge import merged
from ._hook_order import overtaken
from ._hook_owner import hook_of, is_plain_method, name_span, owners_of
from ._hook_planner import is_read
from ._hook_removed import calls_parent, is_run_by_fabric, is_super, outside_calls, own_calls
from ._hook_shape import is_copied, shape_of
from ._returned_logs import returns_logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding
    from ._hook_shape import Shape

#: 1.6 and 1.7 asked by this parameter whether the outputs of several optimizers are to be nested
#: in today's way; with a single one it changed nothing.
_FORMAT = ("new_format",)
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
            hook = hook_of(cls, function.name)
            if hook is not None and is_copied(hook, shape):
                continue
            if function.name == stage.hook and is_run_by_fabric(cls, stage.hook):
                continue
            yield _finding(rule, cls, function, stage, shape, lead)
        if roles == [Role.MODULE]:
            yield from _assigned(rule, cls)


def _assigned(rule: Rule, cls: Class) -> Iterator[Finding]:
    """Findings at old hooks that are no methods: a lambda, a function from elsewhere."""
    for statement in cls.node.body:
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        stage = _BY_NAME.get(target.id) if isinstance(target, ast.Name) else None
        value = statement.value if isinstance(statement, ast.Assign) else None
        if stage is None or not isinstance(target, ast.Name) or target.id != stage.old:
            continue
        follows = isinstance(value, ast.Name) and value.id in cls.methods
        if follows or (isinstance(value, ast.Constant) and value.value is None):
            continue
        message = f"{stage.old} was removed in 2.0, and Lightning refuses a module that has it"
        reason = f"write {stage.hook}(self) as a method and collect the outputs in {stage.step}"
        yield cls.file.finding(rule, target, message, reason=reason)


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
    if lead and any(".append(" in edit.text for edit in made):
        doubt = "with several dataloaders or optimizers the outputs were nested, now they are not"
    outside = outside_calls(cls, function.name) if function.name == stage.old else None
    if outside is not None:
        doubt = f"{outside} calls {function.name} of something: of this class, it has to follow"
    if doubt is None and function.name == stage.old:
        doubt = overtaken(relatives(cls), function.name, stage.hook)
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
    family = family_of(cls, stage) if not lead and function.name == stage.old else None
    if family is not None and not calls_elsewhere(family, cls):
        return family_edits(family, cls, function)
    calls = own_calls(cls, function.name)
    present = cls.methods.get(stage.hook) if function.name != stage.hook else None
    refused = _refused(cls, function, stage, shape, lead, calls)
    followed = refused or _super_calls(cls, function, stage, lead)
    if isinstance(followed, str):
        return followed
    assert calls is not None
    edits, dropped = followed
    outputs = shape.names[lead] if len(shape.args) > lead else None
    read = outputs is not None and is_read(file, function, outputs, dropped)
    if present is not None and not read and not calls and not edits:
        moved = merged(cls, function, present, first=True, unread=shape.names)
        if moved is not None:
            return moved
    helper = f"_{function.name}" if (read and calls) or present is not None else None
    if helper is not None and cls.method(helper) is not None:
        return f"{helper} is there already: rename it, since {function.name} gets that name"
    taken = _taken(cls, function, outputs if read else None, stage, lead, helper)
    if isinstance(taken, str):
        return taken
    edits += taken
    kept = lead + 1 + (read and helper is not None)
    if len(shape.args) >= kept:
        edits += rewrite_parameters(file, function, list(range(kept)))
    if function.name != stage.hook:
        edits.append(_renamed(name_span(file, function), function.name, helper or stage.hook))
    after = _base_call(cls, function, stage) if function.name != stage.hook else []
    if isinstance(after, str):
        return after
    if function.name == stage.old:
        one_list = not read or (_keeps_in_step(taken) and step_is_shared(cls, stage) is True)
        renamed = hook_aliases(cls, stage, shared=one_list and helper is None)
        if isinstance(renamed, str):
            return renamed
        edits += renamed
    called = _called(file, function, calls, helper or stage.hook, handed=read and bool(helper))
    return [*_behind(after, edits), *called]


def _keeps_in_step(edits: list[Edit]) -> bool:
    """Whether the outputs are kept without hooks of this stage, which others do not run."""
    return not any("def on_" in edit.text for edit in edits)


def _behind(after: list[Edit], edits: list[Edit]) -> list[Edit]:
    """All edits, with what ends the body in front of the methods that are added behind it."""
    for ending in after:
        same = sorted(edit for edit in edits if edit.span == ending.span)
        edits = [edit for edit in edits if edit.span != ending.span]
        edits.append(Edit(ending.span, ending.text + "".join(edit.text for edit in same)))
    return edits


def _base_call(cls: Class, function: Function, stage: Stage) -> list[Edit] | str:
    """The call of a base's hook of the new name, which ran behind the old one."""
    if not any(stage.hook in base.methods for base in cls.mro[1:]):
        return []
    last, call = function.body[-1], f"super().{stage.hook}()"
    leaving = [n for n in own_nodes(function) if isinstance(n, (ast.Return, ast.Yield))]
    edits: list[Edit] | None = None
    if leaving == [last] and isinstance(last, ast.Return):
        edits = before_return(cls.file, function, last, lambda _: call)
    elif not leaving:
        after = insert_after(cls.file, last, call)
        edits = [after] if after is not None else None
    if edits is None or calls_parent(function):
        return f"{stage.hook} of a base has to run, too: call super().{stage.hook}() at the end"
    return edits


def _refused(
    cls: Class,
    function: Function,
    stage: Stage,
    shape: Shape,
    lead: int,
    calls: list[ast.Call] | None,
) -> str | None:
    """What to do by hand, where that is plain from the start."""
    more = shape.names[lead + 1 :]
    unclear = shape.required_keywords or (shape.starred and not shape.args)
    if unclear or (more and (more != _FORMAT or is_read(cls.file, function, more[0], set()))):
        return f"write {stage.hook}(self) and collect the outputs in {stage.step}"
    if calls is None or (calls and function.name == stage.hook):
        return (
            f"the project calls {function.name} itself: move the body into a method that both call"
        )
    if function.name != stage.hook and not _may_become(cls, stage):
        return f"{stage.hook} is there already: put both bodies together"
    return None


def _taken(
    cls: Class,
    function: Function,
    outputs: str | None,
    stage: Stage,
    lead: int,
    helper: str | None,
) -> list[Edit] | str:
    """The edits that give the hook its outputs, or let the one that is there call it."""
    unlogged = returns_logs(cls.file, function) if helper is not None else None
    if unlogged is not None:
        return unlogged
    if outputs is not None:
        if stage is _PREDICT:
            return _predictions(cls.file, function, outputs, lead)
        detached = not lead and step_is_shared(cls, stage) is False
        return collect(cls, function, outputs, stage, helper, lead, detached=detached)
    present = cls.methods.get(stage.hook)
    if helper is None or present is None or function is present:
        return []
    joined = insert_first(cls.file, present, f"{self_name(present)}.{helper}()")
    if joined is None:
        return f"{stage.hook} is there already: put both bodies together"
    return [joined]


def _called(
    file: File, function: Function, calls: list[ast.Call], name: str, *, handed: bool
) -> list[Edit]:
    """The edits of the calls that the class itself makes, which hand the outputs over or do not."""
    if handed:
        return [_renamed(file.span(call.func), function.name, name) for call in calls]
    edits: list[Edit] = []
    for call in calls:
        edits += rewrite_expression(file, call, lambda node: without_arguments(node, 0, name))
    return edits


def _renamed(span: Span, name: str, new: str) -> Edit:
    """The edit that renames what ends a span."""
    return Edit(Span(span.end - len(name.encode()), span.end), new)


def _predictions(file: File, function: Function, outputs: str, lead: int) -> list[Edit] | str:
    """The predictions from the loop, in a list for each dataloader as the hook was given them."""
    shape = shape_of(function)
    trainer = shape.names[0] if shape is not None and lead else f"{self_name(function)}.trainer"
    loop = f"{trainer}.predict_loop"
    first = insert_first(
        file,
        function,
        f"{outputs} = {loop}.predictions\n"
        f"if {loop}.num_dataloaders == 1:\n    {outputs} = [{outputs}]",
    )
    return [first] if first is not None else f"read {loop}.predictions instead"


def _may_become(cls: Class, stage: Stage) -> bool:
    """Whether the new name is free, or the hooks of that name can go together with the old one.

    That of the class itself takes the body in, that of a base is called. What bases and heirs have
    under the old name moves along.
    """
    heirs = cls.file.project.heirs(cls)
    # An heir whose hook reads the outputs was repaired before its base, and replaces it as it did.
    if any(stage.hook in heir.methods and collected_by(heir, stage) is None for heir in heirs):
        return False
    found = cls.method(stage.hook)
    shape = shape_of(found[1]) if found is not None else None
    inherited = any(stage.hook in base.methods for base in cls.mro[1:])
    if inherited and (
        stage.hook in cls.methods or any(stage.old in b.methods for b in cls.mro[1:])
    ):
        return False
    return found is None or (shape is not None and shape.required == 0)


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
