"""Moving the checkpoint to resume from out of the Trainer: into ``fit``, or to ``ckpt_path``."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.statements import insert_after, stands_alone
from ..model import Edit, Span
from ._trainer_targets import is_partial
from ._trainer_uses import Uses, rebound, uses
from ._variables import on_its_own

if TYPE_CHECKING:
    from ..engine.file import File
    from ._trainer_calls import Part, TrainerCall

_POSITIONS = 4
#: What a Trainer is called that was returned without a name.
_NEW = "trainer"
_SHARED = "other code gets the Trainer too; a fit there would resume again in 1.x"
_STATEFUL = (
    "test, validate and predict of this Trainer load the checkpoint too; pass ckpt_path= to fit "
    "instead where you can"
)


@dataclass(frozen=True)
class Moved:
    """The edits that hand the checkpoint over; ``doubt`` says why that may be wrong."""

    edits: tuple[Edit, ...]
    doubt: str | None = None


def resume(call: TrainerCall, name: str, node: ast.expr) -> Moved | None:
    """How the checkpoint reaches ``fit``; None where neither its call nor a variable is seen."""
    part = call.part(name)
    if part is None or part.arguments.file is not call.file or is_partial(call.file, call.node):
        return None
    inside = part.arguments.node is call.node
    if not inside and (part.frozen is not None or not _is_shared(call.file, part, call.node)):
        return None
    used = uses(call.file, call.node)
    edits = into_fit(call.file, call.node, node, used) if used is not None else None
    if edits is not None and used is not None:
        return Moved(edits, _SHARED if used.escapes else None)
    edits = _after(call.file, call.node, node)
    return Moved(edits, _STATEFUL) if edits is not None else None


def _is_shared(file: File, part: Part, made: ast.Call) -> bool:
    """Whether a dict is written in the function of the construction."""
    node = part.arguments.node
    return file.tree.scope_of(node) is file.tree.scope_of(made)


def into_fit(
    file: File, made: ast.Call, node: ast.expr, used: Uses, text: str = ""
) -> tuple[Edit, ...] | None:
    """The edits that add ``ckpt_path=`` to the one ``fit`` of a Trainer.

    It is given the value of ``node``, or what ``text`` makes of it.
    """
    if len(used.of("fit")) != 1:
        return None
    fit = used.of("fit")[0]
    if file.tree.scope_of(fit) is not file.tree.scope_of(made) or rebound(file, node, made, fit):
        return None
    arguments = Arguments(file, fit)
    if arguments.splat or "ckpt_path" in arguments or len(fit.args) > _POSITIONS:
        return None
    if any(isinstance(a, ast.Starred) for a in fit.args):
        return None
    return arguments.change({"": [("ckpt_path", on_its_own(text or file.text(node)))]})


def _after(file: File, made: ast.Call, node: ast.expr) -> tuple[Edit, ...] | None:
    """The statement behind the construction that sets ``ckpt_path``."""
    statement = file.tree.parents[made]
    if not isinstance(statement, (ast.Assign, ast.Return)) or not stands_alone(file, statement):
        return None
    path = on_its_own(file.text(node))
    if isinstance(statement, ast.Return):
        if file.tree.scope_of(made).find(_NEW) is not None:
            return None
        head = Edit(Span(file.span(statement).start, file.span(made).start), f"{_NEW} = ")
        more = insert_after(file, statement, f"{_NEW}.ckpt_path = {path}\nreturn {_NEW}")
        return (head, more) if more is not None else None
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, (ast.Name, ast.Attribute)):
        return None
    edit = insert_after(file, statement, f"{file.text(target)}.ckpt_path = {path}")
    return (edit,) if edit is not None else None
