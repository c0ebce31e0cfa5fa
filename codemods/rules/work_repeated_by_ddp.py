"""What a script does once is done by every process that the Trainer starts.

What it does
    Finds Trainers for several devices without a strategy, where the function above the Trainer
    removes files, makes folders that must not exist yet, or asks the user.

Why
    In 1.x such a Trainer spawned its processes when `fit` came, with `ddp_spawn`. Since 2.0 it is
    `ddp`, which runs the whole script again for each further device: the second process finds the
    folder there, removes what the first has written, and waits for an answer.

Example
    ```python
    os.mkdir("run")
    trainer = Trainer(accelerator="gpu", devices=2)
    ```
    becomes
    ```python
    os.mkdir("run")
    trainer = Trainer(accelerator="gpu", devices=2, strategy="ddp_spawn")
    ```

Fix safety
    Unsafe: `ddp_spawn` needs what is trained to be picklable, and is slower at the start. The other
    way is to do that work in one process, with `rank_zero_only`.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16780
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Severity
from ._behaviour_uses import before, function_at
from ._telling import Repair, tell
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_ONCE = (
    "os.mkdir",
    "os.makedirs",
    "shutil.rmtree",
    "shutil.move",
    "os.remove",
    "os.rename",
    "input",
)
_RANKED = ("rank", "RANK", "is_global_zero")


@rule(
    "LF908",
    triggers=("mkdir", "makedirs", "shutil", "input(", "os.re", "from os import"),
    context=("rainer",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``devices=``."""
    del settings
    for call in trainer_calls(file):
        several = _is_several(value_of(call, "devices"))
        if call.kind != "Trainer" or not several or call.hidden or call.get("strategy"):
            continue
        if any(word in file.source.text for word in _RANKED):
            continue
        work = _work(file, call.node)
        if work is None:
            continue
        message = (
            f"{file.text(work.func)}(…) in line {work.lineno} runs in the process of each device, "
            "as the strategy is ddp by default since 2.0"
        )
        changes = {"": [("strategy", '"ddp_spawn"')]}
        doubts = ["or do that work in one process only, with rank_zero_only; see the rule"]
        repair = Repair(changes, doubts=doubts)
        yield tell(rule, call, "devices", message, repair, severity=Severity.WARNING)


def _is_several(value: object) -> bool:
    if isinstance(value, (list, tuple)):
        return len(value) > 1
    return isinstance(value, int) and not isinstance(value, bool) and value > 1


def _work(file: File, node: ast.AST) -> ast.Call | None:
    """The first call above a Trainer that must run only once."""
    for statement in before(file, node, function_at(file, node)):
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            continue
        for call in (n for n in ast.walk(statement) if isinstance(n, ast.Call)):
            if file.canonical(call.func) not in _ONCE:
                continue
            asked = any(isinstance(a, (ast.If, ast.Try)) for a in file.tree.ancestors(call))
            exist_ok = next((k.value for k in call.keywords if k.arg == "exist_ok"), None)
            if not asked and literal(exist_ok) is not True:
                return call
    return None
