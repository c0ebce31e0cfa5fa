"""Parameter lists as text: names, kinds and defaults, without annotations."""

from __future__ import annotations

import ast

#: A longer default is no fact that anyone compares.
_LONGEST = 60

Function = ast.FunctionDef | ast.AsyncFunctionDef


def of_function(node: Function, *, bound: bool) -> str:
    """The parameters of a function; the first one is left out where it is bound."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    defaults = [*padding, *arguments.defaults]
    listed = [_one(a.arg, d) for a, d in zip(positional, defaults, strict=True)]
    if arguments.posonlyargs:
        listed.insert(len(arguments.posonlyargs), "/")
    if bound and positional:
        del listed[0]
        if listed and listed[0] == "/":
            del listed[0]
    if arguments.vararg is not None:
        listed.append("*" + arguments.vararg.arg)
    elif arguments.kwonlyargs:
        listed.append("*")
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    listed += [_one(a.arg, d) for a, d in keywords]
    if arguments.kwarg is not None:
        listed.append("**" + arguments.kwarg.arg)
    return ", ".join(listed)


def of_dataclass(chain: list[ast.ClassDef]) -> str:
    """The parameters of the constructor that `@dataclass` writes, bases first."""
    fields: dict[str, str] = {}
    for node in chain:
        for statement in node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(
                statement.target, ast.Name
            ):
                continue
            if "ClassVar" in ast.unparse(statement.annotation):
                continue
            default = statement.value
            if isinstance(default, ast.Call) and ast.unparse(default.func).endswith("field"):
                given = {k.arg: k.value for k in default.keywords}
                if ast.unparse(given.get("init", ast.Constant(value=True))) == "False":
                    continue
                default = given.get("default", given.get("default_factory"))
            name = statement.target.id
            fields[name] = _one(name, default)
    return ", ".join(fields.values())


def of_named_tuple(node: ast.ClassDef) -> str:
    """The parameters of a `NamedTuple`."""
    return ", ".join(
        _one(statement.target.id, statement.value)
        for statement in node.body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    )


def _one(name: str, default: ast.expr | None) -> str:
    if default is None:
        return name
    text = ast.unparse(default)
    return f"{name}={text if len(text) <= _LONGEST else '...'}"
