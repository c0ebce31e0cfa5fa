"""Flags that ``trainer.tune`` obeyed, as calls of a Tuner."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.imports import spell
from ..engine.statements import indent, stands_alone
from ._trainer_uses import Uses, uses
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from ..engine.file import File
    from ..model import Edit, Need
    from ._trainer_calls import TrainerCall

FLAGS = ("auto_scale_batch_size", "auto_lr_find")
_METHODS = {"auto_scale_batch_size": "scale_batch_size", "auto_lr_find": "lr_find"}
_OPTIONS = {"auto_scale_batch_size": "scale_batch_size_kwargs", "auto_lr_find": "lr_find_kwargs"}
_HANDED_ON = {
    "model": "model",
    "train_dataloader": "train_dataloaders",
    "train_dataloaders": "train_dataloaders",
    "val_dataloaders": "val_dataloaders",
    "datamodule": "datamodule",
    "dataloaders": "dataloaders",
    "method": "method",
}
#: The fourth argument by position is the datamodule in 1.4 and a loader today.
_POSITIONS = 3
_BATCHES = "the search for a batch size stops at 8192 now, and binsearch takes off 5 %"


@dataclass
class Tuning:
    """The statements in place of ``tune``; ``idle`` where the flags never had an effect."""

    edits: tuple[Edit, ...] = ()
    needs: tuple[Need, ...] = ()
    doubts: list[str] = field(default_factory=list)
    idle: bool = False


def tuning(call: TrainerCall) -> Tuning | None:
    """How the tuning flags of a Trainer are written today; None where that is not certain."""
    wanted = [n for n in FLAGS if call.get(n) and literal(call.value(n)) not in (False, None)]
    used = uses(call.file, call.node)
    if used is None or used.escapes or used.nested:
        return None
    tunes = used.of("tune")
    if not tunes:
        return Tuning(idle=True)
    if len(tunes) != 1 or not used.name:
        return None
    return _calls(call, wanted, tunes[0], used)


def _calls(call: TrainerCall, wanted: list[str], tune: ast.Call, used: Uses) -> Tuning | None:
    file = call.file
    statement = file.tree.parents[tune]
    if not isinstance(statement, ast.Expr) or not stands_alone(file, statement):
        return None
    shared = _shared(file, tune)
    extras = [_extra(call, name, tune) for name in wanted]
    if shared is None or any(e is None for e in extras):
        return None
    spelled = spell(file, tune, "lightning.pytorch.tuner.Tuner")
    maker = f"{spelled.text}({used.name})"
    lines = [
        ", ".join([*shared, *(extra or [])]).join([f"{{}}.{_METHODS[name]}(", ")"])
        for name, extra in zip(wanted, extras, strict=True)
    ]
    if len(lines) > 1:
        lines = [f"tuner = {maker}", *(line.format("tuner") for line in lines)]
        if file.tree.scope_of(tune).find("tuner") is not None:
            return None
    else:
        lines = [line.replace("{}", maker, 1) for line in lines]
    text = f"\n{indent(file, statement)}".join(lines)
    doubts = [_BATCHES] if "auto_scale_batch_size" in wanted else []
    return Tuning((file.replace(statement, text),), spelled.needs, doubts)


def _shared(file: File, tune: ast.Call) -> list[str] | None:
    """The arguments that every call of the Tuner gets; None where one cannot be handed on."""
    arguments = Arguments(file, tune)
    if len(tune.args) > _POSITIONS or any(isinstance(a, ast.Starred) for a in tune.args):
        return None
    if arguments.splat or set(arguments.named) - {*_HANDED_ON, *_OPTIONS.values()}:
        return None
    named = [f"{_HANDED_ON[n]}={arguments.text(n)}" for n in arguments.named if n in _HANDED_ON]
    return [*(file.text(a) for a in tune.args), *named]


def _extra(call: TrainerCall, name: str, tune: ast.Call) -> list[str] | None:
    """The arguments that one flag and its options of ``tune`` ask for; None where unknown."""
    value = literal(call.value(name))
    options = Arguments(call.file, tune).value(_OPTIONS[name])
    found: list[str] = []
    if isinstance(options, ast.Dict):
        given = Arguments(call.file, options)
        if len(given.named) != len(options.keys):
            return None
        found = [f"{key}={given.text(key)}" for key in given.named]
    elif options is not None and literal(options) is not None:
        return None
    if value is UNKNOWN:
        return None
    if isinstance(value, str):
        key = "attr_name" if name == "auto_lr_find" else "mode"
        text = call.text(name)
        found = found if any(f.startswith(f"{key}=") for f in found) else [f"{key}={text}", *found]
    return found
