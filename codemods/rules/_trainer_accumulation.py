"""Accumulating gradients by hand: a step that runs its optimizer only every few batches."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.statements import indent, remove, stands_alone
from ._driving import BACKWARD, MANUAL_BACKWARD, SCHEDULE, STEP, ZERO, HandCall, driving
from ._steps import Step

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..model import Edit

_BATCH_IDX = 2


def accumulated(cls: Class, step: Step, number: str) -> tuple[Edit, ...] | None:
    """The edits that accumulate ``number`` batches in a step with one optimizer.

    None where the step is not of the plain kind: clear, backward, step, once each.
    """
    found = driving(step)
    backward = found.of(BACKWARD, MANUAL_BACKWARD)
    clears, runs = found.of(ZERO), found.of(STEP)
    arguments = step.function.args.args
    if not (len(backward) == len(clears) == len(runs) == 1) or len(arguments) <= _BATCH_IDX:
        return None
    calls = [*backward, *clears, *runs]
    if found.of(SCHEDULE) or not all(_is_plain(step, call) for call in calls):
        return None
    loss = backward[0].tensor
    if loss is None or backward[0].kind != MANUAL_BACKWARD or cls.file is not step.file:
        return None
    file = step.file
    statements = [_statement(file, call) for call in calls]
    clear, run = statements[1], statements[2]
    test = f"({arguments[_BATCH_IDX].arg} + 1) % {number} == 0 or {step.own}.trainer.is_last_batch"
    front = indent(file, run)
    inner = f"{front}{_unit(file, step)}"
    lines = [f"if {test}:", f"{inner}{file.text(run)}", f"{inner}{file.text(clear)}"]
    simple = isinstance(loss, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    text = file.text(loss) if simple else f"({file.text(loss)})"
    return (
        file.replace(loss, f"{text} / {number}"),
        file.replace(run, "\n".join(lines)),
        *remove(file, [clear]),
    )


def _is_plain(step: Step, call: HandCall) -> bool:
    """Whether a call is a statement of its own in the body of the step."""
    statement = _statement(step.file, call)
    return (
        call.home is step
        and call.straight
        and any(statement is s for s in step.function.body)
        and stands_alone(step.file, statement)
        and statement.lineno == statement.end_lineno
    )


def _statement(file: File, call: HandCall) -> ast.stmt:
    return file.tree.statement(call.node)


def _unit(file: File, step: Step) -> str:
    """The white space by which the file indents."""
    outer = file.source.indent_of(step.function.lineno)
    return indent(file, step.function.body[0])[len(outer) :] or "    "
