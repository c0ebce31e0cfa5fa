"""The code around `fit` relies on what `fit` did in older releases.

What it does
    Finds, and tells: `except KeyboardInterrupt` around `fit`, a model that is put into evaluation
    mode before it is trained, a second `fit` of a Trainer that spawns its processes,
    `ckpt_path="best"` without a ModelCheckpoint, and `devices="auto"` in a notebook.

Why
    Since 2.4 an interrupted `fit` ends the program; since 2.2 it trains the layers in the mode in
    which they are, so that dropout stays off; a second spawning `fit` raises `NotImplementedError`
    since 2.1; without a ModelCheckpoint there is no best checkpoint, which raises `ValueError`; and
    a notebook gets one device since 2.1.

Example
    ```python
    try:
        trainer.fit(model)
    except KeyboardInterrupt:       # told: it never comes here
        trainer.save_checkpoint("last.ckpt")
    ```

Fix safety
    Told: what is meant cannot be seen.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/19976
    https://github.com/Lightning-AI/pytorch-lightning/pull/18951
    https://github.com/Lightning-AI/pytorch-lightning/pull/18776
    https://github.com/Lightning-AI/pytorch-lightning/pull/18291
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Severity
from ._behaviour_uses import before, function_at, made_by, stage_calls, stage_of
from ._trainer_calls import trainer_calls
from ._trainer_remedy import value_of
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_SPAWNING = ("ddp_spawn", "ddp_fork", "ddp_notebook", "xla")
_NOTEBOOK = ("get_ipython", "# %%", "#%%")
Told = tuple[ast.AST, str, str]


@rule(
    "LF915",
    triggers=("KeyboardInterrupt", ".eval()", *_SPAWNING, "best", *_NOTEBOOK),
    context=("rainer",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings around calls of ``fit`` and the other stages."""
    target = minor(settings.target)
    checks = ((_interrupts, (2, 4)), (_evaluating, (2, 2)), (_again, (2, 1)), (_best, (2, 0)))
    told = [t for check, since in checks if since <= target for t in check(file)]
    told += _in_notebook(file) if target >= (2, 1) else ()
    for node, message, way_out in told:
        yield file.finding(rule, node, message, reason=way_out, severity=Severity.WARNING)


def _interrupts(file: File) -> Iterator[Told]:
    for call in stage_calls(file, frozenset({"fit"})):
        child: ast.AST = call
        for above in file.tree.ancestors(call):
            if isinstance(above, ast.Try) and any(child is s for s in above.body):
                for handler in above.handlers:
                    if file.canonical(handler.type) == "KeyboardInterrupt":
                        yield (
                            handler,
                            "an interrupted fit ends the program since 2.4, and does not come here",
                            "do it in on_exception of a Callback, or in finally",
                        )
            child = above


def _evaluating(file: File) -> Iterator[Told]:
    for call in stage_calls(file, frozenset({"fit"})):
        if not call.args or not isinstance(call.args[0], ast.Name):
            continue
        name = call.args[0].id
        last: ast.Call | None = None
        for statement in before(file, call, function_at(file, call)):
            made = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(statement, ast.Assign) and name in map(file.text, statement.targets):
                last = None
            func = made.func if isinstance(made, ast.Call) else None
            if not isinstance(func, ast.Attribute) or file.text(func.value) != name:
                continue
            assert isinstance(made, ast.Call)
            last = made if func.attr == "eval" else None if func.attr == "train" else last
        if last is not None:
            yield (
                last,
                "fit leaves the model in evaluation mode since 2.2: dropout stays off",
                f"call {name}.train() before fit",
            )


def _again(file: File) -> Iterator[Told]:
    seen: set[ast.AST] = set()
    for call in stage_calls(file, frozenset({"fit"})):
        made = made_by(file, call)
        if made is None or value_of(made, "strategy") not in _SPAWNING:
            continue
        home = function_at(file, call)
        looped = any(
            isinstance(a, (ast.For, ast.While)) and a not in tuple(file.tree.ancestors(made.node))
            for a in file.tree.ancestors(call)
        )
        if looped or made.node in seen:
            yield (
                call,
                "a Trainer that spawns its processes can fit only once since 2.1",
                "make a Trainer for each fit",
            )
        if file.tree.enclosing_function(made.node) is file.tree.enclosing_function(call):
            seen.add(made.node)
        del home


def _best(file: File) -> Iterator[Told]:
    for call in stage_calls(file, frozenset({"validate", "test", "predict"})):
        given = next((k.value for k in call.keywords if k.arg == "ckpt_path"), None)
        made = made_by(file, call)
        if literal(given) != "best" or made is None or made.hidden:
            continue
        none_kept = value_of(made, "enable_checkpointing") is False
        quick = value_of(made, "fast_dev_run") is True
        if none_kept or quick:
            yield (
                call,
                f"{stage_of(call)} is to load the best checkpoint, and there is no ModelCheckpoint",
                "leave ckpt_path away, or let the Trainer keep checkpoints",
            )


def _in_notebook(file: File) -> Iterator[Told]:
    if not any(word in file.source.text for word in _NOTEBOOK):
        return
    for call in trainer_calls(file):
        argument = call.get("devices")
        if argument is not None and literal(argument.value) == "auto" and call.kind == "Trainer":
            yield (
                argument.node,
                'devices="auto" is one device in a notebook since 2.1',
                "write devices=-1 for all of them",
            )
