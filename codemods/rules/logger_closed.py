"""A logger is closed with `close()`, which loggers do not have any more.

What it does
    Finds `close()` on loggers of Lightning, among them `trainer.logger`, and writes
    `finalize("success")`.

Why
    `close` went in 1.7 with the collection of several loggers, whose place `trainer.loggers` took:
    the call is an `AttributeError`.

Example
    ```python
    trainer.logger.close()
    ```
    becomes
    ```python
    for logger in trainer.loggers:
        logger.finalize("success")
    ```

Fix safety
    Safe where the object surely is a logger: `finalize` writes what is held back, as `close` did.
    Loggers of the project that have a `close` of their own are left alone.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/9422
    lightning/pytorch/loggers/logger.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.statements import indent, stands_alone
from ..engine.values import infer
from ..model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding


@rule("LF215", triggers=(".close()",), context=("lightning", "logger.close()"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    del settings
    for call, func in file.tree.method_calls("close"):
        types = infer(file, func.value)
        if call.args or call.keywords or not is_surely(types, Role.LOGGER.value):
            continue
        if any(t.cls is not None and t.cls.method("close") is not None for t in types):
            continue
        fix = Fix("finalize it", (_edit(file, call, func),))
        yield file.finding(rule, call, "loggers have no close since 1.7", fix=fix)


def _edit(file: File, call: ast.Call, func: ast.Attribute) -> Edit:
    held, statement = func.value, file.tree.statement(call)
    alone = isinstance(statement, ast.Expr) and stands_alone(file, statement)
    if not alone or not isinstance(held, ast.Attribute) or held.attr != "logger":
        return file.replace(call, f'{file.text(held)}.finalize("success")')
    name = "logger" if file.tree.scope_of(call).find("logger") is None else "each_logger"
    body = f'{indent(file, statement)}    {name}.finalize("success")'
    return file.replace(call, f"for {name} in {file.text(held.value)}.loggers:\n{body}")
