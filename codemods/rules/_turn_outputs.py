"""The outputs of several optimizers, which the end of an epoch was handed nested."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Edit, Span
from ._hook_body import insert_first
from ._hook_owner import is_plain_method, name_span
from ._hook_planner import is_read
from ._hook_removed import called_by_name, calls_parent
from ._hook_shape import shape_of
from ._optimizers import count

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.scopes import Function

_OLD, _NEW = "training_epoch_end", "on_train_epoch_end"
_ATTRIBUTE = "training_step_outputs"


@dataclass(frozen=True)
class Kept:
    """The outputs that a hook reads: for each optimizer its batches, or the other way round.

    Lightning 1.6 turned the one into the other; how the hook reads them tells which it is.
    """

    function: Function
    outputs: str
    number: int
    by_optimizer: bool

    @property
    def empty(self) -> str:
        """The text of the list before the first batch."""
        inner = ", ".join(["[]"] * self.number)
        return f"[{inner}]" if self.by_optimizer else "[]"

    def created(self, own: str) -> str:
        """The line that makes the list."""
        return f"{own}.{_ATTRIBUTE} = {self.empty}"

    def before(self, own: str) -> list[str]:
        """The lines in front of the turns of a batch."""
        return [] if self.by_optimizer else [f"{own}.{_ATTRIBUTE}.append([])"]

    def append(self, own: str, index: str, value: str) -> str:
        """The line that keeps the output of a turn."""
        place = index if self.by_optimizer else "-1"
        return f"{own}.{_ATTRIBUTE}[{place}].append({value})"

    def hook(self, cls: Class, own: str) -> list[Edit] | None:
        """The edits that let the hook take its outputs from the list."""
        file, name = cls.file, name_span(cls.file, self.function)
        arg = self.function.args.args[-1]
        lines = f"{self.outputs} = {own}.{_ATTRIBUTE}\n{self.created(own)}"
        first = insert_first(file, self.function, lines)
        if first is None:
            return None
        comma = file.span(self.function.args.args[0]).end
        return [
            Edit(Span(name.end - len(_OLD), name.end), _NEW),
            Edit(Span(comma, file.span(arg).end), ""),
            first,
        ]


def kept(cls: Class) -> Kept | None:
    """The outputs that a class's own ``training_epoch_end`` reads; None where that is unclear."""
    function, number = cls.methods.get(_OLD), count(cls)
    if function is None or number is None or not is_plain_method(function):
        return None
    shape = shape_of(function)
    if shape is None or len(shape.args) != 1 or shape.starred or shape.required_keywords:
        return None
    family = [cls, *cls.file.project.heirs(cls)]
    others = [c for member in family for c in member.mro if c is not cls]
    if any(_OLD in c.methods for c in others) or any(c.method(_NEW) for c in family):
        return None
    taken = any(f".{_ATTRIBUTE}" in c.file.text(c.node) for c in (cls, *others))
    if taken or called_by_name(cls, _OLD) or calls_parent(function):
        return None
    by_optimizer = _by_optimizer(cls, function, shape.names[0], number)
    if by_optimizer is None:
        return None
    return Kept(function, shape.names[0], number, by_optimizer)


def _by_optimizer(cls: Class, function: Function, outputs: str, number: int) -> bool | None:
    """How a body reads its outputs: ``outputs[1]`` is an optimizer's, an item of a loop a batch's.

    None where it does neither, or both.
    """
    tree = cls.file.tree
    told: set[bool | None] = set()
    indices: set[object] = set()
    for node in ast.walk(function):
        if not isinstance(node, ast.Name) or node.id != outputs:
            continue
        if not isinstance(node.ctx, ast.Load):
            return None
        parent = tree.parents[node]
        if isinstance(parent, ast.Subscript) and parent.value is node:
            index = parent.slice.value if isinstance(parent.slice, ast.Constant) else None
            indices.add(index)
            told.add(True if type(index) is int and index < number else None)
        elif isinstance(parent, (ast.For, ast.comprehension)) and parent.iter is node:
            told.add(False if _takes_apart(parent, number) else None)
        else:
            told.add(None)
    if told == {True} and indices != set(range(number)):
        return None
    return told.pop() if len(told) == 1 else None


def _takes_apart(loop: ast.For | ast.comprehension, number: int) -> bool:
    """Whether the items of a loop are read as one output for each optimizer."""
    target = loop.target
    if isinstance(target, (ast.Tuple, ast.List)):
        return len(target.elts) == number
    return False


def reads_outputs(cls: Class, function: Function) -> bool:
    """Whether a hook reads the outputs that it is handed first."""
    shape = shape_of(function)
    if shape is None or not shape.args:
        return False
    return is_read(cls.file, function, shape.names[0], set())
