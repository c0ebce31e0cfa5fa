"""Collecting what the steps of an epoch return, now that Lightning does not."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.kinds import may_be
from ..engine.statements import indent, insert_after
from ..engine.values import infer, own_nodes
from ..model import Edit
from ._construction import is_parent_init
from ._hook_body import before_return, fresh_name, has_head, insert_first
from ._hook_optimizers import Count, declares_manual, optimizer_count
from ._hook_planner import is_read
from ._hook_removed import called_by_name
from ._hook_shape import shape_of
from ._loader_count import Loaders, loaders
from ._step_end import returns_value

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


#: What Lightning calls the batches of each stage, a number for every dataloader.
_BATCHES = {"validation": "val", "test": "test"}
_LEAD = ("trainer", "pl_module")
_NESTED = (
    "with several dataloaders the outputs were nested by dataloader: append in {step} to one list "
    "for each dataloader_idx, and read them in {hook}"
)


@dataclass(frozen=True)
class _Plan:
    """What is collected, for which hook, and in which attribute."""

    cls: Class
    function: Function
    stage: Stage
    attribute: str
    lead: int
    loaders: Loaders | None
    #: Whether the step serves another stage too, which would leave its outputs in the list.
    detached: bool


def collect(
    cls: Class,
    function: Function,
    outputs: str,
    stage: Stage,
    helper: str | None = None,
    lead: int = 0,
    *,
    detached: bool = False,
) -> list[Edit] | str:
    """The edits that make a hook read the outputs from a list of its own; else why there are none.

    Training outputs are taken where Lightning hands them over as it always did (a dict, the loss
    detached); what other steps return is kept by the step itself, if nobody else calls that step.
    With ``helper`` the method gets that name and keeps its parameter, and the hook, which is added
    if there is none, calls it. ``lead`` is how many parameters come before the outputs: a callback,
    which has two, collects what it is given at the end of each batch. So does a module with
    ``detached``, whose step is another stage's as well.
    """
    doubt = _refusal(cls, function, stage)
    if doubt is not None:
        return doubt
    collecting = _collecting_base(cls, stage)
    if isinstance(collecting, str):
        return collecting
    own = self_name(function) or "self"
    attribute = _attribute(collecting or cls, stage)
    several = lead == 0 and loaders(collecting or cls, stage)
    if several and several.index is None:
        return _NESTED.format(step=stage.step, hook=stage.hook)
    plan = _Plan(cls, function, stage, attribute, lead, several or None, detached)
    created = _created(plan) if collecting is None else []
    if isinstance(created, str):
        return created
    kept = _kept(plan) if collecting is None else []
    if isinstance(kept, str):
        return kept
    lines = _taken(own, attribute, outputs, several or None)
    present = cls.methods.get(stage.hook) if helper is not None else None
    if helper is None:
        first = insert_first(cls.file, function, lines)
    elif present is not None:
        own = self_name(present) or "self"
        held = fresh_name(present, outputs)
        lines = _taken(own, attribute, held, several or None)
        first = insert_first(cls.file, present, f"{lines}\n{own}.{helper}({held})")
    else:
        called = f"{lines}\n{own}.{helper}({outputs})"
        first = insert_after(
            cls.file, function, _method(cls.file, function, stage.hook, own, called)
        )
    return (
        [*created, *kept, first]
        if first is not None
        else "write the hook on lines of its own first"
    )


def _taken(own: str, attribute: str, outputs: str, several: Loaders | None) -> str:
    """The lines that take the outputs out of the list, as the hook was given them."""
    lines = f"{outputs} = {own}.{attribute}\n{own}.{attribute} = []"
    if several is not None:
        lines += f"\nif len({outputs}) == 1:\n    {outputs} = {outputs}[0]"
    return lines


def reads_outputs(cls: Class, stage: Stage) -> tuple[Function, str] | None:
    """The class's own hook of a stage with the name of the outputs, if it reads them."""
    for name in (stage.old, stage.hook):
        function = cls.methods.get(name)
        shape = shape_of(function) if function is not None else None
        if function is None or shape is None or not shape.args:
            continue
        if is_read(cls.file, function, shape.names[0], set()):
            return function, shape.names[0]
    return None


def collected_by(cls: Class, stage: Stage) -> str | None:
    """The list that the class's own hook of today takes outputs from, if it was repaired before."""
    function = cls.methods.get(stage.hook)
    for node in own_nodes(function) if function is not None else ():
        if isinstance(node, ast.Attribute) and node.attr.lstrip("_") == f"{stage.step}_outputs":
            return node.attr
    return None


