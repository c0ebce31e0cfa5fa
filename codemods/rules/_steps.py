"""Training steps under automatic optimization: which functions they are, and how sure that is."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.kinds import is_surely
from ..engine.statements import append_to
from ..engine.values import infer, own_nodes
from ..model import Edit, Span
from ._paths import Paths, paths

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_FLAGS = ("automatic_optimization", "_automatic_optimization")
#: Foreign bases of which it is known that they leave the optimization automatic.
PLAIN_BASES = (
    "lightning.pytorch.LightningModule",
    "torch.nn.Module",
    "object",
    "abc.ABC",
    "typing.Generic",
    "typing.Protocol",
)
#: Statements that another one may follow on the same line.
_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Pass, ast.Assert, ast.Delete)
_HARMLESS_DECORATORS = (
    "override",
    *(
        f"{home}.{name}"
        for home in ("typing", "typing_extensions")
        for name in ("override", "final")
    ),
)


@dataclass(frozen=True, eq=False)
class Step:
    """A method of a LightningModule that is followed as a training step is."""

    file: File
    cls: Class
    function: Function
    own: str

    @cached_property
    def paths(self) -> Paths:
        """The ways through the step."""
        return paths(self.function)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """The nodes of the step, those of functions inside it left out."""
        return list(own_nodes(self.function))

    @property
    def header(self) -> Span:
        """Where a finding about the whole step points: from ``def`` to the parameters' end."""
        function = self.function
        start = self.file.source.offset(function.lineno, function.col_offset)
        line = self.file.source.line_span(function.lineno)
        length = len(self.file.source.slice(line).rstrip().encode())
        return type(line)(start, line.start + length)

    @cached_property
    def doubts(self) -> tuple[str, ...]:
        """Why the step might not be what it seems."""
        found = []
        unknown = [ast.unparse(base) for base in self.cls.unknown_bases]
        unknown += [name for name in self.cls.foreign_bases if name not in PLAIN_BASES]
        if unknown:
            found.append(
                f"{unknown[0]} is not known here and might turn automatic optimization off"
            )
        found += [
            f"@{self.file.text(decorator)} may change what the step returns"
            for decorator in self.decorators
        ]
        return tuple(found)

    @property
    def decorators(self) -> tuple[ast.expr, ...]:
        """The decorators that may do something to the step."""
        return tuple(
            decorator
            for decorator in self.function.decorator_list
            if self.file.canonical(decorator) not in _HARMLESS_DECORATORS
        )

    def append(self, block: list[ast.stmt], text: str) -> Edit | None:
        """The edit that puts a statement at the end of a block; None where there is no room."""
        edit = append_to(self.file, block, text)
        if edit is not None or not isinstance(block[-1], _SIMPLE):
            return edit
        end = self.file.span(block[-1]).end
        if re.match(rb"[ \t]*;", self.file.source.data[end:]):
            return None
        return Edit(Span(end, end), f"; {text}")

    def is_self(self, node: ast.AST, attribute: str | None = None) -> bool:
        """Whether a node is ``self``, or ``self.attribute``."""
        if attribute is not None:
            return (
                isinstance(node, ast.Attribute)
                and node.attr == attribute
                and self.is_self(node.value)
            )
        return isinstance(node, ast.Name) and node.id == self.own


def training_steps(file: File) -> Iterator[Step]:
    """The training steps that a file defines and that do something.

    Whether the optimization is automatic is asked separately, by :func:`is_manual`.
    """
    for cls in file.classes:
        function = cls.methods.get("training_step")
        if not isinstance(function, ast.FunctionDef) or not cls.plays(Role.MODULE):
            continue
        own = self_name(function)
        if own is None or is_abstract(function):
            continue
        step = Step(file, cls, function, own)
        if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in step.nodes):
            continue
        yield step


def is_abstract(function: Function) -> bool:
    """Whether a method only stands in for the one that an heir has to bring."""
    for decorator in function.decorator_list:
        name = getattr(decorator, "attr", None) or getattr(decorator, "id", "")
        if name in ("abstractmethod", "overload"):
            return True
    return all(_does_nothing(s) for s in function.body)


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Pass, ast.Raise)):
        return True
    if isinstance(statement, ast.Return):
        value = statement.value
        return (
            value is None
            or (isinstance(value, ast.Constant) and value.value is None)
            or (isinstance(value, ast.Name) and value.id == "NotImplemented")
        )
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def family(cls: Class) -> list[Class]:
    """A class with all that it inherits from and all that inherit from it."""
    found: list[Class] = []
    for heir in [cls, *cls.file.project.heirs(cls)]:
        found += [c for c in heir.mro if c not in found]
    return found


def is_manual(step: Step) -> bool:
    """Whether automatic optimization is, or may be, switched off for the step's class.

    In ``__init__`` or any other method, in the class body, as a property, in a base class or in
    a subclass, or from outside (``model.automatic_optimization = False``).
    """
    classes = family(step.cls)
    for cls in classes:
        if any(flag in cls.methods for flag in _FLAGS):
            return True
        given = [value for _, value in cls.class_values(_FLAGS[0])]
        given += [value for f in _FLAGS for _, _, value, _ in cls.self_assignments(f) if value]
        if not all(_is_true(value) for value in given):
            return True
    own = {c.file for c in classes}
    if any(_from_outside(file, classes) for file in own):
        return True
    names = [c.name.encode() for c in classes]
    others = step.file.project.holding(_FLAGS[0].encode(), step.file.path, beside=names)
    return any(_from_outside(file, classes) for file in others if file not in own)


def _is_true(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is True


def _from_outside(file: File, classes: list[Class]) -> bool:
    """Whether code of a file switches the flag on an object that may be of one of the classes."""
    for node in file.tree.all(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        if node.attr not in _FLAGS or not isinstance(node.ctx, ast.Store):
            continue
        value = getattr(file.tree.statement(node), "value", None)
        if value is None or not _is_true(value):
            known = [t.cls for t in infer(file, node.value) if t.cls is not None]
            if not known or any(cls in classes for cls in known):
                return True
    return any(_switches(file, call, classes) for call in file.tree.calls)


def _switches(file: File, call: ast.Call, classes: list[Class]) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id == "setattr":
        return any(isinstance(a, ast.Constant) and a.value in _FLAGS for a in call.args)
    if not any(k.arg == _FLAGS[0] and not _is_true(k.value) for k in call.keywords):
        return False
    # As an argument of the class, of its super().__init__, or of the Trainer of 1.0.
    home = file.class_of(call)
    made = {t.cls for t in infer(file, call)} if home is None else {home}
    return is_surely(infer(file, call), Role.TRAINER.value) or any(c in classes for c in made)


def is_called(step: Step) -> bool:
    """Whether the project calls the step itself: its class is a part of another module then.

    What it returns is made for that caller.
    """
    classes = family(step.cls)
    names = [c.name.encode() for c in classes]
    for file in step.file.project.holding(b".training_step(", step.file.path):
        for call, func in file.tree.method_calls("training_step"):
            if isinstance(func.value, ast.Call) or file.class_of(call) in classes:
                continue
            known = [t.cls for t in infer(file, func.value) if t.cls is not None]
            if any(cls in classes for cls in known):
                return True
            if not known and any(name in file.source.data for name in names):
                return True
    return False


__all__ = [
    "PLAIN_BASES",
    "Step",
    "family",
    "is_abstract",
    "is_called",
    "is_manual",
    "training_steps",
]
