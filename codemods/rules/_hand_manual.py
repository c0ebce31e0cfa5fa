"""Declaring manual optimization where a step really drives its optimizers by hand."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.statements import indent, insert_after
from ..model import Edit, Span
from ._driving import BACKWARD, SCHEDULE, ZERO, Driving
from ._optimizers import has_schedulers
from ._returning import Repair

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ._steps import Step

_NAME = "automatic_optimization"
_FLAG = f"{_NAME} = {{}}"


def declaration(found: Driving, message: str, at: ast.AST) -> Repair:
    """The repair that switches automatic optimization off; told where there is no place for it."""
    step = found.step
    how = (
        "set self.automatic_optimization = False in __init__ and call self.manual_backward(loss) "
        "instead of loss.backward()"
    )
    switch = switched_off(step) if step.cls.has(Role.MODULE) else None
    if switch is None:
        return Repair(message, at, reason=how)
    edits = [switch]
    for call in found.of(BACKWARD):
        assert call.tensor is not None
        text = call.home.file.text(call.tensor)
        arguments = [text, *(step.file.text(a) for a in call.node.args)]
        arguments += [step.file.text(k) for k in call.node.keywords]
        edits.append(
            step.file.replace(call.node, f"{call.home.own}.manual_backward({', '.join(arguments)})")
        )
    return Repair(message, at, tuple(edits), tuple(_doubts(found)))


def _doubts(found: Driving) -> list[str]:
    doubts = [
        (
            "under manual optimization Lightning steps nothing by itself, and gradient_clip_val "
            "and accumulate_grad_batches of the Trainer are refused"
        )
    ]
    if not found.of(ZERO):
        doubts.append("no zero_grad() is called, so gradients add up over the batches")
    if has_schedulers(found.step.cls) and not found.of(SCHEDULE):
        doubts.append("the schedulers have to be stepped by hand: self.lr_schedulers().step()")
    return doubts


def switched_off(step: Step) -> Edit | None:
    """The edit that declares manual optimization in ``__init__``; None where there is no place."""
    return switched(step.cls, on=False)


def switched(cls: Class, *, on: bool) -> Edit | None:
    """The edit that sets the flag behind the parent's ``__init__``; None without a place for it."""
    init = cls.methods.get("__init__")
    if init is None:
        return _new_init(cls, _FLAG.format(on))
    own = self_name(init)
    stated = stated_flag(cls)
    if stated is not None:
        return cls.file.replace(stated, str(on))
    for statement in init.body:
        if isinstance(statement, ast.Expr) and _is_super_init(statement.value):
            return insert_after(cls.file, statement, f"{own}.{_FLAG.format(on)}")
    return None


def stated_flag(cls: Class) -> ast.Constant | None:
    """The True or False to which ``__init__`` sets the flag, once and on every way."""
    init = cls.methods.get("__init__")
    set_ = [(n, v) for home, n, v, _ in cls.self_assignments(_NAME) if home is cls]
    if init is None or len(set_) != 1 or not any(set_[0][0] is s for s in init.body):
        return None
    value = set_[0][1]
    return value if isinstance(value, ast.Constant) and type(value.value) is bool else None


def _is_super_init(node: ast.expr) -> bool:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    receiver = node.func.value
    if node.func.attr != "__init__":
        return False
    is_super = isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name)
    return is_super or isinstance(receiver, (ast.Name, ast.Attribute))


def _new_init(cls: Class, flag: str) -> Edit | None:
    """An ``__init__`` in front of the first method, and of the comments above it."""
    file, node = cls.file, cls.node
    first = next(
        (s for s in node.body if isinstance(s, (ast.FunctionDef, ast.AsyncFunctionDef))), None
    )
    if first is None or node.decorator_list:
        return None
    inner = indent(file, first)
    outer = file.source.indent_of(node.lineno)
    unit = inner[len(outer) :]
    if not unit or not inner.startswith(outer):
        return None
    line = file.source.line_of(file.span(first).start)
    while line > 1 and _is_comment(file, line - 1):
        line -= 1
    start = file.source.line_span(line).start
    lines = (
        f"{inner}def __init__(self, *args, **kwargs):",
        f"{inner}{unit}super().__init__(*args, **kwargs)",
        f"{inner}{unit}self.{flag}",
        "",
    )
    return Edit(Span(start, start), "\n".join(lines) + "\n")


def _is_comment(file: File, line: int) -> bool:
    source = file.source
    return source.slice(source.line_span(line)).strip().startswith("#")
