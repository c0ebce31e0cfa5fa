"""A method relies on `auto_move_data`, which is gone.

What it does
    Finds methods of LightningModules with the decorator `auto_move_data`, removes it, and moves the
    arguments to the module's device in the method, by the same hook as the decorator did.

Why
    The decorator went in 1.5: the import raises `ModuleNotFoundError`. Without it a call from
    outside of the Trainer gets tensors that lie on another device than the module.

Example
    ```python
    @auto_move_data
    def forward(self, tokens):
        return self.layer(tokens)
    ```
    becomes
    ```python
    def forward(self, tokens):
        tokens = self.transfer_batch_to_device(tokens, self.device, 0)
        return self.layer(tokens)
    ```

Fix safety
    Safe in a LightningModule, with plain parameters. Told where there are `*args` or `**kwargs`, or
    where the class is not known to be a LightningModule.

References
    pytorch_lightning/core/decorators.py (1.4.9), `auto_move_data`
    https://github.com/Lightning-AI/pytorch-lightning/pull/6993
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rule import rule
from ..engine.scopes import FUNCTIONS
from ..engine.statements import insert_before
from ..model import Edit, Fix, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding

_NAME = "lightning.pytorch.core.decorators.auto_move_data"


@rule("LF507", triggers=("auto_move_data",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at decorators."""
    del settings
    for function in file.tree.functions:
        for decorator in function.decorator_list:
            if file.canonical(decorator) != _NAME:
                continue
            edits = _edits(file, function, decorator)
            yield file.finding(
                rule,
                decorator,
                "auto_move_data is gone since Lightning 1.5; the method has to move its arguments",
                fix=Fix("move the arguments in the method", edits, drops=(_NAME,))
                if edits
                else None,
                reason=None
                if edits
                else "write x = self.transfer_batch_to_device(x, self.device, 0) for each argument",
            )


def _edits(file: File, function: Function, decorator: ast.expr) -> tuple[Edit, ...]:
    owner = file.tree.method_class(function)
    own = self_name(function)
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)][1:]
    if owner is None or own is None or not file.cls(owner).has(Role.MODULE) or not names:
        return ()
    if arguments.vararg or arguments.kwarg or not isinstance(function, FUNCTIONS):
        return ()
    listed = ", ".join(names)
    handed = listed if len(names) == 1 else f"({listed})"
    line = f"{listed} = {own}.transfer_batch_to_device({handed}, {own}.device, 0)"
    body = function.body
    documented = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    if documented and len(body) == 1:
        return ()
    inserted = insert_before(file, body[1] if documented else body[0], line)
    if inserted is None:
        return ()
    first = file.source.line_span(file.source.line_of(file.span(decorator).start))
    last = file.source.line_span(file.source.line_of(file.span(decorator).end))
    return (Edit(Span(first.start, last.end), ""), inserted)
