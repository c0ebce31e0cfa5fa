"""Parameters of functions, methods and constructors, read from the mined text."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Parameter:
    """One parameter; ``default`` is source text, None where a value has to be given.

    ``kind`` is one of `/`, ``, `*` (keyword only), as it is written in a signature: a parameter
    with kind `/` is positional only, with the empty kind either.
    ``deprecated``: giving it warns.
    """

    name: str
    kind: str = ""
    default: str | None = None
    deprecated: bool = False


@dataclass(frozen=True)
class Signature:
    """Parameters without `self`; ``args`` and ``kwargs`` name `*args` and `**kwargs`, if any."""

    parameters: tuple[Parameter, ...]
    args: str | None = None
    kwargs: str | None = None

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of a name."""
        return next((p for p in self.parameters if p.name == name), None)

    def takes(self, name: str) -> bool:
        """Whether a keyword is accepted, be it through `**kwargs`."""
        found = self.parameter(name)
        return self.kwargs is not None if found is None else found.kind != "/"


@cache
def parsed(text: str, warned: tuple[str, ...]) -> Signature:
    """The signature whose parameter list is the text; ``warned`` are the deprecated names."""
    statement = ast.parse(f"def f({text}): pass").body[0]
    assert isinstance(statement, ast.FunctionDef)
    arguments = statement.args
    positional = [*arguments.posonlyargs, *arguments.args]
    bare = len(positional) - len(arguments.defaults)
    found = []
    for place, argument in enumerate(positional):
        default = None if place < bare else ast.unparse(arguments.defaults[place - bare])
        kind_ = "/" if place < len(arguments.posonlyargs) else ""
        found.append(Parameter(argument.arg, kind_, default, argument.arg in warned))
    for argument, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        default = None if value is None else ast.unparse(value)
        found.append(Parameter(argument.arg, "*", default, argument.arg in warned))
    return Signature(
        tuple(found),
        arguments.vararg.arg if arguments.vararg else None,
        arguments.kwarg.arg if arguments.kwarg else None,
    )
