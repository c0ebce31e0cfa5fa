"""Collecting what the steps of an epoch return, now that Lightning does not."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.kinds import may_be
from ..engine.rewrite import names_used
from ..engine.scopes import FUNCTIONS
from ..engine.statements import indent, insert_after, insert_before, stands_alone
from ..engine.values import infer, own_nodes
from ..model import Edit, Span
from ._hook_optimizers import Count, is_manual, optimizer_count
from ._hook_planner import head
from ._hook_removed import called_by_name
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function


@dataclass(frozen=True)
class Stage:
    """The names that belong to one kind of epoch."""

    name: str
    step: str
    old: str

    @property
    def hook(self) -> str:
        """The hook that runs when the epoch is over."""
        return f"on_{self.name}_epoch_end"

    @property
    def batch_end(self) -> str:
        """The hook that is given what the step returned."""
        return f"on_{self.name}_batch_end"

    @property
    def epoch_start(self) -> str:
        """The hook that runs before the first step."""
        return f"on_{self.name}_epoch_start"


STAGES = (
    Stage("train", "training_step", "training_epoch_end"),
    Stage("validation", "validation_step", "validation_epoch_end"),
    Stage("test", "test_step", "test_epoch_end"),
)


def collect(cls: Class, function: Function, outputs: str, stage: Stage) -> list[Edit] | str:
    """The edits that make a hook read the outputs from a list of its own; else why there are none.

    Training outputs are taken where Lightning hands them over as it always did (a dict, the loss
    detached); what other steps return is kept by the step itself, if nobody else calls that step.
    """
    file = cls.file
    doubt = _refusal(cls, function, stage)
    if doubt is not None:
        return doubt
    own = self_name(function) or "self"
    attribute = _attribute(cls, stage)
    created = _created(cls, function, stage, attribute)
    kept = _kept(cls, function, stage, attribute)
    first = insert_before(
        file,
        head(function),
        f"{outputs} = {own}.{attribute}\n{own}.{attribute} = []",
    )
    if isinstance(created, str):
        return created
    if isinstance(kept, str):
        return kept
    assert first is not None
    return [*created, *kept, first]


def _refusal(cls: Class, function: Function, stage: Stage) -> str | None:
    if not stands_alone(cls.file, head(function)):
        return "write the body on lines of its own first"
    if stage.name == "train" and optimizer_count(cls) is Count.SEVERAL and not is_manual(cls):
        return "with several optimizers the outputs were nested by optimizer: collect them in training_step"
    dead = _uncalled(cls, (f"{stage.step}_end", "on_batch_end", "on_epoch_start"))
    if dead is not None:
        return f"{dead} is a removed hook too: repair it first"
    step = cls.method(stage.step)
    shape = shape_of(step[1]) if step is not None else None
    if stage.name != "train" and shape is not None and (len(shape.args) > 2 or shape.starred):  # noqa: PLR2004
        return (
            f"with several dataloaders the outputs were nested by dataloader: append in {stage.step} "
            f"to one list for each dataloader_idx, and read them in {stage.hook}"
        )
    return None


def _uncalled(cls: Class, names: tuple[str, ...]) -> str | None:
    """A removed hook of the family that would change the outputs or take up a needed hook."""
    family = [cls, *cls.file.project.heirs(cls)]
    for name in names:
        if any(m.method(name) is not None for m in family) and not called_by_name(cls, name):
            return name
    return None


def _attribute(cls: Class, stage: Stage) -> str:
    name = f"{stage.step}_outputs"
    family = [cls, *cls.file.project.heirs(cls)]
    while any(f".{name}" in c.file.text(c.node) for member in family for c in member.mro):
        name = f"_{name}"
    return name


def _created(
    cls: Class, function: Function, stage: Stage, attribute: str
) -> list[Edit] | str:
    """Where the list comes into being: behind ``super().__init__()``, else when the epoch starts."""
    file = cls.file
    init = cls.methods.get("__init__")
    if init is not None:
        for statement in init.body:
            if _is_parent_init(statement):
                edit = insert_after(file, statement, f"{self_name(init)}.{attribute} = []")
                if edit is not None:
                    return [edit]
    return _in_hook(cls, function, stage.epoch_start, "", f"{{own}}.{attribute} = []")


def _is_parent_init(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and isinstance(statement.value.func, ast.Attribute)
        and statement.value.func.attr == "__init__"
    )


def _in_hook(cls: Class, function: Function, name: str, parameters: str, lines: str) -> list[Edit] | str:
    """The edits that put lines into a hook of the class, which is added if it is not there."""
    file = cls.file
    family = [c for c in (*cls.mro, *file.project.heirs(cls)) if name in c.methods]
    if any(member is not cls for member in family):
        return f"{family[-1].name}.{name} would have to call super(): collect the outputs by hand"
    present = cls.methods.get(name)
    if present is None:
        own = self_name(function) or "self"
        unit = indent(file, function.body[0])[len(indent(file, function)) :] or "    "
        given = ", ".join([own, *([parameters] if parameters else [])])
        body = lines.format(own=own, outputs="outputs").replace("    ", unit)
        text = f"\ndef {name}({given}):\n" + "\n".join(unit + line for line in body.split("\n"))
        edit = insert_after(file, function, text)
        return [edit] if edit is not None else "write the hook on lines of its own first"
    shape = shape_of(present)
    if shape is None or (parameters and not shape.args):
        return f"collect the outputs in {name} by hand"
    outputs = shape.names[0] if shape.args else ""
    text = lines.format(own=self_name(present), outputs=outputs)
    edit = insert_before(file, head(present), text)
    return [edit] if edit is not None else f"collect the outputs in {name} by hand"


def _kept(cls: Class, function: Function, stage: Stage, attribute: str) -> list[Edit] | str:
    if stage.name == "train":
        lines = f"if {{outputs}}:\n    {{own}}.{attribute}.append({{outputs}})"
        return _in_hook(cls, function, stage.batch_end, "outputs, batch, batch_idx", lines)
    in_step = _in_step(cls, stage, attribute)
    if in_step is not None:
        return in_step
    lines = f"if {{outputs}} is not None:\n    {{own}}.{attribute}.append({{outputs}})"
    parameters = "outputs, batch, batch_idx, dataloader_idx=0"
    return _in_hook(cls, function, stage.batch_end, parameters, lines)


def _in_step(cls: Class, stage: Stage, attribute: str) -> list[Edit] | None:
    """Edits that let the step keep what it returns; None where that is not sure to be all of it."""
    step = cls.methods.get(stage.step)
    heirs = cls.file.project.heirs(cls)
    if step is None or not isinstance(step, ast.FunctionDef) or step.decorator_list:
        return None
    if called_by_name(cls, stage.step) or any(stage.step in heir.methods for heir in heirs):
        return None
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(step)):
        return None
    edits: list[Edit] = []
    for node in own_nodes(step):
        if isinstance(node, ast.Return) and node.value is not None:
            if isinstance(node.value, ast.Constant) and node.value.value is None:
                continue
            part = _at_return(cls.file, step, node, node.value, attribute)
            if part is None:
                return None
            edits += part
    return edits or None


def _at_return(
    file: File, step: Function, node: ast.Return, value: ast.expr, attribute: str
) -> list[Edit] | None:
    if not stands_alone(file, node):
        return None
    home = f"{self_name(step)}.{attribute}"
    optional = may_be(infer(file, value), "none")
    name = value.id if isinstance(value, ast.Name) else _fresh(step)
    unit = indent(file, step.body[0])[len(indent(file, step)) :] or "    "
    append = f"{home}.append({name})"
    lines = f"if {name} is not None:\n{unit}{append}" if optional else append
    if isinstance(value, ast.Name):
        edit = insert_before(file, node, lines)
        return [edit] if edit is not None else None
    start = file.span(node).start
    edit = insert_after(file, node, f"{lines}\nreturn {name}")
    if edit is None:
        return None
    return [Edit(Span(start, start + len("return")), f"{name} ="), edit]


def _fresh(step: Function) -> str:
    name = "output"
    while name in names_used(step):
        name = f"step_{name}"
    return name


__all__ = ["FUNCTIONS", "STAGES", "Stage", "collect"]
