"""A Trainer in a notebook has a strategy that starts the script once more for each device.

What it does
    Finds strategies such as `"ddp"` in files that call `get_ipython()`, as exported notebooks do.

Why
    A notebook is no script that could be started again: `MisconfigurationException:
    Trainer(strategy='ddp') is not compatible with an interactive environment`. Processes that fork
    are.

Example
    ```python
    get_ipython().system("pip install pytorch-lightning")
    trainer = pl.Trainer(devices=2, strategy="ddp")
    ```
    becomes
    ```python
    trainer = pl.Trainer(devices=2, strategy="ddp_notebook")
    ```

Fix safety
    Unsafe: forking fails once CUDA is in use, and the file may have become a script. Told for
    strategies that have no form for notebooks.

References
    https://lightning.ai/docs/pytorch/2.6.1/accelerators/gpu_intermediate.html
    https://github.com/Lightning-AI/pytorch-lightning/pull/9896
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._telling import Repair, tell
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of
from ._trainer_targets import TRAINER_WORDS
from ._variables import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_FORKING = {
    "ddp": "ddp_notebook",
    "ddp_spawn": "ddp_notebook",
    "ddp_find_unused_parameters_true": "ddp_notebook_find_unused_parameters_true",
    "ddp_find_unused_parameters_false": "ddp_notebook_find_unused_parameters_false",
}
_WITHOUT = ("fsdp", "fsdp_cpu_offload", "deepspeed")


@rule("LF313", triggers=("get_ipython",), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``strategy=``."""
    del settings
    if not _is_notebook(file):
        return
    for call in trainer_calls(file):
        value = value_of(call, "strategy")
        if not isinstance(value, str):
            continue
        message = f"strategy={value!r} starts the script again, which a notebook is not"
        if value in _FORKING:
            text = quoted(file, call.value("strategy") or call.node, _FORKING[value])
            doubts = ["forking fails once CUDA is in use, and the file may be run as a script"]
            repair = Repair({"strategy": [("strategy", text)]}, doubts=doubts)
            yield tell(rule, call, "strategy", message, repair)
        elif value.startswith(_WITHOUT):
            reason = "run the code as a script"
            yield tell(rule, call, "strategy", message, Repair(reason=reason))


def _is_notebook(file: File) -> bool:
    """Whether the file calls ``get_ipython`` at its top, so that it only runs in IPython."""
    statements = [s for s in file.tree.module.body if isinstance(s, (ast.Expr, ast.Assign))]
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "get_ipython"
        for statement in statements
        for node in ast.walk(statement)
    )
