"""A function, class or type of an old release is an expression of something else today.

What it does
    Finds uses of names that Lightning replaced by other means, and writes those: `pick_single_gpu`
    and its like, the functions behind `Trainer.tune`, `EPOCH_OUTPUT` in annotations, and decorators
    that do nothing any more.

Why
    The import raises `ImportError`. A new import path would not help: the new form is used in
    another way.

Example
    ```python
    from pytorch_lightning.tuner.auto_gpu_select import pick_single_gpu

    device = pick_single_gpu()
    ```
    becomes
    ```python
    from pytorch_lightning.accelerators import find_usable_cuda_devices

    device = find_usable_cuda_devices(1)[0]
    ```

Fix safety
    Safe where the new form does the same. Unsafe where the finding names a difference. A name that
    is used otherwise than the row says (handed on, derived from) is told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/16184
    https://github.com/Lightning-AI/pytorch-lightning/pull/16462
    https://github.com/Lightning-AI/pytorch-lightning/pull/13767
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.references import references
from ..engine.relocate import uses
from ..engine.rule import rule
from ..lightning.changes.index import needless_decorator, replaced_names
from ..lightning.changes.row import Level
from ..lightning.names import canonical
from ..model import Edit, Fix, Safety, Severity, Span
from ._templates import NAME, fill

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..lightning.changes.row import Replaced
    from ..model import Finding

_LAST = tuple(sorted({path.rpartition(".")[2] for path in replaced_names()}))


@rule(
    "LF504",
    triggers=(*_LAST, "parameter_validation", "_REGISTRY", "data_loader"),
    context=("lightning",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at uses."""
    for node, path in _named(file):
        why = needless_decorator(path)
        if why is not None:
            yield from _of_decorator(rule, file, node, path, why)
            continue
        row = replaced_names().get(path)
        if row is not None and row.level(settings.target) is not Level.FINE:
            yield _of_use(rule, file, node, row, settings)


def _named(file: File) -> Iterator[tuple[ast.expr, str]]:
    """The expressions of a file that stand for something of Lightning, with its full path.

    Chains of attributes give each path that they go through.
    """
    for reference in references(file):
        node = reference.node
        if isinstance(node, ast.Attribute):
            inner: ast.expr = node
            for prefix in reference.prefixes:
                yield inner, prefix
                if not isinstance(inner, ast.Attribute):
                    break
                inner = inner.value
        elif isinstance(node, ast.alias):
            statement = file.tree.parents[node]
            if not isinstance(statement, ast.ImportFrom) or node.name == "*":
                continue
            for name in uses(file, statement, node.asname or node.name):
                parent = file.tree.parents.get(name)
                if not isinstance(parent, ast.Attribute):
                    yield name, reference.path


def _of_use(rule: Rule, file: File, node: ast.expr, row: Replaced, settings: Settings) -> Finding:
    place: ast.expr | None = node
    if row.called:
        call = file.tree.parents.get(node)
        place = call if isinstance(call, ast.Call) and call.func is node else None
    is_gone = row.level(settings.target) is Level.GONE
    release = row.removed if is_gone else row.deprecated
    shown = NAME.sub(lambda m: m.group(1).rpartition(".")[2], row.new)
    for name in ("{args}", "{rest}", "{0}"):
        shown = shown.replace(name, "…")
    fix = None
    if place is not None:
        filled = fill(file, place, row.new)
        safety = Safety.UNSAFE if row.doubt else Safety.SAFE
        fix = Fix(
            f"write {filled.text}",
            (file.replace(place, filled.text),),
            safety,
            filled.needs,
            drops=(_imported(row.old),),
        )
    return file.finding(
        rule,
        place or node,
        f"{file.text(node)} is {'gone' if is_gone else 'deprecated'} since Lightning {release}; "
        f"it is {shown}",
        fix=fix,
        reason=row.doubt or (None if fix else "it is not called here: write the new form by hand"),
        severity=Severity.ERROR if is_gone else Severity.WARNING,
    )


def _imported(path: str) -> str:
    """What a file imports to use a path: the class of a method."""
    head, _, _ = path.rpartition(".")
    owner = head.rpartition(".")[2]
    return canonical(head if owner[:1].isupper() else path)


def _of_decorator(rule: Rule, file: File, node: ast.expr, path: str, why: str) -> Iterator[Finding]:
    for definition in file.tree.ancestors(node):
        decorators = getattr(definition, "decorator_list", ())
        for decorator in decorators:
            if decorator is not node and getattr(decorator, "func", None) is not node:
                continue
            line = file.source.line_span(file.source.line_of(file.span(decorator).start))
            yield file.finding(
                rule,
                decorator,
                f"the decorator {path.rpartition('.')[2]} is gone: {why}",
                fix=Fix(
                    "remove it",
                    (Edit(Span(line.start, _end(file, decorator)), ""),),
                    drops=(canonical(path),),
                ),
            )
            return
        if decorators:
            return


def _end(file: File, decorator: ast.expr) -> int:
    """Behind the last line of a decorator."""
    last = file.source.line_of(file.span(decorator).end)
    return file.source.line_span(last).end
