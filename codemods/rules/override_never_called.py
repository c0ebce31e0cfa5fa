"""A method of a plugin, strategy, logger or environment that Lightning calls no more by that name.

What it does
    Finds overrides in subclasses of Lightning's precision plugins, strategies, accelerators,
    cluster environments and loggers whose method was renamed (`Logger.close`,
    `ClusterEnvironment.creates_children`, `Accelerator.setup_environment`) or went away
    (`Strategy.post_dispatch`, `Precision.dispatch`), and makes them what is called today.

Why
    Lightning calls the methods of these classes by name. An override of one that is gone is never
    reached: files stay open, states are not saved, the address of the cluster is the default.

Example
    ```python
    class TextLogger(Logger):
        def close(self):
            self.file.close()
    ```
    becomes
    ```python
    class TextLogger(Logger):
        def finalize(self, status):
            self.file.close()
    ```

Fix safety
    Safe where the new method is called when the old one was. Unsafe where that differs, which the
    finding says: `teardown` also runs after a failure. Told where the project calls the method
    itself, the class has both, or the body uses what is no longer passed. A method that today only
    warns is a warning.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/11978
    https://github.com/Lightning-AI/pytorch-lightning/pull/13461
    lightning/pytorch/strategies/strategy.py, plugins/precision/precision.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from ..engine.rewrite import names_used, rewrite_expression, rewrite_parameters
from ..engine.rule import rule
from ..engine.statements import insert_after, insert_before
from ..engine.values import own_nodes
from ..lightning.changes.row import minor
from ..lightning.overrides import Override, overrides
from ..model import Fix, Safety, Severity
from ._hook_body import insert_first
from ._hook_calls import without_arguments
from ._hook_owner import extensions_of, is_plain_method, name_span
from ._hook_planner import is_read
from ._hook_removed import callers, calls_parent, is_super
from ._hook_shape import shape_of
from ._hook_state import as_load_state_dict, as_state_dict, renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Edit, Finding


#: One of these is in the name of what can be derived from, or of a class in between.
_BASES = ("ightning", "Plugin", "Strategy", "Accelerator", "Logger", "Environment", "Progress")


@rule(
    "LF204",
    triggers=tuple(sorted({f"def {name}(" for _, name in overrides()})),
    context=_BASES,
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the definitions of methods that are not called."""
    for cls in file.classes:
        for kind in extensions_of(cls):
            for function in cls.methods.values():
                row = overrides().get((kind, function.name))
                if row is None or not is_plain_method(function):
                    continue
                if minor(row.removed) > minor(settings.target):
                    continue
                if _is_called(cls, row.old):
                    continue
                yield _finding(rule, file, cls, function, row)


def _is_called(cls: Class, name: str) -> bool:
    """Whether the project calls the method; files and connections have a ``close`` as well."""
    for file, call in callers(cls, name):
        assert isinstance(call.func, ast.Attribute)
        receiver = file.text(call.func.value).rpartition(".")[2].lower()
        if name != "close" or receiver == "self" or "log" in receiver:
            return True
    return False


def _finding(rule: Rule, file: File, cls: Class, function: Function, row: Override) -> Finding:
    place = name_span(file, function)
    message = f"Lightning no longer calls {row.owner}.{row.old}"
    if row.warns:
        message = f"Lightning warns about {row.owner}.{row.old}"
    severity = Severity.WARNING if row.warns else Severity.ERROR
    if not row.becomes:
        return file.finding(rule, place, message, reason=row.way_out, severity=severity)
    edits = None
    family = [*cls.mro, *file.project.heirs(cls)]
    if not any(row.becomes in member.methods for member in family):
        edits = _edits(file, function, row)
    if edits is None:
        way_out = f"move the body into {_shown(row)}"
        return file.finding(rule, place, message, reason=way_out, severity=severity)
    safety = Safety.UNSAFE if row.doubt else Safety.SAFE
    fix = Fix(f"make it {_shown(row)}", tuple(edits), safety)
    return file.finding(rule, place, message, fix=fix, reason=row.doubt or None, severity=severity)


def _shown(row: Override) -> str:
    if row.as_property:
        return f"the property {row.becomes}"
    return f"{row.becomes}({', '.join(('self', *row.parameters))})"


def _edits(file: File, function: Function, row: Override) -> list[Edit] | None:
    if row.becomes == "state_dict":
        return as_state_dict(file, function, 0)
    if row.becomes == "load_state_dict":
        return as_load_state_dict(file, function, 0)
    shape = shape_of(function)
    if shape is None or shape.starred or shape.required_keywords:
        return None
    edits = [renamed(file, function, row.becomes)]
    if row.as_property:
        above = insert_before(file, function, "@property")
        if shape.args or function.decorator_list or calls_parent(function) or above is None:
            return None
        return [*edits, above]
    kept = len(row.parameters)
    if any(is_read(file, function, name, set()) for name in shape.names[kept:]):
        return None
    added = row.parameters[len(shape.args) :]
    if not names_used(function).isdisjoint(added):
        return None
    order: list[int | str | tuple[int, str]] = [*range(min(len(shape.args), kept) + 1), *added]
    if kept != len(shape.args):
        edits += rewrite_parameters(file, function, order)
    handed = [*shape.names[:kept], *added]
    parent = _parent_calls(file, function, row, handed)
    if parent is None:
        return None
    if row.parent and not parent:
        work = _parent_work(file, function, row, handed)
        return [*edits, work] if work is not None else None
    return [*edits, *parent]


def _parent_calls(
    file: File, function: Function, row: Override, handed: list[str]
) -> list[Edit] | None:
    """Calls of the old method of the parent reach the new one; None where one is not followed.

    What they do not hand over yet is what the method itself is ``handed``.
    """
    edits: list[Edit] = []
    for node in ast.walk(function):
        func = node.func if isinstance(node, ast.Call) else None
        if not isinstance(func, ast.Attribute) or func.attr != row.old or not is_super(func):
            continue
        assert isinstance(node, ast.Call)
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            return None
        edits += rewrite_expression(
            file, node, lambda call: _renamed_call(call, row.becomes, handed)
        )
    return edits


def _renamed_call(node: cst.BaseExpression, name: str, handed: list[str]) -> cst.BaseExpression:
    """A call of a method under another name, with the arguments that this one takes."""
    count = min(len(cst.ensure_type(node, cst.Call).args), len(handed))
    call = cst.ensure_type(without_arguments(node, count, name), cst.Call)
    added = [cst.Arg(cst.Name(argument)) for argument in handed[count:]]
    return call.with_changes(args=[*call.args, *added]) if added else call


def _parent_work(file: File, function: Function, row: Override, handed: list[str]) -> Edit | None:
    text = row.parent.format(trainer=handed[0] if handed else "")
    if row.first:
        return insert_first(file, function, text)
    if any(isinstance(node, ast.Return) for node in own_nodes(function)):
        return None
    return insert_after(file, function.body[-1], text)
