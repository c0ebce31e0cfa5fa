"""A copy of a module is used as if it had a Trainer, and copies have none any more.

What it does
    Finds `copy.deepcopy(module)` and `pickle.loads(pickle.dumps(module))` whose result is asked for
    its `trainer`, or for what comes from it: `log`, `logger`, `global_step`, `optimizers()`, …

Why
    Since 2.0.1 a module leaves its Trainer behind when it is copied or pickled. `copy.trainer`
    raises `RuntimeError`; `log` on a copy does nothing, its `logger` is `None` and its
    `global_step` 0, and all of that without an error.

Example
    ```python
    def on_fit_start(self, trainer, pl_module):
        self.teacher = copy.deepcopy(pl_module)

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        self.teacher.log("drift", self.drift())     # told: the copy has no Trainer
    ```

Fix safety
    Told: `copy.trainer = module.trainer` brings back what was, but two modules with one Trainer
    may not be meant.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/17133
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..model import Severity
from ._behaviour_uses import STAGES
from ._variables import loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_SILENT = {
    "log": "does nothing",
    "log_dict": "does nothing",
    "logger": "is None",
    "loggers": "is empty",
    "global_step": "is 0",
    "current_epoch": "is 0",
}
_RAISING = ("trainer", "optimizers", "lr_schedulers", "manual_backward", "toggle_optimizer")


@rule("LF927", triggers=("deepcopy", "loads("), context=("rainer", "lightning"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at what is asked of a copy."""
    if minor(settings.target) < (2, 0):
        return
    for call in file.tree.calls:
        copied = _copied(file, call)
        if copied is None or not is_surely(infer(file, copied), Role.MODULE.value):
            continue
        reads = _reads(file, call)
        if _is_part(file, call) or any(_attaches(file, node) for node in reads):
            continue
        for node in reads:
            parent = file.tree.parents[node]
            if not isinstance(parent, ast.Attribute) or not isinstance(parent.ctx, ast.Load):
                continue
            what = "raises an error" if parent.attr in _RAISING else _SILENT.get(parent.attr)
            if what is not None:
                yield file.finding(
                    rule,
                    parent,
                    f"a copied module leaves its Trainer behind since 2.0.1: {parent.attr} {what}",
                    reason=f"ask {file.text(copied)} for it, or hand its trainer to the copy",
                    severity=Severity.WARNING,
                )


def _copied(file: File, call: ast.Call) -> ast.expr | None:
    """What a call makes a copy of."""
    if not call.args:
        return None
    name = file.canonical(call.func)
    if name == "copy.deepcopy":
        return call.args[0]
    stored = call.args[0]
    if name != "pickle.loads" or not isinstance(stored, ast.Call) or not stored.args:
        return None
    return stored.args[0] if file.canonical(stored.func) == "pickle.dumps" else None


def _reads(file: File, call: ast.Call) -> list[ast.expr]:
    """Everything that names the copy: its variable, its attribute, or the call itself."""
    parent = file.tree.parents[call]
    target = parent.targets[0] if isinstance(parent, ast.Assign) else None
    if isinstance(target, ast.Name):
        binding = file.tree.scope_of(target).find(target.id)
        once = binding is not None and len(binding[1]) == 1
        return [*loads(file, binding[0], target.id)] if binding is not None and once else []
    if isinstance(target, ast.Attribute):
        home = file.tree.enclosing_class(call)
        return [
            node
            for node in file.tree.all(ast.Attribute)
            if isinstance(node, ast.Attribute)
            and node.attr == target.attr
            and isinstance(node.ctx, ast.Load)
            and file.text(node) == file.text(target)
            and file.tree.enclosing_class(node) is home
        ]
    return [call]


def _is_part(file: File, call: ast.Call) -> bool:
    """Whether a copy becomes part of a module before that is trained, and gets its Trainer."""
    home = file.class_of(call)
    name = getattr(file.tree.enclosing_function(call), "name", "")
    return home is not None and home.has(Role.MODULE) and name == "__init__"


def _attaches(file: File, node: ast.expr) -> bool:
    """Whether a copy gets a Trainer of its own."""
    parent = file.tree.parents[node]
    if isinstance(parent, ast.Attribute):
        return parent.attr in ("trainer", "_trainer") and isinstance(parent.ctx, ast.Store)
    call = file.tree.parents[parent] if isinstance(parent, ast.keyword) else parent
    func = call.func if isinstance(call, ast.Call) else None
    return isinstance(func, ast.Attribute) and func.attr in STAGES
