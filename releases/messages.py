"""Which members and arguments the releases themselves call deprecated.

Some warnings stand far from what they are about: hooks that a model overrides are warned of by the
trainer, arguments by a connector. Their messages name the owner and the name; only those two are
taken from the text.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from . import states
from .wheels import walk_with_owner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .bindings import Names

_MEMBER = re.compile(
    r"`(?:\w+\.)*([A-Z]\w+)\.([a-z]\w+)(?:\([^`]*\))?`"
    r"|Property `(?P<name>\w+)` in `(?P<owner>[A-Z]\w+)`"
)
_ARGUMENT = re.compile(
    r"`(?:\w+\.)*([A-Z]\w+)\((\w+)(?:=(?!')|\)`)"
    r"|[Aa]rgument `(?P<name>\w+)` in `(?P<owner>[A-Z]\w+)`"
)
_OF_TRAINER = re.compile(
    r"Trainer argument `(\w+)`|Setting `(\w+)` (?:with the trainer flag|inside the `Trainer`)"
)
_CALLBACK_HOOK = re.compile(r"`(on_\w+)` callback hook")
_METHOD = re.compile(r"Method `(on_\w+)` ")
_VERDICT = re.compile(
    r"deprecated|renamed to|will be removed|is no longer supported", re.IGNORECASE
)
#: Messages about how something is used, not about whether it is there.
_OTHER = re.compile(r"^Passing|signature|parameters? (?:has|have)|behavior|to `None`|^Base ")


def subjects(names: Names) -> set[tuple[str, str, bool]]:
    """(class, member or argument, whether it is an argument) of every deprecation message."""
    found: set[tuple[str, str, bool]] = set()
    for scope in names.scopes.values():
        for node, owners in walk_with_owner(scope.module.tree):
            if isinstance(node, ast.Call) and states.is_deprecation(node) and node.args:
                for text in _texts(states.message(node.args[0]), owners):
                    found.update(_subjects(text))
    return found


def _subjects(text: str) -> Iterator[tuple[str, str, bool]]:
    verdict = _VERDICT.search(text)
    subject = text[: verdict.start()] if verdict else ""
    if _OTHER.search(subject):
        return
    members = list(_MEMBER.finditer(subject))
    for match in _ARGUMENT.finditer(subject):
        yield match["owner"] or match[1], match["name"] or match[2], True
    for one, other in _OF_TRAINER.findall(subject):
        yield "Trainer", one or other, True
    # Where a message is about an argument, a member in it says where the argument is passed.
    if members and not _ARGUMENT.search(subject):
        yield members[0]["owner"] or members[0][1], members[0]["name"] or members[0][2], False
    for name in _CALLBACK_HOOK.findall(subject):
        yield "Callback", name, False
    for name in _METHOD.findall(subject):
        yield "DataHooks", name, False
        yield "LightningModule", name, False


def _texts(text: str, owners: tuple[ast.AST, ...]) -> Iterator[str]:
    """The message once for every round of a loop over literal names that it is sent in."""
    enclosing = next((o for o in reversed(owners) if isinstance(o, ast.ClassDef)), None)
    if enclosing is not None:
        for spelled in ("type(self).__name__", "self.__class__.__name__", "cls.__name__"):
            text = text.replace("{" + spelled + "}", enclosing.name)
    scope: ast.AST | None = None
    for owner in owners:
        if isinstance(owner, (ast.FunctionDef, ast.Module)):
            scope = owner
        if not isinstance(owner, ast.For):
            continue
        targets = owner.target.elts if isinstance(owner.target, ast.Tuple) else [owner.target]
        variable = "{" + ast.unparse(targets[0]) + "}"
        values = _values(owner.iter, scope)
        if variable in text and values:
            yield from (text.replace(variable, value) for value in values)
            return
    yield text


def _values(node: ast.expr, scope: ast.AST | None) -> list[str]:
    """The first literal of every element."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        firsts = [e.elts[0] if isinstance(e, (ast.Tuple, ast.List)) else e for e in node.elts]
        return [str(e.value) for e in firsts if isinstance(e, ast.Constant)]
    if isinstance(node, ast.Name) and scope is not None:
        for statement in ast.walk(scope):
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == node.id:
                return _values(statement.value, None)
    return []
