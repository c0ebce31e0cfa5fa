"""A callback or a logger of a Trainer is a class, a string, or something else altogether.

What it does
    Looks at what `callbacks=` and `logger=` of a `Trainer` (`loggers=` of `Fabric`) are given,
    alone or in a list.

Why
    The Trainer calls their hooks as methods of instances. A class or a string passes the
    constructor and raises a `TypeError` or an `AttributeError` once `fit` runs, which names
    neither; a tuple of callbacks raises because the Trainer adds its own to it.

Example
    ```python
    trainer = pl.Trainer(callbacks=[ModelCheckpoint])
    ```
    becomes
    ```python
    trainer = pl.Trainer(callbacks=[ModelCheckpoint()])
    ```

Fix safety
    Safe for a class that can be called without arguments, and for a tuple that becomes a list.
    Told for everything else.

References
    https://lightning.ai/docs/pytorch/2.6.1/extensions/callbacks.html
    lightning/pytorch/trainer/connectors/callback_connector.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.file import Defined
from ..engine.rule import rule
from ..engine.values import infer
from ..model import Fix
from ._instances import example, needs_nothing, plays
from ._trainer_calls import TrainerCall, trainer_calls
from ._trainer_targets import TRAINER_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.kinds import Type
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_ARGUMENTS = {"callbacks": Role.CALLBACK, "logger": Role.LOGGER, "loggers": Role.LOGGER}
_WRONG = (Role.MODULE, Role.DATAMODULE, Role.DATASET, Role.LOADER, Role.TRAINER)


@rule("LF304", triggers=("callbacks", "logger", "**"), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at elements of ``callbacks=`` and ``logger=``."""
    del settings
    seen: set[ast.AST] = set()
    for call in trainer_calls(file):
        for name, role in _ARGUMENTS.items():
            node = call.value(name)
            if node is None or call.home(name) is not file or node in seen:
                continue
            seen.add(node)
            yield from _argument(rule, call, name, role, node)


def _argument(
    rule: Rule, call: TrainerCall, name: str, role: Role, node: ast.expr
) -> Iterator[Finding]:
    if isinstance(node, ast.Tuple) and role is Role.CALLBACK and call.kind == "Trainer":
        yield _tuple(rule, call.file, node)
        return
    elements = node.elts if isinstance(node, (ast.List, ast.Tuple)) else [node]
    for element in elements:
        finding = _element(rule, call.file, name, role, element)
        if finding is not None:
            yield finding


def _tuple(rule: Rule, file: File, node: ast.Tuple) -> Finding:
    text = file.text(node)
    inner = text[1:-1] if text.startswith("(") else text
    if len(node.elts) == 1:
        inner = inner.rstrip().removesuffix(",")
    fix = Fix("make it a list", (file.replace(node, f"[{inner}]"),))
    return file.finding(rule, node, "callbacks= is a tuple; the Trainer needs a list", fix=fix)


def _element(rule: Rule, file: File, name: str, role: Role, node: ast.expr) -> Finding | None:
    types = infer(file, node)
    if len(types) != 1:
        return None
    made = next(iter(types))
    if made.kind == "class" and plays(made, role):
        message = f"{name}= is given the class {file.text(node)}, not an instance"
        if needs_nothing(made) and isinstance(node, (ast.Name, ast.Attribute)):
            fix = Fix("make an instance", (file.replace(node, f"{file.text(node)}()"),))
            return file.finding(rule, node, message, fix=fix)
        return file.finding(
            rule, node, message, reason=f"make an instance, such as {example(made)}"
        )
    if made.kind == "constant" and isinstance(made.constant, str):
        word = "callback" if role is Role.CALLBACK else "logger"
        return file.finding(
            rule,
            node,
            f"{name}= is given a string, not a {word}",
            reason=_of_string(made.constant, role),
        )
    wrong = "a function" if _is_plain_function(file, node) else _what(made, role)
    if wrong is None:
        return None
    return file.finding(
        rule, node, f"{name}= is given {wrong}", reason=f"pass a {role.value} object"
    )


def _of_string(value: str, role: Role) -> str:
    known = {
        "wandb": "WandbLogger()",
        "csv": 'CSVLogger("logs")',
        "comet": "CometLogger()",
        "tensorboard": 'TensorBoardLogger("logs")',
        "mlflow": "MLFlowLogger()",
        "early_stopping": 'EarlyStopping(monitor="val_loss")',
        "checkpoint": "ModelCheckpoint()",
        "model_checkpoint": "ModelCheckpoint()",
        "lr_monitor": "LearningRateMonitor()",
    }
    guess = known.get(value.lower())
    return f"pass an object, such as {guess}" if guess else f"pass a {role.value} object"


def _is_plain_function(file: File, node: ast.expr) -> bool:
    """Whether a name is a function; what a decorator makes of one may be anything."""
    meanings = file.meanings(node)
    found = [m.node for m in meanings if isinstance(m, Defined)]
    return bool(found) and all(
        isinstance(n, ast.FunctionDef) and not n.decorator_list for n in found
    )


def _what(made: Type, role: Role) -> str | None:
    """What an object is that certainly is no callback, or no logger."""
    others = (*_WRONG, Role.LOGGER if role is Role.CALLBACK else Role.CALLBACK)
    if any(made.kind == r.value for r in others) and (made.cls is None or not made.cls.has(role)):
        return f"a {made.kind}"
    return None
