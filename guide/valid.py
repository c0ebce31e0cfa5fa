"""Whether every Lightning name, argument, value and hook of a program exists at 2.6.

Judged by the mined data of the releases, not by the rules: a rule that is wrong shows here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from lfix.codemods.engine.classes import Class, Role
from lfix.codemods.engine.file import File
from lfix.codemods.engine.values import infer
from lfix.codemods.lightning import api
from lfix.codemods.lightning.objects import ABSTRACT
from lfix.codemods.lightning.trainer import (
    ACCELERATORS,
    HISTORICAL_PRECISIONS,
    PRECISIONS,
    STRATEGIES,
)

from .same import parsed

TARGET = "2.6"
_EARLIER = tuple(r for r in api.RELEASES if r != TARGET)
_ROOTS = ("pytorch_lightning", "lightning", "lightning_fabric", "lightning_lite")
_CLASSES = {
    Role.TRAINER: "lightning.pytorch.Trainer",
    Role.MODULE: "lightning.pytorch.LightningModule",
    Role.DATAMODULE: "lightning.pytorch.LightningDataModule",
    Role.CALLBACK: "lightning.pytorch.Callback",
}
_VALUES = {
    "accelerator": ACCELERATORS,
    "strategy": STRATEGIES,
    "precision": PRECISIONS | HISTORICAL_PRECISIONS.keys() | {32, 64, 16, None},
}


def faults(text: str) -> tuple[str, ...]:
    """What of a program does not exist at 2.6, one sentence each; raises UnparsableError."""
    file = parsed(text)
    looks: tuple[Callable[[File], Iterator[str]], ...] = (
        _namespaces, _imports, _names, _members, _keywords, _values, _hooks,
    )  # fmt: skip
    return tuple(dict.fromkeys(fault for look in looks for fault in look(file)))


def _gone(name: str) -> bool:
    """Whether a name is of no use at the target."""
    return api.state(name, TARGET) > api.State.DEPRECATED


def _was_there(name: str) -> bool:
    return any(api.state(name, release) <= api.State.DEPRECATED for release in _EARLIER)


def _is_lightning(name: str) -> bool:
    return name.partition(".")[0] in _ROOTS


def _namespaces(file: File) -> Iterator[str]:
    tops = {(b.target or "").partition(".")[0] for b in file.imports}
    if "lightning" in tops and tops & {"pytorch_lightning", "lightning_fabric"}:
        yield "lightning and pytorch_lightning are both imported"


def _imports(file: File) -> Iterator[str]:
    for node in file.tree.all(ast.Import, ast.ImportFrom):
        if isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{a.name}" for a in node.names if a.name != "*"]
            names += [str(node.module)]
        else:
            assert isinstance(node, ast.Import)
            names = [a.name for a in node.names]
        for name in names:
            if _is_lightning(name) and _gone(name):
                yield f"{name} is not there"


def _names(file: File) -> Iterator[str]:
    for node in file.tree.all(ast.Name, ast.Attribute):
        assert isinstance(node, (ast.Name, ast.Attribute))
        name = spelled(file, node)
        owner = name.rpartition(".")[0] if name is not None else ""
        if name is None or not _gone(name) or _gone(owner):
            continue
        if not api.is_open(owner, TARGET) or _was_there(name):
            yield f"{name} is not there"


def spelled(file: File, node: ast.expr) -> str | None:
    """The path by which a Lightning name is reached, as it is written: re-exports not resolved."""
    if isinstance(node, ast.Attribute):
        owner = spelled(file, node.value)
        return f"{owner}.{node.attr}" if owner is not None else None
    if not isinstance(node, ast.Name):
        return None
    found = file.tree.scope_of(node).find(node.id)
    targets = {b.target for b in found[1]} if found is not None else set()
    target = targets.pop() if len(targets) == 1 else None
    return target if target is not None and _is_lightning(target) else None


def _class_names(file: File, node: ast.expr) -> Iterator[str]:
    """The Lightning classes that an object is surely one of."""
    types = infer(file, node)
    if len(types) != 1:
        return
    made = next(iter(types))
    if made.cls is not None:
        yield from (name for role, name in _CLASSES.items() if made.cls.has(role))
    elif made.name is not None and made.name.startswith("lightning."):
        if made.kind not in ABSTRACT:
            yield made.name
    else:
        yield from (name for role, name in _CLASSES.items() if made.kind == role.value)


def _own(file: File, node: ast.expr, name: str) -> bool:
    """Whether the project's own class gives an object the member."""
    made = next(iter(infer(file, node)))
    return made.cls is not None and _defines(made.cls, name)


def _defines(cls: Class, name: str) -> bool:
    return bool(cls.method(name) or cls.class_values(name) or list(cls.self_assignments(name)))


def _members(file: File) -> Iterator[str]:
    for node in file.tree.all(ast.Attribute):
        assert isinstance(node, ast.Attribute)
        for owner in _class_names(file, node.value):
            name = f"{owner}.{node.attr}"
            if _gone(name) and _was_there(name) and not _own(file, node.value, node.attr):
                yield f"{name} is not there"


def _keywords(file: File) -> Iterator[str]:
    for call in file.tree.calls:
        names = [spelled(file, call.func)]
        if isinstance(call.func, ast.Attribute):
            names += [f"{n}.{call.func.attr}" for n in _class_names(file, call.func.value)]
        for name in names:
            signature = api.signature(name, TARGET) if name is not None else None
            for keyword in call.keywords if signature is not None else ():
                if keyword.arg is not None and signature and not signature.takes(keyword.arg):
                    yield f"{name} has no argument {keyword.arg}"


def _values(file: File) -> Iterator[str]:
    for call in file.tree.calls:
        if file.canonical(call.func) != _CLASSES[Role.TRAINER]:
            continue
        for keyword in call.keywords:
            known = _VALUES.get(keyword.arg or "")
            value = keyword.value
            if known and isinstance(value, ast.Constant) and value.value not in known:
                yield f"Trainer takes no {keyword.arg}={value.value!r}"


def _hooks(file: File) -> Iterator[str]:
    for cls in file.classes:
        for role, owner in _CLASSES.items():
            if role is Role.TRAINER or not cls.has(role):
                continue
            for method, function in cls.methods.items():
                name = f"{owner}.{method}"
                called = f".{method}(" in file.source.text
                if _gone(name) and _was_there(name) and not called:
                    yield f"{name} is called no more"
                signature = api.signature(name, TARGET)
                if signature is None or signature.args is not None:
                    continue
                arguments = function.args
                positional = [*arguments.posonlyargs, *arguments.args]
                needed = len(positional) - len(arguments.defaults) - 1
                if needed > len(signature.parameters):
                    yield f"{name} is called with {len(signature.parameters)} arguments"
