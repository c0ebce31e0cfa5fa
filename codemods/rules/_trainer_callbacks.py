"""Arguments of the Trainer that became callbacks, or switches of the default ones."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.imports import spell
from ..engine.kinds import is_surely
from ..engine.values import infer
from ._callback_lists import holds, members
from ._trainer_remedy import INSTEAD, Remedy, mapped, renamed, value_of
from ._variables import literal, on_its_own

if TYPE_CHECKING:
    from ._trainer_calls import TrainerCall

BARS = (
    "TQDMProgressBar",
    "RichProgressBar",
    "ProgressBar",
    "ProgressBarBase",
    "LightningProgressBar",
)


def callback(call: TrainerCall, name: str, cls: str, arguments: str, *doubts: str) -> Remedy:
    """A callback in the place of an argument."""
    spelled = spell(call.file, call.node, f"lightning.pytorch.callbacks.{cls}")
    text = f"{spelled.text}({arguments})"
    return Remedy(name, callback=text, needs=spelled.needs, doubts=list(doubts))


def checkpoint(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``checkpoint_callback``: a switch, or the callback itself."""
    value = value_of(call, name)
    if value is None:
        return Remedy(name, {name: []}, doubts=["until 1.4, None switched checkpoints off"])
    if isinstance(value, bool) or mapped(call, name, {True: "", False: ""}) is not None:
        return renamed(call, name, "enable_checkpointing")
    return (
        as_callback(call, name, node)
        or _conditional(call, name, node)
        or _of_namespace(call, name, node)
        or Remedy(name, reason=INSTEAD[name])
    )


_PLAIN = (
    *(ast.Name, ast.Attribute, ast.Constant, ast.Compare, ast.BoolOp, ast.UnaryOp),
    *(ast.expr_context, ast.cmpop, ast.boolop, ast.unaryop),
)


