"""A dict is logged under one name.

What it does
    Finds `self.log(name, {…})` in modules, and logs each entry under a name of its own.

Why
    `self.log` takes numbers only since 2.0 and raises `ValueError` for a dict.

Example
    ```python
    self.log("loss", {"train": a, "val": b}, on_epoch=True)
    ```
    becomes
    ```python
    self.log_dict({"loss/train": a, "loss/val": b}, on_epoch=True)
    ```

Fix safety
    Unsafe: TensorBoard drew the entries into one chart, and now has one for each. Told where
    `metric_attribute=` is given.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16389
    lightning/pytorch/core/module.py (2.6.6), `LightningModule.log`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..model import Fix, Safety
from ._members import AROUND
from ._variables import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding

#: Name and value.
_PLAIN = 2


@rule("LF607", triggers=(".log(",), context=AROUND)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the dicts."""
    if minor(settings.target) < (2, 0):
        return
    for call, func in file.tree.method_calls("log"):
        arguments = Arguments(file, call)
        name = call.args[0] if call.args else arguments.value("name")
        value = call.args[1] if len(call.args) > 1 else arguments.value("value")
        if name is None or value is None or not _is_dict(file, value):
            continue
        if not any(t.kind == Role.MODULE.value for t in infer(file, func.value)):
            continue
        edits = _edits(file, call, name, value)
        yield file.finding(
            rule,
            value,
            "self.log takes no dict since Lightning 2.0; self.log_dict does, with one name for all",
            fix=Fix("log each entry by log_dict", edits, Safety.UNSAFE) if edits else None,
            reason="TensorBoard has a chart for each of them then, instead of one for all"
            if edits
            else "call self.log for each entry",
        )


def _is_dict(file: File, value: ast.expr) -> bool:
    types = infer(file, value)
    return bool(types) and all(t.kind == "dict" for t in types)


def _edits(file: File, call: ast.Call, name: ast.expr, value: ast.expr) -> tuple[Edit, ...]:
    closed = any(k.arg in (None, "metric_attribute") for k in call.keywords)
    plain = len(call.args) == _PLAIN and not closed
    if not plain or any(isinstance(a, ast.Starred) for a in call.args):
        return ()
    text = _entries(file, name, value)
    if not text:
        return ()
    assert isinstance(call.func, ast.Attribute)
    head = f"{file.text(call.func.value)}.log_dict"
    more = "".join(f", {file.text(k)}" for k in call.keywords)
    return (file.replace(call, f"{head}({text}{more})"),)


def _entries(file: File, name: ast.expr, value: ast.expr) -> str:
    prefix = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else None
    if prefix is None or any(c in prefix for c in "{}\"'\\"):
        return ""
    if not isinstance(value, ast.Dict):
        return f'{{f"{prefix}/{{key}}": value for key, value in {file.text(value)}.items()}}'
    parts = []
    for key, entry in zip(value.keys, value.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return ""
        parts.append(f"{quoted(file, key, f'{prefix}/{key.value}')}: {file.text(entry)}")
    return f"{{{', '.join(parts)}}}"
