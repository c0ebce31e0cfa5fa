"""What a class offers of its own: methods with parameters, properties, attributes, bases."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from . import states
from .bindings import CLASS, FOREIGN, assigned
from .signatures import of_dataclass, of_function, of_named_tuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Names

#: Kinds of members.
METHOD, STATIC, CLASSMETHOD, PROPERTY, SETTABLE, ATTRIBUTE = "mscpwa"

Function = ast.FunctionDef | ast.AsyncFunctionDef

#: What a `.. deprecated::` block says of a parameter; "Passing X to it" is about a value.
_DOCUMENTED = re.compile(r"\.\. deprecated::[^\n]*\n\s*(?!Passing)([^.]*?)deprecated")


@dataclass(frozen=True)
class Member:
    """One member; ``parameters`` is the text between the parentheses, None if not callable."""

    kind: str
    parameters: str | None = None
    state: int = states.PRESENT
    #: Names of parameters that warn when they are given.
    warned: tuple[str, ...] = ()


@dataclass
class Class:
    """One class; bases of other packages keep their dotted names."""

    bases: tuple[str, ...]
    members: dict[str, Member] = field(default_factory=dict)


def class_of(names: Names, module: str, node: ast.ClassDef) -> Class:
    """Read a class definition that stands at the top level of a module."""
    found = Class(_bases(names, module, node))
    for name, member in _declared(node.body):
        found.members[name] = _merged(found.members.get(name), member)
    constructor = _generated_constructor(names, module, node, found)
    if constructor is not None:
        found.members.setdefault("__init__", constructor)
    for name in _set_on_self(node):
        found.members.setdefault(name, Member(ATTRIBUTE))
    return found


def _bases(names: Names, module: str, node: ast.ClassDef) -> tuple[str, ...]:
    bases = []
    for expression in node.bases:
        meant = names.meaning(module, expression)
        if meant is None or meant.kind not in {CLASS, FOREIGN}:
            bases.append("?")
        elif meant.name not in {"typing.Generic", "typing.Protocol", "abc.ABC", "builtins.object"}:
            bases.append(meant.name)
    return tuple(bases)


def _declared(body: list[ast.stmt]) -> Iterator[tuple[str, Member]]:
    for statement in body:
        if isinstance(statement, Function):
            if not _decorated(statement, "overload"):
                yield statement.name, member_of(statement)
        elif isinstance(statement, ast.ClassDef):
            yield statement.name, Member(ATTRIBUTE)
        elif isinstance(statement, ast.If):
            yield from _declared([*statement.orelse, *statement.body])
        else:
            for name, value in assigned(statement):
                yield name, _assigned_member(value)


def _assigned_member(value: ast.expr) -> Member:
    called = value.func if isinstance(value, ast.Call) else None
    if isinstance(called, ast.Name) and called.id == "property":
        return Member(PROPERTY)
    return Member(ATTRIBUTE)


def member_of(node: Function, *, bound: bool = True) -> Member:
    """The member that a `def` in a class makes; outside of one nothing is bound."""
    state = states.of_function(node)
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    if any(text.endswith((".setter", ".deleter")) for text in decorators):
        return Member(SETTABLE, state=state)
    if any(text.rpartition(".")[2] in {"property", "cached_property"} for text in decorators):
        return Member(PROPERTY, state=state)
    if not bound or _decorated(node, "staticmethod"):
        return Member(STATIC, of_function(node, bound=False), state, warned_parameters(node))
    kind = METHOD
    if _decorated(node, "classmethod") or "_restricted_classmethod" in decorators:
        kind = CLASSMETHOD
    return Member(kind, of_function(node, bound=True), state, warned_parameters(node))


def _merged(old: Member | None, new: Member) -> Member:
    # A setter often does not warn where the getter does; the getter speaks for both.
    if old is not None and new.kind == SETTABLE and old.kind in {PROPERTY, SETTABLE}:
        return replace(new, state=old.state)
    return new


def _decorated(node: Function, name: str) -> bool:
    return any(ast.unparse(d).rpartition(".")[2] == name for d in node.decorator_list)


def warned_parameters(node: Function) -> tuple[str, ...]:
    """Parameters that warn when they are given, by a message or the documentation of their own."""
    own = {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
    found = set()
    for test in (n for n in ast.walk(node) if isinstance(n, ast.If)):
        tested = own & {n.id for n in ast.walk(test.test) if isinstance(n, ast.Name)}
        for statement in test.body:
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(call, ast.Call) and states.is_deprecation(call) and call.args:
                subject = states.message(call.args[0]).partition("deprecated")[0]
                found |= {name for name in tested if _spoken_of(name, subject)}
    for subject in _DOCUMENTED.findall(ast.get_docstring(node) or ""):
        found |= {name for name in own if f"``{name}``" in subject}
    return tuple(sorted(found))


def _spoken_of(name: str, subject: str) -> bool:
    return any(f"{start}{name}{end}" in subject for start in "`( '" for end in "`=')")


def _generated_constructor(
    names: Names, module: str, node: ast.ClassDef, found: Class
) -> Member | None:
    decorators = {
        ast.unparse(d.func if isinstance(d, ast.Call) else d).rpartition(".")[2]
        for d in node.decorator_list
    }
    if "dataclass" in decorators and all(base.startswith("lightning.") for base in found.bases):
        return Member(METHOD, of_dataclass(_dataclass_chain(names, module, node)))
    if "typing.NamedTuple" in found.bases:
        return Member(METHOD, of_named_tuple(node))
    return None


def _dataclass_chain(names: Names, module: str, node: ast.ClassDef) -> list[ast.ClassDef]:
    chain = [node]
    for expression in node.bases:
        meant = names.meaning(module, expression)
        if meant is not None and meant.kind == CLASS:
            home, _, last = meant.name.rpartition(".")
            base = names.scopes[home].names.get(last)
            if isinstance(base, ast.ClassDef):
                chain = [*_dataclass_chain(names, home, base), *chain]
    return chain


def _set_on_self(node: ast.ClassDef) -> Iterator[str]:
    for function in (s for s in ast.walk(node) if isinstance(s, Function)):
        arguments = [*function.args.posonlyargs, *function.args.args]
        if not arguments:
            continue
        yield from set_on(function, arguments[0].arg)


def set_on(tree: ast.AST, owner: str) -> Iterator[str]:
    """Names of the attributes that code sets on an object, spelled as `owner`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Store)
            and ast.unparse(node.value) == owner
        ):
            yield node.attr
