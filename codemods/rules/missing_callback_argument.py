"""A callback is made without an argument that it needs.

What it does
    Finds `EarlyStopping()` without `monitor`, and `StochasticWeightAveraging()` without `swa_lrs`.

Why
    They raise `TypeError: missing 1 required positional argument` since 1.6 and 1.7.

Example
    ```python
    EarlyStopping(patience=3)
    ```
    becomes
    ```python
    EarlyStopping(patience=3, monitor="early_stop_on")
    ```

Fix safety
    Unsafe: `early_stop_on` was the default of 1.x (`val_loss` where the project pins 0.8), and most
    modules log no such thing; where the modules of the project log one validation loss and no
    `early_stop_on`, it is asked about. The rate of averaging is told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/7907
    https://github.com/Lightning-AI/pytorch-lightning/pull/12556
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._asked import is_older
from ._keyword_calls import handed
from ._keyword_monitors import logged_losses
from ._variables import quoted

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_CALLBACKS = "lightning.pytorch.callbacks."
_NAMES = ("EarlyStopping", "StochasticWeightAveraging")
_OLD = "early_stop_on"
#: The default until 0.8.
_BEFORE = "val_loss"


@rule("LF704", triggers=_NAMES, context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    for call in handed(file, _NAMES):
        if call.positional or call.hidden or _is_partial(file, call.node.func):
            continue
        if call.is_of(_CALLBACKS + "EarlyStopping") and "monitor" not in call.given:
            old = _BEFORE if is_older(file.project, file.path, settings.root, "0.9") else _OLD
            text = quoted(file, call.node, old)
            edits = call.parts[0].arguments.change({"": [("monitor", text)]})
            losses = " or ".join(sorted(logged_losses(file)))
            ask = f"; is it to watch {losses}?" if losses else "; does any module log it?"
            yield file.finding(
                rule,
                call.node,
                "EarlyStopping needs a monitor since Lightning 1.6",
                fix=Fix(f"write monitor={text}", edits, Safety.UNSAFE),
                reason=f"{old} was the default{ask}",
            )
        if call.is_of(_CALLBACKS + "StochasticWeightAveraging") and "swa_lrs" not in call.given:
            yield file.finding(
                rule,
                call.node,
                "StochasticWeightAveraging needs swa_lrs since Lightning 1.7",
                reason="give it the learning rate to average at, such as swa_lrs=1e-2",
            )


def _is_partial(file: File, func: ast.expr) -> bool:
    return file.canonical(func) == "functools.partial"
