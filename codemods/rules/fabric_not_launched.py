"""Fabric is to use several processes and is never launched.

What it does
    Finds `Fabric(devices=…)` with several devices whose object is set up or used in the same
    function or module without `launch()`, and adds the call.

Why
    Since 2.0 `fabric.setup` raises `RuntimeError: To use Fabric with more than one device, you must
    call .launch()` under strategies that start processes.

Example
    ```python
    fabric = Fabric(accelerator="cpu", devices=2)
    model, optimizer = fabric.setup(model, optimizer)
    ```
    becomes
    ```python
    fabric = Fabric(accelerator="cpu", devices=2)
    fabric.launch()
    model, optimizer = fabric.setup(model, optimizer)
    ```

Fix safety
    Safe: the call can stand nowhere else, and without it the program ends there. One device needs
    no launch and is left alone, and so is an object that other functions are handed.

References
    lightning/fabric/fabric.py (2.6.6), `Fabric.launch`, `_validate_launched`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.rule import rule
from ..engine.statements import insert_after
from ..model import Fix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_FABRIC = "lightning.fabric.Fabric"
_NEEDS_LAUNCH = ("setup", "setup_module", "setup_optimizers", "setup_dataloaders")


@rule("LF213", triggers=("Fabric(",), context=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls that make a Fabric."""
    del settings
    for call in file.tree.calls:
        if file.canonical(call.func) != _FABRIC or not _is_several(Arguments(file, call)):
            continue
        statement = file.tree.statement(call)
        if not isinstance(statement, ast.Assign) or statement.value is not call:
            continue
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            continue
        if not _is_set_up(file, target):
            continue
        message = "Fabric with several devices is not launched, and refuses to set anything up"
        edit = insert_after(file, statement, f"{target.id}.launch()")
        if edit is None:
            way_out = f"call {target.id}.launch() first"
            yield file.finding(rule, call, message, reason=way_out)
        else:
            yield file.finding(rule, call, message, fix=Fix("launch it", (edit,)))


def _is_several(arguments: Arguments) -> bool:
    values = (arguments.value("devices"), arguments.value("num_nodes"))
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, int) and value.value > 1:
            return True
        if isinstance(value, (ast.List, ast.Tuple)) and len(value.elts) > 1:
            return True
    return False


def _is_set_up(file: File, target: ast.Name) -> bool:
    """Whether the variable is used for its methods alone, and for one that needs a launch."""
    used = []
    for node in file.tree.all(ast.Name):
        if not isinstance(node, ast.Name) or node.id != target.id or node is target:
            continue
        outer = file.tree.parents.get(node)
        if not isinstance(outer, ast.Attribute) or not isinstance(node.ctx, ast.Load):
            return False
        used.append(outer.attr)
    return "launch" not in used and any(name in _NEEDS_LAUNCH for name in used)
