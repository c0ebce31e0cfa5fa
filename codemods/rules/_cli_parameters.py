"""Parameters of a project's classes, and the plain values that they surely keep."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._cli_declared import admits_none, is_bare, takes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.scopes import Function

_WORD = re.compile(r"[A-Za-z_][\w./-]*")
_READ_AS_VALUES = frozenset({"true", "false", "null", "none", "yes", "no", "on", "off", "nan"})


@dataclass(frozen=True, eq=False)
class Parameter:
    """A parameter of a class of the project, with its default if it has one."""

    owner: Class
    node: ast.arg
    default: ast.expr | None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.node.arg


def keeps(value: object, parameter: Parameter) -> bool:
    """Whether a plain value surely reaches a parameter as it is."""
    annotation, default = parameter.node.annotation, parameter.default
    if value is None:
        return admits_none(annotation)
    if isinstance(value, str):
        plain = bool(_WORD.fullmatch(value)) and value.lower() not in _READ_AS_VALUES
        return (is_bare(annotation) and plain) or takes(annotation, default, "str")
    if isinstance(value, (bool, int, float, list)):
        kind = type(value).__name__
        floats = kind == "int" and takes(annotation, default, "float")
        return takes(annotation, default, kind) or floats
    return False


def parameters_of(cls: Class) -> tuple[dict[str, Parameter], str]:
    """The parameters of a class behind ``self``, and what ``**`` is called, empty without it."""
    found = cls.method("__init__")
    if found is None:
        return {}, ""
    owner, function = found
    return {p.name: p for p in _parameters(owner, function)}, (
        function.args.kwarg.arg if function.args.kwarg else ""
    )


def _parameters(owner: Class, function: Function) -> Iterator[Parameter]:
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args][1:]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    for node, default in zip(plain, [*defaults, *arguments.defaults][-len(plain) :], strict=False):
        yield Parameter(owner, node, default)
    for node, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield Parameter(owner, node, value)


def keyword_only(cls: Class) -> list[ast.arg]:
    found = cls.method("__init__")
    return found[1].args.kwonlyargs if found else []


def saves(cls: Class) -> bool:
    """Whether a class saves its parameters as hyperparameters."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == "save_hyperparameters"
        for owner in cls.mro
        for node in ast.walk(owner.node)
    )