def _collecting_base(cls: Class, stage: Stage) -> Class | str | None:
    """A base of the project that collects the outputs already, for its own hook."""
    for base in cls.mro[1:]:
        found = reads_outputs(base, stage)
        if found is None:
            continue
        known = base.file is cls.file or base.file.path in base.file.project.members
        if not known or isinstance(collect(base, *found, stage), str):
            return f"{base.name}.{found[0].name} reads the outputs too: repair both together"
        return base
    return None


def _refusal(cls: Class, function: Function, stage: Stage) -> str | None:
    if not has_head(cls.file, function):
        return "write the body on lines of its own first"
    if stage.name == "train" and optimizer_count(cls) is Count.SEVERAL and not declares_manual(cls):
        return (
            "with several optimizers the outputs were nested by optimizer: "
            "collect them in training_step"
        )
    dead = _uncalled(cls, stage, (f"{stage.step}_end", "on_batch_end", "on_epoch_start"))
    if dead is not None:
        return f"{dead} is a removed hook too: repair it first"
    return None


def _uncalled(cls: Class, stage: Stage, names: tuple[str, ...]) -> str | None:
    """A removed hook of the family that would change the outputs or take up a needed hook."""
    family = [cls, *cls.file.project.heirs(cls)]
    for name in names:
        if name.endswith("_step_end") and _is_ended(cls, stage, name):
            continue
        if any(m.method(name) is not None for m in family) and not called_by_name(cls, name):
            return name
    return None


def _is_ended(cls: Class, stage: Stage, end: str) -> bool:
    """Whether a class, or the base that collects for it, calls the method when a batch is over."""
    bases = (base for base in cls.mro[1:] if reads_outputs(base, stage) is not None)
    return _ended(cls, end) or any(_ended(base, end) for base in bases)


def _ended(cls: Class, end: str) -> bool:
    """Whether a class ends the evaluation steps of its heirs: then its own hook can call that."""
    step, heirs = end.removesuffix("_end"), cls.file.project.heirs(cls)
    if end not in cls.methods or end == "training_step_end" or step in cls.methods:
        return False
    if any(end in base.methods for base in cls.mro[1:]) or called_by_name(cls, end):
        return False
    for function in (c.methods[end] for c in (cls, *heirs) if end in c.methods):
        shape = shape_of(function)
        if shape is None or len(shape.args) != 1 or returns_value(function) is not True:
            return False
    return True


def _attribute(cls: Class, stage: Stage) -> str:
    name = f"{stage.step}_outputs"
    heirs = cls.file.project.heirs(cls)
    waiting = next((found for heir in heirs if (found := collected_by(heir, stage))), None)
    if waiting is not None:
        return waiting
    family = [cls, *heirs]
    while any(f".{name}" in c.file.text(c.node) for member in family for c in member.mro):
        name = f"_{name}"
    return name


def _created(plan: _Plan) -> list[Edit] | str:
    """Where the list is made: behind ``super().__init__()``, else when the epoch starts.

    Lists for each dataloader are made when the epoch starts, and how many they are is known.
    """
    cls, attribute = plan.cls, plan.attribute
    lines = f"{{own}}.{attribute} = []"
    if plan.loaders is not None:
        counted = f"{{own}}.trainer.num_{_BATCHES[plan.stage.name]}_batches"
        lines = f"{{own}}.{attribute} = [[] for _ in {counted}]"
        return _in_hook(plan, plan.stage.epoch_start, "", lines)
    init = cls.methods.get("__init__")
    if init is not None:
        for statement in init.body:
            if isinstance(statement, ast.Expr) and is_parent_init(statement.value):
                edit = insert_after(cls.file, statement, f"{self_name(init)}.{attribute} = []")
                if edit is not None:
                    return [edit]
    return _in_hook(plan, plan.stage.epoch_start, "", lines)