def _conditional(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """A callback, or False for none and no checkpoints at all: ``saving if wanted else False``."""
    if not isinstance(node, ast.IfExp) or call.get("enable_checkpointing") is not None:
        return None
    if not all(isinstance(part, _PLAIN) for part in ast.walk(node.test)):
        return None
    file = call.home(name)
    test, made = file.text(node.test), node.body
    if literal(node.body) is False:
        test, made = f"not ({test})", node.orelse
    elif literal(node.orelse) is not False:
        return None
    types = infer(file, made)
    if not is_surely(types, Role.CALLBACK.value) or any(t.kind == "none" for t in types):
        return None
    text = f"*([{file.text(made)}] if {test} else [])"
    return Remedy(name, {"": [("enable_checkpointing", test)]}, callback=text)


def _of_namespace(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """A callback that the file puts among the options: ``args.checkpoint_callback = saving``."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    file = call.home(name)
    kept = [
        infer(file, statement.value)
        for statement in file.tree.all(ast.Assign)
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and (target.value.id, target.attr) == (node.value.id, node.attr)
    ]
    if not kept or not all(is_surely(types, Role.CALLBACK.value) for types in kept):
        return None
    doubt = f"{file.text(node)} is taken for the callback that this file puts there"
    return Remedy(name, callback=file.text(node), doubts=[doubt])


def early_stop(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``early_stop_callback``: the callback itself, or True for one with a metric of its own."""
    if value_of(call, name) in (None, False):
        return Remedy(name, {name: []})
    return as_callback(call, name, node) or Remedy(
        name, reason='pass EarlyStopping(monitor="…") in callbacks='
    )


def as_callback(call: TrainerCall, name: str, node: ast.expr) -> Remedy | None:
    """A callback handed over under a name of its own belongs into the list."""
    types = infer(call.home(name), node)
    if not is_surely(types, Role.CALLBACK.value) or any(t.kind == "none" for t in types):
        return None
    return Remedy(name, callback=on_its_own(call.text(name)))


def refresh_rate(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``progress_bar_refresh_rate``: 0 is no bar, every other number one of that rate."""
    del node
    value = value_of(call, name)
    place = call.value("process_position")
    idle = value is None or (value == 1 and value is not True and place is None)
    # 1 is what the bar does by itself, and a bar among the callbacks kept its own rate.
    if idle or holds(call, BARS) or _is_bar_off(call):
        return Remedy(name, {name: []})
    switch = mapped(call, name, {0: "False", 1: "True"})
    if switch is not None and place is None:
        text = "False" if value == 0 else switch
        there = call.get("enable_progress_bar") is not None
        return Remedy(name, {name: [] if there else [("enable_progress_bar", text)]})
    if value == 0:
        return Remedy(name, {name: [("enable_progress_bar", "False")]})
    arguments = f"refresh_rate={call.text(name)}"
    also: tuple[str, ...] = ()
    if place is not None:
        also = ("process_position",)
        if literal(place) != 0:
            arguments += f", process_position={call.text('process_position')}"
    doubts = [] if isinstance(value, int) else ["None is no refresh rate any more"]
    made = callback(call, name, "TQDMProgressBar", arguments, *doubts)
    made.also = also
    return made


def position(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``process_position`` is an argument of the progress bar."""
    if literal(node) in (0, None) or _is_bar_off(call):
        return Remedy(name, {name: []})
    if call.get("progress_bar_refresh_rate") is not None or holds(call, BARS):
        return Remedy(name, reason="the progress bar takes it: TQDMProgressBar(process_position=…)")
    return callback(call, name, "TQDMProgressBar", f"process_position={call.text(name)}")


def _is_bar_off(call: TrainerCall) -> bool:
    node = call.value("enable_progress_bar")
    return node is not None and literal(node) is False


def summary(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``weights_summary``: "top" is the default, None switches it off, "full" goes deeper."""
    del node
    value = value_of(call, name)
    there = call.get("enable_model_summary") is not None
    if value == "top" or (value is None and there):
        return Remedy(name, {name: []})
    if value == "full" and not holds(call, ("ModelSummary", "RichModelSummary")):
        return callback(call, name, "ModelSummary", "max_depth=-1")
    text = mapped(call, name, {None: "False", "top": "True"})
    if value is None:
        text = "False"
    if text is None or there:
        return Remedy(name, reason=INSTEAD[name])
    return Remedy(name, {name: [("enable_model_summary", text)]})


def averaging(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``stochastic_weight_avg`` is a callback that wants a learning rate."""
    del node
    value = value_of(call, name)
    if value in (False, None):
        return Remedy(name, {name: []})
    if value is not True or holds(call, ("StochasticWeightAveraging",)):
        return Remedy(name, reason="pass StochasticWeightAveraging(swa_lrs=…) in callbacks=")
    doubt = "swa_lrs is required now; 1e-2 is a guess, 1.x took the optimizer's learning rate"
    return callback(call, name, "StochasticWeightAveraging", "swa_lrs=1e-2", doubt)


def gpu_memory(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``log_gpu_memory`` is a callback, and a logger has to be there."""
    del node
    value = value_of(call, name)
    if value in (None, False) or holds(call, ("DeviceStatsMonitor",)):
        return Remedy(name, {name: []})
    if value_of(call, "logger") is False:
        # Without a logger it showed nothing, and the callback would raise.
        return Remedy(name, {name: []})
    doubt = "DeviceStatsMonitor logs under other names, and needs a logger"
    return callback(call, name, "DeviceStatsMonitor", "", doubt)


_SAVED_AT = "1.x added the logger's name and version to the path"


def save_path(call: TrainerCall, name: str, node: ast.expr) -> Remedy:
    """``weights_save_path`` is the directory of the checkpoint callback."""
    if value_of(call, name) is None:
        return Remedy(name, {name: []})
    if call.get("checkpoint_callback") is not None:
        return Remedy(name, reason="give the directory to ModelCheckpoint(dirpath=…)")
    if not holds(call, ("ModelCheckpoint",)):
        return callback(call, name, "ModelCheckpoint", f"dirpath={call.text(name)}", _SAVED_AT)
    made = _saving(call)
    if made is None or made.file is not call.home(name) or call.part(name) is None:
        return Remedy(name, reason="give the directory to ModelCheckpoint(dirpath=…)")
    if "dirpath" in made or "filepath" in made or made.splat or _positional(made):
        return Remedy(name, {name: []}, doubts=["the ModelCheckpoint may name no directory"])
    del node
    edits = made.change({"": [("dirpath", call.text(name))]})
    return Remedy(name, {name: []}, edits=edits, doubts=[_SAVED_AT])


def _positional(made: Arguments) -> bool:
    return isinstance(made.node, ast.Call) and bool(made.node.args)


def _saving(call: TrainerCall) -> Arguments | None:
    """The arguments of the one ModelCheckpoint that is made in the list of callbacks."""
    file = call.home("callbacks")
    made = [
        (file.assigned(member) or member) if isinstance(member, ast.Name) else member
        for member in members(call) or ()
    ]
    found = [
        Arguments(file, member)
        for member in made
        if isinstance(member, ast.Call)
        and (file.canonical(member.func) or "").endswith(".ModelCheckpoint")
    ]
    return found[0] if len(found) == 1 else None
