"""A step that draws its batches from `dataloader_iter` still expects the index beside it.

What it does
    Finds `training_step`, `validation_step`, `test_step` and `predict_step` whose first parameter
    is `dataloader_iter` and that take `batch_idx` too, and takes the index from `next(…)`.

Why
    Since 2.1 such a step is given the iterator alone, and the iterator gives a batch, its index and
    the index of its loader. The old form is a `TypeError` in the first batch.

Example
    ```python
    def training_step(self, dataloader_iter, batch_idx):
        batch = next(dataloader_iter)
    ```
    becomes
    ```python
    def training_step(self, dataloader_iter):
        batch, batch_idx, dataloader_idx = next(dataloader_iter)
    ```

Fix safety
    Safe where the step draws one batch in a statement of its own. Told where it draws several, or
    reads the index before it draws.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18390
    lightning/pytorch/loops/fetchers.py (2.6.6), `_DataLoaderIterDataFetcher`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rewrite import names_used, rewrite_parameters
from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Edit, Fix, Span
from ._hook_owner import is_plain_method, name_span, owners_of
from ._hook_shape import STEPS, shape_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_SINCE = (2, 1)
_ITERATOR = "dataloader_iter"
#: The index of the batch, and that of its loader.
_MOST = 2


@rule("LF207", triggers=(_ITERATOR,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the steps."""
    if minor(settings.target) < _SINCE:
        return
    for cls in file.classes:
        if owners_of(cls) != [Role.MODULE]:
            continue
        for function in cls.methods.values():
            shape = shape_of(function)
            if function.name not in STEPS or shape is None or not is_plain_method(function):
                continue
            if shape.names[:1] != (_ITERATOR,) or shape.required <= 1:
                continue
            place = name_span(file, function)
            message = f"{function.name} with {_ITERATOR} is given nothing else since 2.1"
            edits = _edits(file, function, shape.names[1:])
            if edits is None:
                way_out = f"write `batch, batch_idx, dataloader_idx = next({_ITERATOR})`"
                yield file.finding(rule, place, message, reason=way_out)
            else:
                fix = Fix(f"take the index from next({_ITERATOR})", tuple(edits))
                yield file.finding(rule, place, message, fix=fix)


def _edits(file: File, function: Function, indices: tuple[str, ...]) -> list[Edit] | None:
    draws = [n for n in ast.walk(function) if isinstance(n, ast.Call) and _draws(n)]
    uses = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == _ITERATOR]
    if len(draws) != 1 or len(uses) != 1 or len(indices) > _MOST:
        return None
    statement = file.tree.statement(draws[0])
    if not isinstance(statement, ast.Assign) or statement.value is not draws[0]:
        return None
    if len(statement.targets) != 1 or statement not in function.body:
        return None
    if any(_is_before(n, statement) for n in ast.walk(function) if _names(n, indices)):
        return None
    target = statement.targets[0]
    span, text = file.span(target), file.text(target)
    if isinstance(target, (ast.Tuple, ast.List)) and not text.startswith(("(", "[")):
        text = f"({text})"
    names = list(indices)
    for name in ("batch_idx", "dataloader_idx")[len(names) :]:
        names.append(name if name not in names_used(function) else "_")
    drawn = Edit(Span(span.start, span.end), ", ".join([text, *names]))
    return [*rewrite_parameters(file, function, [0, 1]), drawn]


def _draws(call: ast.Call) -> bool:
    return (
        isinstance(call.func, ast.Name)
        and call.func.id == "next"
        and len(call.args) == 1
        and isinstance(call.args[0], ast.Name)
        and call.args[0].id == _ITERATOR
    )


def _names(node: ast.AST, names: tuple[str, ...]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _is_before(node: ast.AST, statement: ast.stmt) -> bool:
    return isinstance(node, ast.Name) and node.lineno <= statement.lineno
