"""Moving the checkpoint to resume from out of the Trainer into its call of ``fit``."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ._variables import loads, on_its_own

if TYPE_CHECKING:
    from ..engine.file import File
    from ..model import Edit
    from ._trainer_calls import TrainerCall

_POSITIONS = 4


def resume(call: TrainerCall, name: str, node: ast.expr) -> tuple[Edit, ...] | None:
    """The edits that add ``ckpt_path=`` to the one ``fit`` of a Trainer, if that is seen."""
    file = call.file
    part = call.part(name)
    if part is None or part.arguments.node is not call.node:
        return None
    fit = _fit(file, call.node)
    if fit is None or _rebound(file, node, call.node, fit):
        return None
    arguments = Arguments(file, fit)
    if arguments.splat or "ckpt_path" in arguments or len(fit.args) > _POSITIONS:
        return None
    if any(isinstance(a, ast.Starred) for a in fit.args):
        return None
    return arguments.change({"": [("ckpt_path", on_its_own(file.text(node)))]})


def _fit(file: File, made: ast.Call) -> ast.Call | None:
    """The only ``fit`` call of a Trainer, where it can be no other Trainer's."""
    tree = file.tree
    parent = tree.parents[made]
    if isinstance(parent, ast.Attribute):
        return _method_call(file, parent)
    if not isinstance(parent, ast.Assign) or len(parent.targets) != 1:
        return None
    target = parent.targets[0]
    if not isinstance(target, ast.Name):
        return None
    scope = tree.scope_of(made)
    if len(scope.bindings.get(target.id, ())) != 1:
        return None
    fits = []
    for use in loads(file, scope, target.id):
        owner = tree.parents[use]
        if not isinstance(owner, ast.Attribute):
            # Handed to somebody else, who may call fit as well.
            return None
        if owner.attr == "fit":
            fits.append(_method_call(file, owner))
    if len(fits) != 1 or fits[0] is None or tree.scope_of(fits[0]) is not scope:
        return None
    return fits[0]


def _method_call(file: File, owner: ast.Attribute) -> ast.Call | None:
    call = file.tree.parents[owner]
    if owner.attr == "fit" and isinstance(call, ast.Call) and call.func is owner:
        return call
    return None


def _rebound(file: File, node: ast.expr, made: ast.Call, fit: ast.Call) -> bool:
    """Whether a name in an expression may change its meaning between two places."""
    start, end = file.span(made).end, file.span(fit).start
    for name in ast.walk(node):
        if not isinstance(name, ast.Name):
            continue
        found = file.tree.scope_of(name).find(name.id)
        for binding in found[1] if found else ():
            if start <= file.span(binding.node).start < end:
                return True
    return False
