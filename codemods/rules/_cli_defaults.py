"""Instances as default values of what a LightningCLI makes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.file import Defined
from ..engine.imports import Spelled, spell
from ..model import Need

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File

_LAZY = "jsonargparse.lazy_instance"


def lazy(file: File, call: ast.Call) -> Iterator[tuple[ast.Call, Spelled | None]]:
    """The defaults of the classes that a CLI is given, each with its lazy form where there is one.

    Only classes of this file are looked at; those with data that configurations can hold are left.
    """
    for given in (*call.args[:2], *(k.value for k in call.keywords)):
        meanings = file.meanings(given)
        made = meanings[0] if len(meanings) == 1 else None
        if not isinstance(made, Defined) or not isinstance(made.node, ast.ClassDef):
            continue
        init = made.file.cls(made.node).methods.get("__init__")
        if made.file is not file or init is None:
            continue
        arguments = init.args
        for value in (*arguments.defaults, *arguments.kw_defaults):
            cls = _class_of(file, value)
            if isinstance(value, ast.Call) and cls is not None:
                yield value, _spelled(file, value, cls)


def _class_of(file: File, value: ast.expr | None) -> Class | None:
    """The plain class of the project that an expression makes an instance of."""
    meanings = file.meanings(value.func) if isinstance(value, ast.Call) else []
    made = meanings[0] if len(meanings) == 1 else None
    if not isinstance(made, Defined) or not isinstance(made.node, ast.ClassDef):
        return None
    cls = made.file.cls(made.node)
    return None if cls.node.decorator_list or cls.foreign_bases or cls.unknown_bases else cls


def _spelled(file: File, value: ast.Call, cls: Class) -> Spelled | None:
    init = cls.method("__init__")
    names = [a.arg for a in init[1].args.args[1:]] if init else []
    starred = any(isinstance(a, ast.Starred) for a in value.args)
    if starred or len(value.args) > len(names):
        return None
    given = [f"{name}={file.text(a)}" for name, a in zip(names, value.args, strict=False)]
    given += [file.text(k) for k in value.keywords]
    name = spell(file, value, _LAZY)
    needs: tuple[Need, ...] = name.needs
    return Spelled(f"{name.text}({', '.join([file.text(value.func), *given])})", needs)
