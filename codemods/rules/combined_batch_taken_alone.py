"""A `CombinedLoader` is read as if it gave batches, and gives three things.

What it does
    Finds `next(iter(loader))` and `for batch in loader` over a `CombinedLoader`, and
    `next(dataloader_iter)` in a step, where the three are not told apart.

Why
    Since 2.1 each item is `(batch, batch_idx, dataloader_idx)`: what takes it for the batch fails,
    or trains on the numbers.

Example
    ```python
    batch = next(iter(CombinedLoader(loaders)))
    ```
    becomes
    ```python
    batch, _, _ = next(iter(CombinedLoader(loaders)))
    ```

Fix safety
    Unsafe: a function that the item is given to may know of the three. Told where the item is used
    in place.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18390
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Fix, Safety
from ._variables import literal, loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_COMBINED = "lightning.pytorch.utilities.CombinedLoader"
_MESSAGE = "it gives the batch, its number and the loader's number, since 2.1"
_REASON = "take the batch out of it: batch, batch_idx, dataloader_idx = …"


@rule("LF912", triggers=("CombinedLoader", "dataloader_iter"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls of ``next`` and at loops."""
    if minor(settings.target) < (2, 1):
        return
    for call in file.tree.calls:
        if file.canonical(call.func) == "next" and call.args and _is_iterator(file, call.args[0]):
            parent = file.tree.parents[call]
            target = parent.targets[0] if isinstance(parent, ast.Assign) else None
            if isinstance(parent, ast.Subscript) or isinstance(target, (ast.Tuple, ast.List)):
                continue
            yield from _finding(rule, file, call, target)
    for loop in file.tree.all(ast.For):
        assert isinstance(loop, ast.For)
        apart = isinstance(loop.target, (ast.Tuple, ast.List))
        if not apart and _is_combined(file, loop.iter):
            yield from _finding(rule, file, loop.iter, loop.target)


def _finding(rule: Rule, file: File, node: ast.expr, target: ast.expr | None) -> Iterator[Finding]:
    if not isinstance(target, ast.Name):
        yield file.finding(rule, node, _MESSAGE, reason=_REASON)
        return
    found = file.tree.scope_of(target).find(target.id)
    if found is None or any(_is_taken_apart(file, u) for u in loads(file, found[0], target.id)):
        return
    edit = file.replace(target, f"{target.id}, _, _")
    fix = Fix("take the batch out", (edit,), Safety.UNSAFE)
    yield file.finding(rule, node, _MESSAGE, fix=fix, reason="if what it goes to takes a batch")


def _is_taken_apart(file: File, use: ast.Name) -> bool:
    """Whether an item is treated as the three: unpacked to as many, or indexed."""
    parent = file.tree.parents[use]
    if isinstance(parent, ast.Assign):
        target = parent.targets[0]
        return isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == 3  # noqa: PLR2004
    if isinstance(parent, ast.Subscript):
        return type(literal(parent.slice)) is int
    return isinstance(parent, ast.Starred)


def _is_iterator(file: File, node: ast.expr) -> bool:
    if isinstance(node, ast.Name) and node.id == "dataloader_iter":
        cls = file.class_of(node)
        return cls is not None and cls.has(Role.MODULE)
    value = file.assigned(node) if isinstance(node, ast.Name) else node
    if not isinstance(value, ast.Call) or file.canonical(value.func) != "iter" or not value.args:
        return False
    return _is_combined(file, value.args[0])


def _is_combined(file: File, node: ast.expr) -> bool:
    value = file.assigned(node) if isinstance(node, ast.Name) else node
    return isinstance(value, ast.Call) and file.canonical(value.func) == _COMBINED
