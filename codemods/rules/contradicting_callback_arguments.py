"""A callback or logger gets arguments that do not go together, or that it does not take.

What it does
    Finds a `mode` of ModelCheckpoint and EarlyStopping that is neither `"min"` nor `"max"`, a
    `logging_interval` of LearningRateMonitor that is unknown, `save_top_k` above 1 without a
    monitor, several triggers of one ModelCheckpoint, and a WandbLogger that is offline and logs
    models.

Why
    The constructor raises `MisconfigurationException`.

Example
    ```python
    EarlyStopping("val_acc", mode="auto")
    ```
    becomes
    ```python
    EarlyStopping("val_acc", mode="max")
    ```

Fix safety
    Safe for other words that mean the same, such as `mode="maximum"`.
    Safe for `mode="auto"` where the monitor is a literal: the rule of 1.x is written out, which
    took the maximum for names with `acc` and for those that begin with `fmeasure`. Unsafe where
    that rule is likely to have been wrong (`auc`, `f1`, …). `save_top_k` gets the one metric of the
    project's `self.log` calls that is named like a validation loss, unsafe. A WandbLogger gets
    `log_model=False`, unsafe. The rest is told.

References
    lightning/pytorch/callbacks/model_checkpoint.py (2.6.6)
    https://github.com/Lightning-AI/pytorch-lightning/pull/6162
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.kinds import may_be
from ..engine.rule import rule
from ..engine.values import infer
from ..model import Fix, Safety
from ._keyword_calls import handed
from ._keyword_monitors import PLACES, best, logged_losses, looks_like_maximum
from ._variables import UNKNOWN, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._keyword_calls import Handed

_CALLBACKS = "lightning.pytorch.callbacks."
_CHECKPOINT = _CALLBACKS + "ModelCheckpoint"
_STOPPING = _CALLBACKS + "EarlyStopping"
_WANDB = "lightning.pytorch.loggers.WandbLogger"
_TRIGGERS = ("every_n_train_steps", "every_n_epochs", "train_time_interval")
_RATES = _CALLBACKS + "LearningRateMonitor"
_CHOICES = {"mode": ("min", "max"), "logging_interval": ("step", "epoch")}
#: Other words for the choices.
_MEANT = {
    **dict.fromkeys(("min", "minimum", "minimize", "minimise"), "min"),
    **dict.fromkeys(("max", "maximum", "maximize", "maximise"), "max"),
    **dict.fromkeys(("step", "steps", "batch", "batches"), "step"),
    **dict.fromkeys(("epoch", "epochs"), "epoch"),
}
_UNMONITORED = (-1, 0, 1, None)
_TOP = 1


@rule(
    "LF703",
    triggers=("mode", "save_top_k", *_TRIGGERS, "log_model", "logging_interval"),
    context=("lightning",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at arguments."""
    del settings
    for call in handed(file, ()):
        if call.is_of(_CHECKPOINT, _STOPPING):
            yield from _mode(rule, file, call)
            yield from _choice(rule, file, call, "mode")
        if call.is_of(_CHECKPOINT):
            yield from _top(rule, file, call)
            yield from _triggers(rule, file, call)
        if call.is_of(_RATES):
            yield from _choice(rule, file, call, "logging_interval")
        if call.is_of(_WANDB):
            yield from _wandb(rule, file, call)


def _monitor(call: Handed) -> object:
    """The value of the monitor; None where none is given."""
    node = call.value("monitor")
    place = next(p for owner, p in PLACES.items() if call.is_of(owner))
    if node is None and place < len(call.positional):
        node = call.positional[place]
    if node is None:
        return UNKNOWN if call.hidden else None
    return literal(node)


