"""An attribute or method of a Lightning object has another name today.

What it does
    Finds attributes and methods of Trainers, modules, datamodules, callbacks, strategies and
    loggers that were renamed or moved to another object, and writes today's. What the object is
    comes from its assignment, its annotation, `self.trainer`, or from what Lightning hands to a
    hook.

Why
    The attribute raises `AttributeError`, often only at the end of an epoch. On a LightningModule
    the message is torch's, which says nothing about Lightning.

Example
    ```python
    class Net(pl.LightningModule):
        def validation_step(self, batch, batch_idx):
            if not self.trainer.running_sanity_check:
                self.log("size", len(self.datamodule.labels))
    ```
    becomes
    ```python
    class Net(pl.LightningModule):
        def validation_step(self, batch, batch_idx):
            if not self.trainer.sanity_checking:
                self.log("size", len(self.trainer.datamodule.labels))
    ```

Fix safety
    Safe where the new form gives the same. Unsafe where it differs in something that the finding
    names, and for protected attributes. Names that a class of the project defines itself are left
    alone, and so is code that asks with `hasattr` first.

References
    lightning/pytorch/trainer/trainer.py and core/module.py, 1.0.8 to 2.6.6
    https://lightning.ai/docs/pytorch/stable/upgrade/migration_guide.html
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.rule import rule
from ..lightning.changes.index import members
from ..lightning.changes.row import NEVER, Level
from ..model import Fix, Safety, Severity
from ._members import AROUND, uses
from ._templates import NAME, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..lightning.changes.row import Member
    from ..model import Finding
    from ._members import Use

_ROWS = {name: rows for name, rows in members().items() if any(row.new for row in rows)}
_PLAIN = re.compile(r"\{0\}\.\w+")
#: Templates that bind weaker than an attribute access or a call around them.
_OPEN = re.compile(r"\bnot \b| in \(| and ")


@rule("LF601", triggers=tuple(sorted(_ROWS)), context=AROUND)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at attributes, or at the calls of methods."""
    for use in uses(file, _ROWS):
        meant = use.meant(_ROWS[use.name])
        row = meant[0] if len(meant) == 1 else None
        if row is None or not row.new or row.level(settings.target) is Level.FINE:
            continue
        if _goes_with_its_member(file, use, row):
            continue
        node = _replaced(file, use, row)
        is_gone = row.level(settings.target) is Level.GONE
        what = f"{row.owner.rpartition('.')[2]}.{row.old}"
        release = row.removed if is_gone else row.deprecated
        yield file.finding(
            rule,
            use.node if node is None else node,
            f"{what} is {'gone' if is_gone else 'deprecated'} since Lightning {release}; "
            f"it is {_shown(row, file.text(use.node.value))}",
            fix=None if node is None else _fix(file, use, node, row),
            reason=_reason(use, row, is_fixed=node is not None),
            severity=Severity.ERROR if is_gone and not use.guessed else Severity.WARNING,
        )


def _reason(use: Use, row: Member, *, is_fixed: bool) -> str | None:
    reasons = [row.doubt, use.doubt]
    known = "; ".join(r for r in reasons if r)
    return known or (None if is_fixed else "write it by hand here")


def _goes_with_its_member(file: File, use: Use, row: Member) -> bool:
    """Whether the attribute behind this one has a row of its own, which replaces both."""
    outer = file.tree.parents.get(use.node)
    if not isinstance(outer, ast.Attribute) or outer.attr not in members() or not row.doubt:
        return False
    return any(r.owner.endswith("Connector") for r in members()[outer.attr])


def _replaced(file: File, use: Use, row: Member) -> ast.expr | None:
    """The expression that the new form takes the place of; None where it cannot."""
    if "{1}" in row.new and not isinstance(use.node.value, ast.Attribute):
        return None
    if not row.old.endswith("()"):
        return use.node if use.is_read or row.only_set or _PLAIN.fullmatch(row.new) else None
    call = file.tree.parents.get(use.node)
    return call if isinstance(call, ast.Call) and call.func is use.node else None


def _fix(file: File, use: Use, node: ast.expr, row: Member) -> Fix:
    template, value = row.new, use.node.value
    other = _other(file, node) if template == NEVER else None
    if other is not None:
        edit = file.replace(file.tree.parents[node], file.text(other))
        return Fix("leave it away", (edit,), Safety.UNSAFE if use.guessed else Safety.SAFE)
    if isinstance(value, ast.Attribute):
        template = template.replace("{1}", file.text(value.value))
    filled = fill(file, node, template, _object(file, value, template))
    text = filled.text
    if _OPEN.search(row.new) and not _stands_free(file, node):
        text = f"({text})"
    return Fix(
        f"write {text}",
        (file.replace(node, text),),
        Safety.UNSAFE if row.doubt or use.guessed else Safety.SAFE,
        needs=filled.needs,
    )


def _object(file: File, value: ast.expr, template: str) -> str:
    """The object that a member is asked of; ``super()`` stands for it only before a dot."""
    is_super = isinstance(value, ast.Call) and file.canonical(value.func) == "super"
    function = file.tree.enclosing_function(value)
    own = self_name(function) if is_super and function is not None else None
    is_passed = re.search(r"\{0\}(?!\.)", template) is not None
    return own if own is not None and is_passed else file.text(value)


def _other(file: File, node: ast.expr) -> ast.expr | None:
    """The one operand that is left of an ``or`` without a node, if it can stand alone."""
    parent = file.tree.parents[node]
    if not isinstance(parent, ast.BoolOp) or not isinstance(parent.op, ast.Or):
        return None
    others = [value for value in parent.values if value is not node]
    if len(others) != 1 or not isinstance(others[0], (ast.Attribute, ast.Call, ast.Name)):
        return None
    return None if "\n" in file.text(parent) else others[0]


def _stands_free(file: File, node: ast.expr) -> bool:
    """Whether nothing beside the expression could bind to a part of it."""
    parent = file.tree.parents.get(node)
    return isinstance(parent, (ast.Assign, ast.Return, ast.If, ast.keyword, ast.Assert, ast.While))


def _shown(row: Member, value: str) -> str:
    text = NAME.sub(lambda m: m.group(1).rpartition(".")[2], row.new)
    text = text.replace("{0}", value).replace("{1}", value.rpartition(".")[0] or "trainer")
    return text.replace("{args}", "…")
