"""An optimizer's step gets a condition that it does not take.

What it does
    Finds `optimizer.step(closure=…, make_optimizer_step=condition)`, and steps under an `if`.

Why
    `make_optimizer_step` is gone since 1.2. It is handed on to torch's optimizer, which raises
    `TypeError`.

Example
    ```python
    opt.step(closure=closure, make_optimizer_step=batch_idx % 2 == 0)
    ```
    becomes
    ```python
    if batch_idx % 2 == 0:
        opt.step(closure=closure)
    else:
        closure()
    ```

Fix safety
    Safe: without the step the closure ran all the same. Told where the call is no statement of its
    own.

References
    pytorch_lightning/core/optimizer.py (1.1.8), `LightningOptimizer.step`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..engine.statements import indent, stands_alone
from ..model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NAME = "make_optimizer_step"


@rule("LF612", triggers=(_NAME,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    for call, _ in file.tree.method_calls("step"):
        given = {k.arg: k for k in call.keywords}
        if _NAME not in given:
            continue
        text = _written(file, call, given)
        yield file.finding(
            rule,
            given[_NAME],
            f"the step of an optimizer takes no {_NAME} since Lightning 1.2",
            fix=Fix("step under an if", (file.replace(file.tree.parents[call], text),))
            if text
            else None,
            reason=None if text else "call step under an if, and the closure alone without it",
        )


def _written(file: File, call: ast.Call, given: dict[str | None, ast.keyword]) -> str:
    statement = file.tree.parents[call]
    if not isinstance(statement, ast.Expr) or not stands_alone(file, statement) or None in given:
        return ""
    rest = [file.text(n) for n in (*call.args, *call.keywords) if n is not given[_NAME]]
    step = f"{file.text(call.func)}({', '.join(rest)})"
    condition = file.text(given[_NAME].value)
    if condition in ("True", "None"):
        return step
    closure = given["closure"].value if "closure" in given else None
    closure = call.args[0] if closure is None and call.args else closure
    space = indent(file, statement)
    text = f"if {condition}:\n{space}    {step}"
    if closure is None:
        return text
    called = file.text(closure)
    if not isinstance(closure, (ast.Name, ast.Attribute)):
        called = f"({called})"
    return f"{text}\n{space}else:\n{space}    {called}()"
