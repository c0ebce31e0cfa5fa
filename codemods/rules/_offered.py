"""What a scope offers for a value that a fix has to write: a name, an attribute, an option."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Class, self_name
from ..engine.scopes import FUNCTIONS

if TYPE_CHECKING:
    from ..engine.file import File

_HOLDERS = ("args", "cfg", "config", "hparams", "opt", "opts", "params", "conf", "flags", "FLAGS")


def named(file: File, at: ast.expr, names: tuple[str, ...]) -> str | None:
    """The first of some names that is bound where it is needed."""
    scope = file.tree.scope_of(at)
    for name in names:
        found = scope.find(name)
        if found is None:
            continue
        starts = [file.span(b.node).start for b in found[1] if b.kind != "parameter"]
        nested = found[0] is not scope and not found[0].is_module
        if (
            found[1][0].kind == "parameter"
            or nested
            or min(starts, default=0) < file.span(at).start
        ):
            return name
    return None


def of_self(file: File, at: ast.expr, name: str) -> str | None:
    """``self.name`` or ``self.hparams.name``, where the class sets or saves it."""
    cls = file.class_of(at)
    own = own_name(file, at)
    if cls is None or own is None:
        return None
    if any(cls.self_assignments(name)) or cls.class_values(name):
        return f"{own}.{name}"
    if _saves(cls, name):
        return f"{own}.hparams.{name}"
    return None


def own_name(file: File, at: ast.expr) -> str | None:
    """What the method around a place calls ``self``."""
    for function in (a for a in file.tree.ancestors(at) if isinstance(a, FUNCTIONS)):
        if file.tree.method_class(function) is not None:
            return self_name(function)
    return None


def _saves(cls: Class, name: str) -> bool:
    """Whether ``self.hparams`` has an entry: an argument saved, or used so in the class."""
    found = cls.method("__init__")
    if found is not None:
        owner, init = found
        arguments = [a.arg for a in (*init.args.args, *init.args.kwonlyargs)]
        saved = any(
            isinstance(n, ast.Call)
            and isinstance(n.func, ast.Attribute)
            and n.func.attr == "save_hyperparameters"
            and not n.args
            and not n.keywords
            for n in ast.walk(init)
        )
        if saved and name in arguments:
            return True
        del owner
    return any(f".hparams.{name}" in c.file.text(c.node) for c in cls.mro)


def of_holder(file: File, at: ast.expr, name: str) -> str | None:
    """``args.name`` and the like, where the file reads or declares it so."""
    scope = file.tree.scope_of(at)
    attributes = [
        n
        for n in file.tree.all(ast.Attribute)
        if isinstance(n, ast.Attribute) and n.attr == name and isinstance(n.value, ast.Name)
    ]
    for node in attributes:
        assert isinstance(node.value, ast.Name)
        found = scope.find(node.value.id)
        if node.value.id in _HOLDERS and found is not None:
            return file.text(node)
    if _declares_option(file, name):
        for holder in _HOLDERS:
            found = scope.find(holder)
            if found is not None and any(_is_parsed(b.value) for b in found[1]):
                return f"{holder}.{name}"
    return None


def _declares_option(file: File, name: str) -> bool:
    flags = (f"--{name}", f"--{name.replace('_', '-')}")
    return any(
        isinstance(c.func, ast.Attribute)
        and c.func.attr == "add_argument"
        and any(isinstance(a, ast.Constant) and a.value in flags for a in c.args)
        for c in file.tree.calls
    )


def _is_parsed(value: ast.expr | None) -> bool:
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "parse_args"
    )
