"""Two arguments of a Trainer contradict each other, or say the same thing twice.

What it does
    Finds a progress bar in `callbacks=` beside `enable_progress_bar=False`, or two bars; a
    `LearningRateMonitor` or `DeviceStatsMonitor` beside `logger=False`; a precision plugin beside
    `precision=`; and a part that a strategy object holds already among the `plugins=`.

Why
    Each raises when the Trainer is made or when `fit` begins: `MisconfigurationException: Trainer
    was configured with enable_progress_bar=False but found TQDMProgressBar in callbacks list`.

Example
    ```python
    trainer = pl.Trainer(precision="bf16-mixed", plugins=[MixedPrecision("bf16-mixed", "cuda")])
    ```
    becomes
    ```python
    trainer = pl.Trainer(plugins=[MixedPrecision("bf16-mixed", "cuda")])
    ```

Fix safety
    Safe where both say the same. Unsafe where one of them has to give way: the bar in the list
    stays and the switch goes, the monitor goes and the logger stays off, the plugin stays. Told
    where it cannot be seen which one is meant.

References
    lightning/pytorch/trainer/connectors/callback_connector.py (2.6.6)
    lightning/pytorch/trainer/connectors/accelerator_connector.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._callback_lists import holds, members, without
from ._telling import Repair, tell
from ._trainer_callbacks import BARS
from ._trainer_calls import TrainerCall, trainer_calls
from ._trainer_plugins import is_precision, parts_twice
from ._trainer_remedy import value_of
from ._trainer_targets import TRAINER_WORDS
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_MONITORS = ("LearningRateMonitor", "DeviceStatsMonitor")


@rule("LF314", triggers=("callbacks", "plugins", "**"), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the argument that has to give way."""
    del settings
    seen: set[ast.AST] = set()
    for call in trainer_calls(file):
        if call.kind != "Trainer" or call.node in seen:
            continue
        seen.add(call.node)
        for look in (_bars, _monitors, _precision, _parts):
            yield from look(rule, call)


def _bars(rule: Rule, call: TrainerCall) -> Iterator[Finding]:
    if call.get("callbacks") is None:
        return
    bars = [m for m in members(call) or () if holds(call, BARS, m)]
    if len(bars) > 1:
        reason = "keep one of them"
        message = "callbacks= holds two progress bars; the Trainer takes one"
        yield tell(rule, call, "callbacks", message, Repair(reason=reason), bars[1])
    if not holds(call, BARS) or value_of(call, "enable_progress_bar") is not False:
        return
    doubts = ["the bar in the list may be what is too much; then remove it instead"]
    repair = Repair({"enable_progress_bar": []}, doubts=doubts)
    message = "the progress bar is off, but callbacks= holds one"
    yield tell(rule, call, "enable_progress_bar", message, repair)


def _monitors(rule: Rule, call: TrainerCall) -> Iterator[Finding]:
    node = call.value("callbacks")
    if node is None or value_of(call, "logger") is not False or not holds(call, _MONITORS):
        return
    if call.get("fast_dev_run") is not None and value_of(call, "fast_dev_run") not in (False, 0):
        return
    message = "a callback in callbacks= logs, but there is no logger: fit raises"
    reason = "remove it, or pass a logger"
    text = None
    if isinstance(node, ast.List):
        text = without(call, [m for m in node.elts if not holds(call, _MONITORS, m)])
    changes = {"callbacks": [("callbacks", text)] if text else []}
    repair = Repair(reason=reason)
    if isinstance(node, ast.List):
        repair = Repair(
            changes, doubts=["a logger may be missing instead of the callback too much"]
        )
    yield tell(rule, call, "callbacks", message, repair)


def _precision(rule: Rule, call: TrainerCall) -> Iterator[Finding]:
    node, given = call.value("plugins"), call.value("precision")
    if node is None or given is None or literal(given) is None:
        return
    file = call.home("plugins")
    elements = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    plugins = [e for e in elements if is_precision(file, e)]
    if not plugins:
        return
    first = plugins[0].args[0] if isinstance(plugins[0], ast.Call) and plugins[0].args else None
    value = value_of(call, "precision")
    same = value is not UNKNOWN and literal(first) == value
    doubts = [] if same else ["the plugin decides then; precision= may say something else"]
    message = "precision= and a precision plugin are both given"
    yield tell(rule, call, "precision", message, Repair({"precision": []}, doubts=doubts))


def _parts(rule: Rule, call: TrainerCall) -> Iterator[Finding]:
    for double in parts_twice(call):
        if double.kept is None:
            repair = Repair(reason=f"pass {double.what} once")
        else:
            text = without(call, list(double.kept), "plugins")
            repair = Repair({"plugins": [("plugins", text)] if text else []})
        message = f"the strategy holds {double.what} already"
        yield tell(rule, call, double.name, message, repair, double.node)
