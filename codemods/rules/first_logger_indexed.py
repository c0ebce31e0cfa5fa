"""One of several loggers is taken from `logger`, which is the first one alone.

What it does
    Finds `self.logger.experiment[1]`, `self.logger[1]` and `for … in self.logger` (comprehensions
    and `enumerate` too) on modules and Trainers, and writes `loggers`. So it does with what goes
    with them: a test for `LoggerCollection` asks for the number of loggers,
    `LoggerCollection([a, b])` becomes the list.

Why
    Until 1.7 several loggers were one collection under `logger`. Since 1.8 `logger` is the first of
    them, and all are in `loggers`: the index goes into the first logger's own experiment, and
    raises `TypeError`. The class of the collection is gone: its import raises `ImportError`.

Example
    ```python
    if isinstance(trainer.logger, LoggerCollection):
        for logger in trainer.logger:
            logger.log_hyperparams(values)
    ```
    becomes
    ```python
    if len(trainer.loggers) > 1:
        for logger in trainer.loggers:
            logger.log_hyperparams(values)
    ```

Fix safety
    Safe: no logger of Lightning's has an experiment with numbers as keys. Unsafe where the same
    function asks for another class of the logger too, because `logger` was none of those while it
    was a collection, and is one now that it is the first logger.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/14283
    pytorch_lightning/loggers/base.py (1.5.10), `LoggerCollection`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.lineage import inherits
from ..lightning.objects import CLASSES, MODULE, TRAINER
from ..model import Fix, Safety
from ._members import uses
from ._trainer_calls import trainer_calls
from ._variables import literal, loads, used_in_other_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._members import Use


_COLLECTIONS = tuple(f"lightning.pytorch.loggers{home}.LoggerCollection" for home in ("", ".base"))
_MEMBER = "_logger_iterable"
_WALKERS = frozenset({"list", "tuple", "enumerate", "iter", "zip", "map", "any", "all"})
_FIRST = "logger is the first logger alone since Lightning 1.8; all are in loggers"
_GONE = "LoggerCollection is gone since Lightning 1.8"
_DOUBT = "logger is the first of several now, which another test of its class may meet"


@rule("LF904", triggers=(".logger", "LoggerCollection"), context=("lightning", "rainer"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at uses of ``logger``, and at collections that are made."""
    del settings
    for use in uses(file, ("logger",)):
        if use.guessed or not use.is_read:
            continue
        if not _is(use, TRAINER) and not _is(use, MODULE):
            continue
        test = _test(file, use.node)
        # A module's own list is typed as one of Fabric's loggers, which have no folder.
        far = _is(use, MODULE) and _asks_for_folder(file)
        found = _spread(file, use.node, ".trainer" * far) if test is None else None
        if found is not None:
            node, text = found
            fix = Fix(f"write {text}", (file.replace(node, text),))
            yield file.finding(rule, node, _FIRST, fix=fix)
        if test is not None:
            text = f"len({file.text(use.node.value)}.loggers) > 1"
            text = f"({text})" if isinstance(file.tree.parents[test], ast.Compare) else text
            others = _is_tested_otherwise(file, use.node, test)
            safety = Safety.UNSAFE if others else Safety.SAFE
            edits = (file.replace(test, text),)
            fix = Fix(f"write {text}", edits, safety, drops=_COLLECTIONS)
            yield file.finding(rule, test, _GONE, fix=fix, reason=_DOUBT if others else None)
    for call in file.tree.calls:
        if file.canonical(call.func) in _COLLECTIONS and _is_for_trainer(file, call):
            edits = (file.replace(call, file.text(call.args[0])),)
            yield file.finding(
                rule, call, _GONE, fix=Fix("hand over the list", edits, drops=_COLLECTIONS)
            )


def _is(use: Use, kind: str) -> bool:
    return any(inherits(owner, CLASSES[kind]) for owner in use.owners)


