"""Arguments of the Trainer that belong to the module or to the loaders of its ``fit`` now."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.imports import spell
from ..engine.kinds import is_surely
from ..engine.statements import append_to, insert_before
from ..engine.values import infer, own_nodes
from ._construction import class_of
from ._hook_optimizers import Count, optimizer_count
from ._trainer_uses import Uses, given, model_of, rebound, uses
from ._variables import UNKNOWN, literal, on_its_own

if TYPE_CHECKING:
    from ..engine.file import File
    from ..model import Edit, Need
    from ._trainer_calls import TrainerCall

_COMBINED = "lightning.pytorch.utilities.CombinedLoader"
_NORM = "lightning.pytorch.utilities.grad_norm"
_HOOK = "on_before_optimizer_step"
_ATOMS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)


@dataclass
class Move:
    """Edits beside the Trainer's arguments that take over what one of them did."""

    edits: tuple[Edit, ...]
    needs: tuple[Need, ...] = ()
    doubts: list[str] = field(default_factory=list)


def attribute(call: TrainerCall, name: str, *, data: bool) -> Move | None:
    """``name = False`` set on what the Trainer works on, before it does.

    With ``data`` the datamodule gets it too. None where the objects are not in variables.
    """
    used = _only_here(call)
    if used is None or not used.stages:
        return None
    first = used.stages[0]
    held = [model_of(first)]
    if data:
        held.append(given(first, _DATAMODULE, "datamodule"))
        loaders = given(first, 1, "train_dataloaders", "dataloaders")
        if loaders is not None and is_surely(infer(call.file, loaders), Role.DATAMODULE.value):
            held.append(loaders)
    objects = [node for node in held if node is not None]
    others = {call.file.text(n) for stage in used.stages[1:] if (n := model_of(stage)) is not None}
    texts = list(dict.fromkeys(call.file.text(node) for node in objects))
    if not texts or not all(isinstance(n, (ast.Name, ast.Attribute)) for n in objects):
        return None
    if others - set(texts):
        return None
    lines = "\n".join(f"{text}.{name} = False" for text in texts)
    edit = insert_before(call.file, call.file.tree.statement(first), lines)
    return Move((edit,)) if edit is not None else None


def handed(call: TrainerCall, name: str) -> Move | None:
    """An argument set on the module that the Trainer fits, just before it does.

    None where the module is in no variable, or where the value might be another one there.
    """
    node, used = call.value(name), uses(call.file, call.node)
    fits = used.of("fit") if used is not None and not used.nested else []
    if node is None or len(fits) != 1 or call.home(name) is not call.file:
        return None
    file, fit = call.file, fits[0]
    model, statement = model_of(fit), file.tree.statement(fit)
    if not isinstance(model, (ast.Name, ast.Attribute)):
        return None
    if file.tree.scope_of(fit) is not file.tree.scope_of(node) or rebound(file, node, node, fit):
        return None
    text = on_its_own(file.text(node))
    if name == "accumulate_grad_batches" and literal(node) is UNKNOWN:
        # None was one batch, too.
        text = f"{text} or 1" if isinstance(node, _ATOMS) else f"({text}) or 1"
    edit = insert_before(file, statement, f"{file.text(model)}.{name} = {text}")
    return Move((edit,)) if edit is not None else None


_DATAMODULE = 3


def combined(call: TrainerCall, mode: str) -> Move | None:
    """The training loaders wrapped in a CombinedLoader with a mode, where they are handed over."""
    used = _only_here(call)
    fits = used.of("fit") if used is not None else []
    if len(fits) != 1:
        return None
    file = call.file
    loaders = given(fits[0], 1, "train_dataloaders", "train_dataloader")
    if loaders is not None:
        nodes = [loaders]
    else:
        owner = given(fits[0], _DATAMODULE, "datamodule") or model_of(fits[0])
        nodes = _returned(file, owner) if owner is not None else []
    kinds = ("dict", "list", "tuple")
    if not nodes or not all(
        any(is_surely(infer(file, node), kind) for kind in kinds) for node in nodes
    ):
        return None
    spelled = spell(file, nodes[0], _COMBINED)
    edits = tuple(
        file.replace(n, f"{spelled.text}({on_its_own(file.text(n))}, mode={mode})") for n in nodes
    )
    return Move(edits, spelled.needs)


def _returned(file: File, owner: ast.expr) -> list[ast.expr]:
    """What the ``train_dataloader`` of an object of this file returns."""
    cls = class_of(file, owner)
    method = cls.method("train_dataloader") if cls is not None else None
    if method is None or method[0].file is not file:
        return []
    returns = [n for n in own_nodes(method[1]) if isinstance(n, ast.Return)]
    return [r.value for r in returns if r.value is not None]


def gradient_norm(call: TrainerCall, order: str) -> Move | None:
    """A hook of the module that logs the norm of its gradients."""
    used = _only_here(call)
    fits = used.of("fit") if used is not None else []
    models = [model_of(fit) for fit in fits]
    file = call.file
    classes = {class_of(file, model) for model in models if model is not None}
    cls = classes.pop() if len(classes) == 1 else None
    if cls is None or cls.file is not file or cls.method(_HOOK) or cls.method("log_grad_norm"):
        return None
    own = cls.node.body[-1]
    spelled = spell(file, own, _NORM)
    logged = f"{spelled.text}(self, norm_type={order})"
    text = (
        f"\ndef {_HOOK}(self, optimizer):\n    self.log_dict({logged}, on_step=True, on_epoch=True)"
    )
    edit = append_to(file, cls.node.body, text)
    several = optimizer_count(cls) is Count.SEVERAL
    doubts = ["norms were logged for the first of several optimizers alone"] if several else []
    return Move((edit,), spelled.needs, doubts) if edit is not None else None


def _only_here(call: TrainerCall) -> Uses | None:
    """The uses of the Trainer, if nobody else gets it."""
    used = uses(call.file, call.node)
    return None if used is None or used.escapes or used.nested else used