def _choice(rule: Rule, file: File, call: Handed, name: str) -> Iterator[Finding]:
    """A finding at a text that is none of the few that an argument takes."""
    part, choices = call.part(name), _CHOICES[name]
    value = literal(part.arguments.value(name)) if part is not None else None
    if part is None or not isinstance(value, str) or value in (*choices, "auto"):
        return
    texts = [quoted(file, call.node, choice) for choice in choices]
    message = f"{call.name} takes no {name}={quoted(file, call.node, value)}"
    meant = _MEANT.get(value.lower())
    if meant not in choices:
        reason = f"write {' or '.join(texts)}"
        yield file.finding(rule, part.arguments.named[name].node, message, reason=reason)
        return
    text = texts[choices.index(meant)]
    edits = part.arguments.change({name: [(name, text)]})
    fix = Fix(f"write {text}", edits, Safety.UNSAFE if part.doubt else Safety.SAFE)
    node = part.arguments.named[name].node
    yield file.finding(rule, node, message, fix=fix, reason=part.doubt or None)


def _mode(rule: Rule, file: File, call: Handed) -> Iterator[Finding]:
    part = call.part("mode")
    if part is None or literal(part.arguments.value("mode")) != "auto":
        return
    monitor = _monitor(call)
    monitor = "early_stop_on" if monitor is None and call.is_of(_STOPPING) else monitor
    node = part.arguments.named["mode"]
    fix, reason = None, 'write "min" or "max"'
    if isinstance(monitor, str) or monitor is None:
        name = monitor or ""
        new = best(name)
        doubtful = new == "min" and looks_like_maximum(name)
        reason = f'1.x took the minimum of "{name}": is it to be "max"?' if doubtful else part.doubt
        edits = part.arguments.change({"mode": [("mode", quoted(file, node.value, new))]})
        fix = Fix(f'write "{new}"', edits, Safety.UNSAFE if reason else Safety.SAFE)
    yield file.finding(
        rule,
        node.node,
        f'{call.name} takes no mode="auto" since Lightning 1.3',
        fix=fix,
        reason=reason or None,
    )


def _top(rule: Rule, file: File, call: Handed) -> Iterator[Finding]:
    part = call.part("save_top_k")
    if part is None or _monitor(call) is not None:
        return
    value = literal(part.arguments.value("save_top_k"))
    if value is UNKNOWN or value in _UNMONITORED or not isinstance(value, int):
        return
    found = logged_losses(file)
    fix, reason = None, "give it monitor=, or save_top_k=-1 to keep all of them"
    if len(found) == 1:
        name = next(iter(found))
        text = quoted(file, call.node, name)
        fix = Fix(
            f"monitor {name}",
            part.arguments.change({"": [("monitor", text)]}),
            Safety.UNSAFE,
        )
        reason = f"{name} is what the modules log; is that what counts?"
    yield file.finding(
        rule,
        part.arguments.named["save_top_k"].node,
        f"save_top_k={value} needs a monitor to tell the best from",
        fix=fix,
        reason=reason,
    )


def _triggers(rule: Rule, file: File, call: Handed) -> Iterator[Finding]:
    given = [n for n in _TRIGGERS if _is_set(file, call, n)]
    if len(given) > _TOP and not call.own:
        yield file.finding(
            rule,
            call.node,
            f"one ModelCheckpoint has one trigger, and this has {' and '.join(given)}",
            reason="make a ModelCheckpoint for each of them",
        )


def _is_set(file: File, call: Handed, name: str) -> bool:
    """Whether an argument is given, and surely not as None; a configuration may hold that."""
    node = call.value(name)
    if node is None:
        return False
    value = literal(node)
    if value is not UNKNOWN:
        return value not in (None, 0)
    if isinstance(node, ast.Call) and file.canonical(node.func) == "datetime.timedelta":
        return True
    types = infer(file, node)
    return not may_be(types, "unknown") and not may_be(types, "none")


def _wandb(rule: Rule, file: File, call: Handed) -> Iterator[Finding]:
    part = call.part("log_model")
    if part is None or literal(call.value("offline")) is not True:
        return
    if literal(call.value("log_model")) not in (True, "all"):
        return
    yield file.finding(
        rule,
        part.arguments.named["log_model"].node,
        "a WandbLogger that is offline cannot log models",
        fix=Fix(
            "log no models",
            part.arguments.change({"log_model": [("log_model", "False")]}),
            Safety.UNSAFE,
        ),
        reason="or leave offline=True away",
    )
