"""Which calls make a ``Trainer`` or a ``Fabric``: classes, subclasses, ``partial``, functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role
from ..engine.file import Defined
from ..engine.scopes import FUNCTIONS
from ..engine.values import own_nodes
from ..lightning.trainer import (
    DEVICE_ARGUMENTS,
    FABRIC_PARAMETERS,
    GONE_ARGUMENTS,
    TRAINER_PARAMETERS,
)

if TYPE_CHECKING:
    from ..engine.file import File
    from ..engine.scopes import Function

#: A file that makes a Trainer holds one of these; arguments may come from elsewhere by ``**``.
TRAINER_WORDS = ("rainer", "Fabric", "LightningCLI")

#: The function that rule LF813 writes into a file: it hands a namespace and more to a Trainer.
HANDING = "trainer_arguments"

_ARGUMENTS = TRAINER_PARAMETERS | FABRIC_PARAMETERS | GONE_ARGUMENTS
_DEPTH = 3
#: What is decided together: beside one of these, and what cannot be seen, others are doubtful.
_TOGETHER = DEVICE_ARGUMENTS | {"callbacks", "precision", None}
_KINDS = {"lightning.pytorch.Trainer": "Trainer", "lightning.fabric.Fabric": "Fabric"}
_LOWER = frozenset({"__init__", "from_argparse_args", "partial", "partialmethod"})
_PARTIAL = ("functools.partial", "functools.partialmethod")
_CLI = "lightning.pytorch.cli.LightningCLI"


@dataclass(frozen=True)
class Target:
    """What a call makes: ``Trainer`` or ``Fabric``.

    ``skip`` positional arguments come before the Trainer's, ``own`` are the parameters of a
    subclass, ``hidden`` tells that further arguments come from elsewhere, ``namespace`` is the
    variable whose attributes are arguments.
    """

    kind: str
    skip: int = 0
    own: frozenset[str] = frozenset()
    hidden: bool = False
    namespace: ast.Name | None = None


def target_of(file: File, node: ast.Call, depth: int = _DEPTH) -> Target | None:
    """What a call hands its arguments to; None where it is no Trainer.

    ``depth`` is how many functions may stand in between.
    """
    func = node.func
    if not _is_promising(file, func):
        return _through_function(file, node, depth)
    if isinstance(func, ast.Attribute) and func.attr == "__init__":
        kind = _parent_kind(file, func.value, node)
        if kind is not None:
            return Target(kind, 0 if isinstance(func.value, ast.Call) else 1)
    if isinstance(func, ast.Attribute) and func.attr == "from_argparse_args":
        kind = _KINDS.get(file.canonical(func.value) or "")
        if kind is None:
            return None
        given = next((k.value for k in node.keywords if k.arg == "args"), None)
        given = node.args[0] if node.args else given
        space = given if isinstance(given, ast.Name) else None
        return Target(kind, len(node.args), frozenset({"args"}), hidden=True, namespace=space)
    skip = 1 if is_partial(file, node) else 0
    called = node.args[0] if skip else func
    made = _made(file, called)
    if made is not None:
        # The constructor of a subclass takes what comes by position.
        return Target(made[0], len(node.args) if made[1] else skip, made[1])
    made = _begun(file, called)
    if made is not None:
        return Target(made[0], skip, made[1], hidden=True)
    return None if skip else _through_function(file, node, depth)


def _through_function(file: File, node: ast.Call, depth: int) -> Target | None:
    """A function of the project that makes a Trainer with all other keywords, and returns it."""
    if not depth or not any(k.arg is None or k.arg in _ARGUMENTS for k in node.keywords):
        return None
    meanings = file.meanings(node.func)
    made = meanings[0] if len(meanings) == 1 else None
    if not isinstance(made, Defined) or not isinstance(made.node, FUNCTIONS):
        return None
    home, function = made.file, made.node
    if function.args.kwarg is None or function.decorator_list:
        return None
    rest = function.args.kwarg.arg
    reads = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == rest]
    keyword = home.tree.parents[reads[0]] if len(reads) == 1 else None
    if not isinstance(keyword, ast.keyword) or keyword.arg is not None:
        return None
    inner = home.tree.parents[keyword]
    if not isinstance(inner, ast.Call) or not _is_returned(home, function, inner):
        return None
    target = target_of(home, inner, depth - 1)
    if target is None:
        return None
    own = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    names = target.own | {argument.arg for argument in own}
    beside = {k.arg for k in inner.keywords if k is not keyword}
    hidden = target.hidden or not beside.isdisjoint(_TOGETHER)
    return Target(target.kind, len(node.args), names, hidden)


def _is_returned(file: File, function: Function, made: ast.AST) -> bool:
    """Whether a function returns what a call in it makes."""
    returned = [n.value for n in own_nodes(function) if isinstance(n, ast.Return)]
    behind = [file.assigned(v) if isinstance(v, ast.Name) else v for v in returned]
    return bool(behind) and all(value is made for value in behind)


def _begun(file: File, called: ast.expr) -> tuple[str, frozenset[str]] | None:
    """What a variable, or an attribute of ``self``, makes that only ever holds a ``partial``.

    Some of these may go on from what it held before.
    """
    kinds = set()
    for home, value in _held(file, called):
        if not isinstance(value, ast.Call) or not is_partial(home, value) or value.args[1:]:
            return None
        if ast.unparse(value.args[0]) == ast.unparse(called):
            continue
        made = _made(home, value.args[0])
        if made is None:
            return None
        kinds.add(made)
    return kinds.pop() if len(kinds) == 1 else None


def _held(file: File, called: ast.expr) -> list[tuple[File, ast.expr | None]]:
    """All values that a variable or an attribute of ``self`` is set to, with their files."""
    if isinstance(called, ast.Name):
        found = file.tree.scope_of(called).find(called.id)
        bindings = found[1] if found is not None else []
        plain = all(b.kind == "assign" and not b.path for b in bindings)
        return [(file, b.value) for b in bindings] if plain else []
    cls = file.class_of(called) if isinstance(called, ast.Attribute) else None
    if cls is None or not isinstance(called, ast.Attribute):
        return []
    if not isinstance(called.value, ast.Name) or called.value.id != "self":
        return []
    return [(home.file, value) for home, _, value, _ in cls.self_assignments(called.attr)]


def is_partial(file: File, node: ast.Call) -> bool:
    """Whether a call gives some arguments to something that is called later."""
    return bool(node.args) and file.canonical(node.func) in _PARTIAL


def _is_promising(file: File, func: ast.expr) -> bool:
    """Whether a called name looks like a class, or is a variable that may hold one.

    Most calls are neither, and following every name through all imports takes its time.
    """
    if isinstance(func, ast.Attribute):
        if "trainer" in func.attr and isinstance(func.value, ast.Name):
            return True
        return func.attr[:1].isupper() or func.attr in _LOWER
    if not isinstance(func, ast.Name):
        return False
    if func.id[:1].isupper() or func.id in _LOWER:
        return True
    found = file.tree.scope_of(func).find(func.id)
    return found is not None and any(
        b.kind == "assign" or (b.target or "").rpartition(".")[2][:1].isupper() for b in found[1]
    )


def _made(file: File, func: ast.expr) -> tuple[str, frozenset[str]] | None:
    """What calling an expression makes: a kind, and the parameters of a subclass's own."""
    meanings = file.meanings(func)
    kinds: set[tuple[str, frozenset[str]]] = set()
    for meaning in meanings:
        if isinstance(meaning, str):
            kind = _KINDS.get(meaning)
            if kind is None:
                return None
            kinds.add((kind, frozenset()))
        elif isinstance(meaning.node, ast.ClassDef):
            made = _subclass(meaning.file.cls(meaning.node))
            if made is None:
                return None
            kinds.add(made)
        else:
            return None
    return kinds.pop() if len(kinds) == 1 else None