def _in_hook(plan: _Plan, name: str, parameters: str, lines: str) -> list[Edit] | str:
    """The edits that put lines into a hook of the class, which is added if it is not there."""
    cls, function, lead = plan.cls, plan.function, plan.lead
    file = cls.file
    parent = _parent_call(
        cls, name, [*_LEAD[:lead], *(parameters.split(", ") if parameters else [])]
    )
    if parent is None:
        return (
            f"{name} of a base or an heir would have to call super(): collect the outputs by hand"
        )
    present = cls.methods.get(name)
    if present is None:
        own = self_name(function) or "self"
        given = ", ".join([own, *_LEAD[:lead], *([parameters] if parameters else [])])
        body = parent + lines.format(own=own, outputs="outputs", index="dataloader_idx")
        edit = insert_after(file, function, _method(file, function, name, given, body))
        return [edit] if edit is not None else "write the hook on lines of its own first"
    shape = shape_of(present)
    if shape is None or (parameters and len(shape.args) <= lead):
        return f"collect the outputs in {name} by hand"
    outputs = shape.names[lead] if parameters else ""
    index = shape.names[lead + 3] if parameters and len(shape.args) > lead + 3 else ""
    if "{index}" in lines and not index:
        return f"collect the outputs in {name} by hand"
    text = lines.format(own=self_name(present), outputs=outputs, index=index)
    edit = insert_first(file, present, text)
    return [edit] if edit is not None else f"collect the outputs in {name} by hand"


def _parent_call(cls: Class, name: str, parameters: list[str]) -> str | None:
    """The line that calls a base's hook; empty where none has it, None where that is unclear."""
    if any(name in heir.methods for heir in cls.file.project.heirs(cls)):
        return None
    base = next((c for c in cls.mro[1:] if name in c.methods), None)
    if base is None:
        return ""
    shape = shape_of(base.methods[name])
    given = [parameter.partition("=")[0] for parameter in parameters]
    if name in cls.methods or shape is None or shape.required > len(given):
        return None
    if len(shape.args) < len(given) and not shape.starred:
        return None
    return f"super().{name}({', '.join(given)})\n"


def _method(file: File, beside: Function, name: str, parameters: str, body: str) -> str:
    """The text of a new method, with the indentation of the one that it goes beside."""
    unit = indent(file, beside.body[0])[len(indent(file, beside)) :] or "    "
    lines = [unit + line.replace("    ", unit) for line in body.split("\n")]
    return "\n".join(["", f"def {name}({parameters}):", *lines])


def _kept(plan: _Plan) -> list[Edit] | str:
    stage, attribute = plan.stage, plan.attribute
    if stage.name == "train":
        lines = f"if {{outputs}}:\n    {{own}}.{attribute}.append({{outputs}})"
        return _in_hook(plan, stage.batch_end, "outputs, batch, batch_idx", lines)
    in_step = _in_step(plan) if not plan.lead else None
    if in_step is not None:
        return in_step
    place = f"{attribute}[{{index}}]" if plan.loaders is not None else attribute
    lines = f"if {{outputs}} is not None:\n    {{own}}.{place}.append({{outputs}})"
    if not plan.lead and _ended(plan.cls, f"{stage.step}_end"):
        lines = f"{{outputs}} = {{own}}.{stage.step}_end({{outputs}})\n{lines}"
    parameters = "outputs, batch, batch_idx, dataloader_idx=0"
    return _in_hook(plan, stage.batch_end, parameters, lines)


def _in_step(plan: _Plan) -> list[Edit] | None:
    """Edits that let the step keep what it returns; None where that is not sure to be all of it."""
    cls, stage = plan.cls, plan.stage
    step = cls.methods.get(stage.step)
    heirs = cls.file.project.heirs(cls)
    if step is None or not isinstance(step, ast.FunctionDef) or step.decorator_list:
        return None
    if called_by_name(cls, stage.step) or any(stage.step in heir.methods for heir in heirs):
        return None
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(step)) or plan.detached:
        return None
    if plan.loaders is not None and not plan.loaders.index:
        return None
    place = plan.attribute
    if plan.loaders is not None:
        place += f"[{plan.loaders.index}]"
    edits: list[Edit] = []
    for node in own_nodes(step):
        if isinstance(node, ast.Return) and node.value is not None:
            if isinstance(node.value, ast.Constant) and node.value.value is None:
                continue
            part = _at_return(cls.file, step, node, node.value, place)
            if part is None:
                return None
            edits += part
    return edits or None


def _at_return(
    file: File, step: Function, node: ast.Return, value: ast.expr, attribute: str
) -> list[Edit] | None:
    home = f"{self_name(step)}.{attribute}"
    optional = may_be(infer(file, value), "none")
    unit = indent(file, step.body[0])[len(indent(file, step)) :] or "    "

    def kept(name: str) -> str:
        append = f"{home}.append({name})"
        return f"if {name} is not None:\n{unit}{append}" if optional else append

    return before_return(file, step, node, kept)
