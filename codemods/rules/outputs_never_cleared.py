"""A list that a step fills is read when the epoch ends, and never emptied.

What it does
    Finds attributes of a module that its steps append to, that the hook at the end of the epoch
    reads, and that nothing empties, and clears them there.

Why
    The upgrade from `validation_epoch_end(outputs)` to a list of one's own forgets this most often.
    The second epoch then averages over the first one as well, the batches of the sanity check
    among them, and the memory grows until the end of the run.

Example
    ```python
    def on_validation_epoch_end(self):
        self.log("val_loss", torch.stack(self.validation_step_outputs).mean())
    ```
    becomes
    ```python
    def on_validation_epoch_end(self):
        self.log("val_loss", torch.stack(self.validation_step_outputs).mean())
        self.validation_step_outputs.clear()
    ```

Fix safety
    Unsafe: what is logged changes from the second epoch on, and all epochs may be meant. Told where
    the hook returns early. A list that anything else empties, replaces or reads is left alone.

References
    https://lightning.ai/docs/pytorch/2.6.1/upgrade/from_1_9.html
    https://github.com/Lightning-AI/pytorch-lightning/pull/16520
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..engine.statements import insert_after
from ..engine.values import own_nodes
from ..model import Fix, Safety, Severity
from ._epoch_end import STAGES
from ._hook_owner import name_span, owners_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_DOUBT = "the values of all epochs, if they are meant, are gone then"
#: What may be done to a list that leaves it as long as it was.
_HARMLESS = ("append", "extend", "count", "index", "copy", "__len__")
#: Functions that only look at a list.
_PURE = ("len", "sum", "min", "max", "sorted", "enumerate", "zip", "list", "float", "any", "all")


@rule("LF216", triggers=(".append(", ".extend("), context=("_epoch_end",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the hooks."""
    del settings
    for cls in file.classes:
        if owners_of(cls) != [Role.MODULE]:
            continue
        for stage in STAGES:
            step, hook = cls.methods.get(stage.step), cls.methods.get(stage.hook)
            if step is None or hook is None:
                continue
            for name in _filled(step):
                if _is_read(hook, name) and _is_own_list(cls, name, (step, hook)):
                    yield _finding(rule, file, hook, name)


def _finding(rule: Rule, file: File, hook: Function, name: str) -> Finding:
    own = self_name(hook) or "self"
    message = f"{own}.{name} is read here and never emptied, so that it holds all epochs"
    place = name_span(file, hook)
    leaves = any(isinstance(node, ast.Return) for node in own_nodes(hook))
    edit = insert_after(file, hook.body[-1], f"{own}.{name}.clear()")
    if leaves or edit is None:
        way_out = f"call {own}.{name}.clear() before the hook is left"
        return file.finding(rule, place, message, reason=way_out, severity=Severity.WARNING)
    fix = Fix("clear it", (edit,), Safety.UNSAFE)
    return file.finding(rule, place, message, fix=fix, reason=_DOUBT, severity=Severity.WARNING)


def _filled(step: Function) -> Iterator[str]:
    """The attributes of the module that a step appends to."""
    seen: set[str] = set()
    for node in own_nodes(step):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        held = node.func.value
        if node.func.attr in ("append", "extend") and _is_own(held, step):
            assert isinstance(held, ast.Attribute)
            if held.attr not in seen:
                seen.add(held.attr)
                yield held.attr


def _is_own(node: ast.AST, function: Function) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == self_name(function)
    )


def _is_read(hook: Function, name: str) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr == name and _is_own(node, hook)
        for node in own_nodes(hook)
    )


def _is_own_list(cls: Class, name: str, users: tuple[Function, Function]) -> bool:
    """Whether a list is made once, in ``__init__``, and used by the step and the hook alone."""
    init = cls.methods.get("__init__")
    family = [*cls.mro, *cls.file.project.heirs(cls)]
    made = [(s, v) for c in family for _, s, v, _ in c.self_assignments(name)]
    if init is None or len({id(s) for s, _ in made}) != 1 or len(family) != 1:
        return False
    statement, value = made[0]
    empty = isinstance(value, ast.List) and not value.elts
    if not empty or all(node is not statement for node in ast.walk(init)):
        return False
    inside = {id(n) for user in (*users, init) for n in ast.walk(user)}
    uses = [n for n in cls.file.tree.all(ast.Attribute) if _named(n, name)]
    if any(id(node) not in inside or not _keeps(cls.file, node) for node in uses):
        return False
    word = f".{name}".encode()
    return not any(file is not cls.file for file in cls.file.project.holding(word, cls.file.path))


def _named(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == name


def _keeps(file: File, node: ast.AST) -> bool:
    """Whether a use leaves the list as it is, or longer."""
    outer = file.tree.parents.get(node)
    if isinstance(outer, ast.Attribute):
        return outer.attr in _HARMLESS
    if isinstance(outer, ast.Call):
        plain = outer.func.id if isinstance(outer.func, ast.Name) else ""
        name = file.canonical(outer.func) or plain
        return name in _PURE or name.startswith(("torch.", "numpy."))
    if isinstance(outer, (ast.Assign, ast.AnnAssign)):
        return outer.value is not node
    if isinstance(outer, ast.Subscript):
        return isinstance(outer.ctx, ast.Load)
    return isinstance(outer, (ast.comprehension, ast.For, ast.UnaryOp, ast.If, ast.Compare))