def _subclass(cls: Class) -> tuple[str, frozenset[str]] | None:
    roles = [r for r in (Role.TRAINER, Role.FABRIC) if cls.has(r)]
    if len(roles) != 1:
        return None
    init = cls.method("__init__")
    if init is None:
        return roles[0].value, frozenset()
    arguments = init[1].args
    if arguments.kwarg is None:
        return None
    calls = [n for n in ast.walk(init[1]) if isinstance(n, ast.Call)]
    methods = [(n, n.func) for n in calls if isinstance(n.func, ast.Attribute)]
    # ``defaults.update(kwargs)`` hands them on with ``**defaults``.
    names = {arguments.kwarg.arg}
    names |= {
        func.value.id
        for n, func in methods
        if func.attr == "update"
        and isinstance(func.value, ast.Name)
        and any(isinstance(a, ast.Name) and a.id == arguments.kwarg.arg for a in n.args)
    }
    splats = [k for n, func in methods if func.attr == "__init__" for k in n.keywords if not k.arg]
    if not any(isinstance(n, ast.Name) and n.id in names for k in splats for n in ast.walk(k)):
        return None
    own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    popped = {
        n.args[0].value
        for n, func in methods
        if func.attr == "pop"
        and isinstance(func.value, ast.Name)
        and func.value.id in names
        and n.args
        and isinstance(n.args[0], ast.Constant)
        and isinstance(n.args[0].value, str)
    }
    return roles[0].value, frozenset({a.arg for a in own} | popped)


def _parent_kind(file: File, owner: ast.expr, node: ast.Call) -> str | None:
    """The kind whose ``__init__`` is called on ``super()`` or on the class itself."""
    if not isinstance(owner, ast.Call):
        return _KINDS.get(file.canonical(owner) or "")
    if not (isinstance(owner.func, ast.Name) and owner.func.id == "super"):
        return None
    cls = file.class_of(node)
    if cls is None:
        return None
    if any("__init__" in base.methods for base in cls.mro[1:]):
        return None
    roles = [r for r in (Role.TRAINER, Role.FABRIC) if cls.has(r)]
    return roles[0].value if len(roles) == 1 else None


def is_cli(file: File, node: ast.Call) -> bool:
    """Whether a call makes a LightningCLI, which has ``trainer_defaults``."""
    if file.canonical(node.func) == _CLI:
        return True
    meanings = [m for m in file.meanings(node.func) if isinstance(m, Defined)]
    classes = [m.file.cls(m.node) for m in meanings if isinstance(m.node, ast.ClassDef)]
    return bool(classes) and all(c.has(Role.CLI) for c in classes)


def placed_for(file: File, node: ast.Call) -> frozenset[str] | None:
    """What such a function of the file has a place for; None where a Trainer gets nothing of it."""
    values = [k.value for k in node.keywords if k.arg is None]
    functions = [v.func for v in values if isinstance(v, ast.Call)]
    if not any(isinstance(f, ast.Name) and f.id == HANDING for f in functions):
        return None
    return frozenset(
        inner.value
        for definition in file.tree.functions
        if definition.name == HANDING
        for inner in ast.walk(definition)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str)
    )
