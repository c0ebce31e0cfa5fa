"""The Trainer's loaders and numbers of batches are read in a form that another release gave.

What it does
    Finds `trainer.val_dataloaders[0]` where a single loader is provided, `trainer.train_dataloader`
    with `.loaders` behind it, and arithmetic with `trainer.num_val_batches` and its like.

Why
    Since 2.0 the Trainer gives back exactly what it was given, where it made lists and wrappers of
    it: a `DataLoader` cannot be indexed, and has no `loaders`. The numbers of batches are lists,
    one number for each loader; only 2.0 had them as one number.

Example
    ```python
    data = self.trainer.val_dataloaders[0].dataset
    share = done / self.trainer.num_val_batches
    ```
    becomes
    ```python
    data = self.trainer.val_dataloaders.dataset
    share = done / sum(self.trainer.num_val_batches)
    ```

Fix safety
    Safe for arithmetic, for `.loaders`, and where the module itself returns a single loader. Unsafe
    where other classes of the project do. Told where nobody tells what is provided.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16726
    https://github.com/Lightning-AI/pytorch-lightning/pull/18441
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely, may_be
from ..engine.rule import rule
from ..engine.values import returned
from ..lightning.lineage import inherits
from ..lightning.objects import CLASSES, TRAINER
from ..model import Fix, Safety
from ._members import uses
from ._variables import literal, loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_LISTS = {"val_dataloaders": "val", "test_dataloaders": "test", "predict_dataloaders": "predict"}
_NUMBERS = frozenset({"num_val_batches", "num_test_batches", "num_sanity_val_batches"})
_NAMES = frozenset({*_LISTS, *_NUMBERS, "train_dataloader"})
_ARITHMETIC = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_ASK = (
    "it is what the Trainer was given: without [0] for a single loader, with it for a list of them"
)


@rule("LF901", triggers=tuple(sorted(_NAMES)), context=("lightning", "rainer"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at attributes."""
    del settings
    for use in uses(file, _NAMES):
        if not use.is_read or not any(inherits(o, CLASSES[TRAINER]) for o in use.owners):
            continue
        if use.name in _LISTS:
            yield from _indexed(rule, file, use.node, _LISTS[use.name])
        elif use.name in _NUMBERS:
            yield from _counted(rule, file, use.node)
        else:
            yield from _wrapped(rule, file, use.node)


def _indexed(rule: Rule, file: File, node: ast.Attribute, stage: str) -> Iterator[Finding]:
    parent = file.tree.parents[node]
    if not isinstance(parent, ast.Subscript) or parent.value is not node:
        return
    if literal(parent.slice) != 0 or not isinstance(parent.ctx, ast.Load):
        return
    own, others = _provided(file, node, f"{stage}_dataloader")
    if "many" in own or (not own and "many" in others):
        return
    message = f"trainer.{node.attr} is the very object that was provided, no list, since 2.0"
    if not own and others != {"one"}:
        yield file.finding(rule, parent, message, reason=_ASK)
        return
    yield file.finding(
        rule,
        parent,
        message,
        fix=Fix(
            "leave the index away",
            (file.replace(parent, file.text(node)),),
            Safety.SAFE if own else Safety.UNSAFE,
        ),
        reason=None if own else f"the project's {stage}_dataloader gives a single loader; {_ASK}",
    )


def _provided(file: File, node: ast.AST, hook: str) -> tuple[set[str], set[str]]:
    """What the class around a node, and what all classes of the project, give as loaders."""
    cls = file.class_of(node)
    method = cls.method(hook) if cls is not None and cls.has(Role.MODULE) else None
    own = {_kind(method[0].file, method[1])} if method else set()
    others: set[str] = set()
    for home in dict.fromkeys([file, *file.project.holding(hook.encode(), file.path)]):
        others |= {_kind(home, function) for _, function in home.tree.methods(hook)}
        for call, _ in home.tree.method_calls("fit", "validate"):
            others |= {"many" for k in call.keywords if isinstance(k.value, ast.List)}
    return own - {"?"}, others


def _kind(file: File, function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    types = returned(file, function)
    if is_surely(types, Role.LOADER.value):
        return "one"
    if may_be(types, "list") or may_be(types, "tuple") or may_be(types, "dict"):
        return "many"
    return "?"


def _wrapped(rule: Rule, file: File, node: ast.Attribute) -> Iterator[Finding]:
    parent = file.tree.parents[node]
    if not isinstance(parent, ast.Attribute):
        return
    message = "trainer.train_dataloader is the very object that was provided, since 2.0"
    combined = b"CombinedLoader" in file.source.data or file.project.holding(
        b"CombinedLoader", file.path
    )
    if parent.attr == "loaders":
        fix = Fix("leave .loaders away", (file.replace(parent, file.text(node)),))
        if combined:
            reason = "of a CombinedLoader the loaders are .iterables"
            yield file.finding(rule, parent, message, reason=reason)
        else:
            yield file.finding(rule, parent, message, fix=fix)
    above = file.tree.parents[parent]
    if parent.attr == "dataset" and isinstance(above, ast.Attribute) and above.attr == "datasets":
        edit = file.replace(above, file.text(parent))
        fix = Fix("leave .datasets away", (edit,), Safety.UNSAFE)
        reason = "a ConcatDataset has datasets of its own"
        yield file.finding(rule, above, message, fix=fix, reason=reason)


def _counted(rule: Rule, file: File, node: ast.Attribute) -> Iterator[Finding]:
    if not _is_number(file, node):
        return
    yield file.finding(
        rule,
        node,
        f"trainer.{node.attr} is a list with a number for each loader",
        fix=Fix("add them up", (file.replace(node, f"sum({file.text(node)})"),)),
    )


def _is_number(file: File, node: ast.expr) -> bool:
    """Whether an expression is used as only a number can be, there or through its variable."""
    parent = file.tree.parents[node]
    if isinstance(parent, ast.BinOp):
        other = parent.right if parent.left is node else parent.left
        plain = isinstance(literal(other), (int, float))
        return isinstance(parent.op, _ARITHMETIC) or (isinstance(parent.op, ast.Add) and plain)
    if isinstance(parent, ast.Compare):
        sides = [parent.left, *parent.comparators]
        return any(isinstance(literal(s), (int, float)) for s in sides if s is not node)
    if isinstance(parent, ast.Call):
        return file.canonical(parent.func) in ("range", "int", "float") and node in parent.args
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
        found = file.tree.scope_of(node).find(target.id) if isinstance(target, ast.Name) else None
        if found is None or not isinstance(target, ast.Name) or len(found[1]) > 1:
            return False
        read = loads(file, found[0], target.id)
        return bool(read) and all(_is_number(file, use) for use in read)
    return False
