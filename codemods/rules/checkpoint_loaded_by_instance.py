"""A checkpoint is loaded by a module instead of its class.

What it does
    Finds `model.load_from_checkpoint(path)` where `model` is an object. The class loads it; where
    the result was thrown away, the object becomes what was loaded.

Why
    `load_from_checkpoint` raises `TypeError` on objects since 2.1. Before, it returned a new module
    and left the old one as it was, untrained, which few callers knew.

Example
    ```python
    model = Net(width=8)
    model.load_from_checkpoint("best.ckpt")
    ```
    becomes
    ```python
    model = Net.load_from_checkpoint("best.ckpt", width=8)
    ```

Fix safety
    Safe where the result is used: the class does what the object did. Unsafe where it was thrown
    away: the program will go on with the loaded weights. Told where the class is not seen.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18432
    lightning/pytorch/core/module.py (2.6.6), `LightningModule.load_from_checkpoint`
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ..engine.statements import stands_alone
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..model import Edit, Fix, Safety, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NAME = "load_from_checkpoint"
_CLASS_LIKE = re.compile(r"(?:^|_)(?:cls|class|klass|type)_?$", re.IGNORECASE)
_HOLDS = (Role.MODULE.value, Role.DATAMODULE.value)


@rule("LF608", triggers=(_NAME,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    if minor(settings.target) < (2, 1):
        return
    for call, func in file.tree.method_calls(_NAME):
        types = infer(file, func.value)
        if not types or not all(t.kind in _HOLDS and not _has_own(t.cls) for t in types):
            continue
        if _is_class_method(file, func.value) or _is_called_like_a_class(func.value):
            continue
        fix, reason = _repair(file, call, func)
        yield file.finding(
            rule,
            call,
            f"{_NAME} is called on an object; the class has to load it, since Lightning 2.1",
            fix=fix,
            reason=reason or None,
        )


def _has_own(cls: object) -> bool:
    method = getattr(cls, "method", None)
    return method is not None and method(_NAME) is not None


def _is_called_like_a_class(value: ast.expr) -> bool:
    """Whether a name speaks for a class that is wrongly annotated as an object."""
    name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
    return name[:1].isupper() or _CLASS_LIKE.search(name) is not None


def _is_class_method(file: File, value: ast.expr) -> bool:
    function = file.tree.enclosing_function(value)
    decorators = function.decorator_list if function is not None else []
    return any(isinstance(d, ast.Name) and d.id == "classmethod" for d in decorators)


def _is_declared_only(file: File, value: ast.expr) -> bool:
    """Whether nothing but an annotation tells what a name holds."""
    if not isinstance(value, ast.Name):
        return False
    found = file.tree.scope_of(value).find(value.id)
    return found is not None and any(b.annotation and not _tells(file, b.value) for b in found[1])


def _tells(file: File, value: ast.expr | None) -> bool:
    """Whether a value says by itself what it is."""
    return value is not None and all(t.kind in _HOLDS for t in infer(file, value))


def _repair(file: File, call: ast.Call, func: ast.Attribute) -> tuple[Fix | None, str]:
    value = func.value
    statement = file.tree.parents[call]
    maker = file.assigned(value) if isinstance(value, ast.Name) else None
    cls = file.text(maker.func) if isinstance(maker, ast.Call) and _is_made(file, maker) else None
    if cls is None and isinstance(value, ast.Call) and _is_made(file, value):
        cls = file.text(value.func)
    if not isinstance(statement, ast.Expr):
        text = cls or f"type({file.text(value)})"
        certain = cls is not None or not _is_declared_only(file, value)
        safety = Safety.SAFE if certain else Safety.UNSAFE
        reason = "" if certain else "only an annotation says that it is an object, not a class"
        return Fix(f"call it on {text}", (file.replace(value, text),), safety), reason
    if cls is None or not isinstance(value, ast.Name) or not isinstance(maker, ast.Call):
        return None, "the loaded module is thrown away: write model = Class.load_from_checkpoint(…)"
    given = [file.text(a) for a in (*call.args, *call.keywords)]
    named = {k.arg for k in call.keywords}
    if maker.args or any(k.arg is None or k.arg in named for k in maker.keywords):
        passed: list[str] = []
    else:
        passed = [file.text(k) for k in maker.keywords]
    text = f"{value.id} = {cls}.{_NAME}({', '.join([*given, *passed])})"
    made = file.tree.statement(maker)
    edit = file.replace(statement, text)
    block = file.tree.block(statement)
    place = block.index(statement) if statement in block else 0
    if made is block[place - 1] and place and stands_alone(file, made):
        between = Span(file.span(made).start, file.span(statement).end)
        if "#" not in file.source.slice(between):
            edit = Edit(between, text)
    reason = "the loaded module was thrown away, so the program goes on with other weights now"
    return Fix(f"write {text}", (edit,), Safety.UNSAFE), reason


def _is_made(file: File, maker: ast.Call) -> bool:
    return all(t.cls is not None and t.kind == "class" for t in infer(file, maker.func))
