"""DDP meets parameters without gradients, which it does not look for by default.

What it does
    Follows the module in `trainer.fit(…)` to its class where the Trainer has `strategy="ddp"` or
    one of its kind, and tells where the class makes layers that no method of it uses, or steps
    several optimizers by hand, each of which leaves the others' parameters without gradients.

Why
    Until 1.9 `find_unused_parameters` was on by default. Since 2.0 it is off: `RuntimeError:
    Expected to have finished reduction in the prior iteration`, in the second batch.

Example
    ```python
    trainer = Trainer(strategy="ddp", devices=2)
    ```
    becomes
    ```python
    trainer = Trainer(strategy="ddp_find_unused_parameters_true", devices=2)
    ```

Fix safety
    Unsafe: a method that cannot be seen may use the layer.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16611
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._behaviour_uses import made_by, model_of, stage_calls
from ._optimizers import count
from ._telling import Repair, tell
from ._trainer_remedy import value_of
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_STRATEGIES = ("ddp", "ddp_spawn", "ddp_fork", "ddp_notebook")
_LAYERS = re.compile(
    r"torch\.nn\.(Linear|Bilinear|LazyLinear|Conv\w+|Embedding\w*|\w*Norm\w*|LSTM|GRU|RNN|Parameter"
    r"|Transformer\w*|MultiheadAttention|PReLU)"
)
#: These reach every layer without its name.
_SWEEPING = ("children", "modules", "getattr", "_modules", "named_children")


@rule("LF907", triggers=_STRATEGIES, context=(".fit",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``strategy=``."""
    del settings
    told: set[ast.AST] = set()
    for call in stage_calls(file, frozenset({"fit"})):
        made, cls = made_by(file, call), model_of(file, call)
        if made is None or cls is None or made.node in told:
            continue
        strategy = value_of(made, "strategy")
        if strategy not in _STRATEGIES or made.get("strategy") is None:
            continue
        why = _without_gradients(cls)
        if not why:
            continue
        told.add(made.node)
        message = (
            f'{cls.name} {why}, and "{strategy}" does not look for unused parameters since 2.0'
        )
        text = f'"{strategy}_find_unused_parameters_true"'
        changes = {"strategy": [("strategy", text)]}
        doubts = ["it costs some time in each batch; what uses the layer may be out of sight"]
        yield tell(rule, made, "strategy", message, Repair(changes, doubts=doubts))


def _without_gradients(cls: Class) -> str:
    unused = sorted(_unused(cls))
    if unused:
        return f"does not use self.{unused[0]}"
    if _is_manual(cls) and (count(cls) or 0) > 1:
        return "steps several optimizers one after the other"
    return ""


def _is_manual(cls: Class) -> bool:
    return any(
        literal(value) is False
        for _, _, value, _ in cls.self_assignments("automatic_optimization")
        if value is not None
    )


def _unused(cls: Class) -> Iterator[str]:
    """Layers of the class's own constructor that nothing names again."""
    init = cls.methods.get("__init__")
    if init is None or cls.unknown_bases:
        return
    texts = [owner.file.text(owner.node) for owner in cls.mro]
    if any(word in text for text in texts for word in _SWEEPING):
        return
    for statement in init.body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.value, ast.Call):
            continue
        target = statement.targets[0]
        made = cls.file.canonical(statement.value.func) or ""
        if not isinstance(target, ast.Attribute) or not _LAYERS.fullmatch(made):
            continue
        named = re.compile(rf"\b{target.attr}\b")
        if sum(len(named.findall(text)) for text in texts) > 1:
            continue
        word = f".{target.attr}".encode()
        others = cls.file.project.holding(word, cls.file.path)
        if all(other is cls.file for other in others) and not cls.file.project.heirs(cls):
            yield target.attr