def _asks_for_folder(file: File) -> bool:
    """Whether a file reads ``logger[1].save_dir``."""
    return any(
        node.attr == "save_dir"
        and isinstance(node.value, ast.Subscript)
        and isinstance(node.value.value, ast.Attribute)
        and node.value.value.attr in ("logger", "loggers")
        for node in file.tree.all(ast.Attribute)
        if isinstance(node, ast.Attribute)
    )


def _test(file: File, node: ast.Attribute) -> ast.Call | None:
    """The ``isinstance`` that asks whether a logger is a collection."""
    call = file.tree.parents[node]
    if not isinstance(call, ast.Call) or file.canonical(call.func) != "isinstance":
        return None
    if len(call.args) != 2 or call.args[0] is not node:  # noqa: PLR2004
        return None
    return call if file.canonical(call.args[1]) in _COLLECTIONS else None


def _is_tested_otherwise(file: File, node: ast.Attribute, test: ast.Call) -> bool:
    """Whether the function asks for another class of the same logger."""
    around = file.tree.enclosing_function(node) or file.tree.module
    return any(
        isinstance(n, ast.Call)
        and n is not test
        and n.args
        and file.canonical(n.func) == "isinstance"
        and ast.dump(n.args[0]) == ast.dump(node)
        and (len(n.args) < 2 or file.canonical(n.args[1]) not in _COLLECTIONS)  # noqa: PLR2004
        for n in ast.walk(around)
    )


def _is_for_trainer(file: File, call: ast.Call) -> bool:
    """Whether a collection is made of a list, for a Trainer alone."""
    if len(call.args) != 1 or call.keywords or isinstance(call.args[0], ast.Starred):
        return False
    uses: list[ast.expr] = [call]
    statement = file.tree.parents[call]
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0]
        found = file.tree.scope_of(name).find(name.id)
        if found is None or len(statement.targets) > 1 or file.assigned(name) is not call:
            return False
        uses = list(loads(file, found[0], name.id))
        if found[0].is_module and used_in_other_files(file, name.id):
            return False
    parents = [file.tree.parents[use] for use in uses]
    given = [t.node for t in trainer_calls(file)]
    return all(
        isinstance(p, ast.keyword) and p.arg == "logger" and file.tree.parents[p] in given
        for p in parents
    )


def _spread(file: File, node: ast.Attribute, by: str) -> tuple[ast.AST, str] | None:
    """The expression to replace, and its new text."""
    every = f"{file.text(node.value)}{by}.loggers"
    parent = file.tree.parents[node]
    if isinstance(parent, ast.Attribute) and parent.attr == _MEMBER:
        return parent, every
    if _is_gone_through(file, node):
        return node, every
    if isinstance(parent, ast.Subscript) and parent.value is node and _is_number(parent):
        return parent, f"{every}[{file.text(parent.slice)}]"
    above = file.tree.parents[parent]
    if not isinstance(parent, ast.Attribute) or parent.attr != "experiment":
        return None
    if isinstance(above, ast.Subscript) and above.value is parent and _is_number(above):
        return above, f"{every}[{file.text(above.slice)}].experiment"
    return None


def _is_gone_through(file: File, node: ast.Attribute) -> bool:
    """Whether all loggers are meant: by a loop, or by what goes through its argument."""
    held: ast.AST = node
    parent = file.tree.parents[held]
    if isinstance(parent, ast.BoolOp) and isinstance(parent.op, ast.Or):
        if parent.values[0] is not node or file.text(parent.values[-1]) not in ("[]", "()"):
            return False
        held, parent = parent, file.tree.parents[parent]
    if isinstance(parent, (ast.For, ast.comprehension)):
        return parent.iter is held
    if not isinstance(parent, ast.Call) or held not in parent.args:
        return False
    return file.canonical(parent.func) in _WALKERS


def _is_number(node: ast.Subscript) -> bool:
    return type(literal(node.slice)) is int and isinstance(node.ctx, ast.Load)
