"""What a module or datamodule saves of itself, and whether a checkpoint with it can be read again.

torch reads checkpoints with ``weights_only`` since 2.6, and Lightning 2.6 leaves it at that: what
is no tensor, number, text or container of them is refused. Tried on 2.6.6:
``save_hyperparameters(args)`` takes a namespace apart, and it is refused only where it is saved as
one of several arguments.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.classes import Class, self_name
from ..engine.file import Defined
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File

NAMESPACE = "argparse.Namespace"
_REFUSED = {
    NAMESPACE: NAMESPACE,
    "omegaconf.DictConfig": "omegaconf.DictConfig",
    "omegaconf.ListConfig": "omegaconf.ListConfig",
    "omegaconf.dictconfig.DictConfig": "omegaconf.DictConfig",
    "pathlib.Path": "pathlib.Path",
    "torch.nn.Module": "torch.nn.Module",
}
_MAKERS = {"OmegaConf.load", "OmegaConf.create", "OmegaConf.merge", "OmegaConf.structured"}
#: Words without one of which a file makes no value that is refused.
_SOURCES = (b"parse_args", b"parse_known_args", b"OmegaConf", b"DictConfig", b"Path(")
_LOADS = (
    b"load_from_checkpoint", b"ckpt_path", b"torch.load", b"lr_find", b"scale_batch_size",
    b"resume_from_checkpoint",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Saved:
    """A value that is saved and refused: the call that saves it, its name and its type."""

    call: ast.Call
    name: str
    kind: str


def refused(cls: Class) -> Iterator[Saved]:
    """The values of a class's own ``save_hyperparameters`` that cannot be read again."""
    init = cls.methods.get("__init__")
    if init is None:
        return
    own = self_name(init)
    for call in (n for n in ast.walk(init) if isinstance(n, ast.Call)):
        func = call.func
        if not isinstance(func, ast.Attribute) or func.attr != "save_hyperparameters":
            continue
        if not isinstance(func.value, ast.Name) or func.value.id != own:
            continue
        whole = [a for a in call.args if literal(a) is UNKNOWN]
        if whole:
            kind = _of_parameter(cls, init, whole[0].id) if isinstance(whole[0], ast.Name) else None
            if kind is not None and kind != NAMESPACE and len(whole) == 1:
                yield Saved(call, cls.file.text(whole[0]), kind)
            continue
        for name in _names(init, call):
            kind = _of_parameter(cls, init, name)
            if kind is not None:
                yield Saved(call, name, kind)


def _names(init: ast.FunctionDef | ast.AsyncFunctionDef, call: ast.Call) -> list[str]:
    """The arguments of a constructor that are saved."""
    chosen = [literal(a) for a in call.args]
    ignored = next((literal(k.value) for k in call.keywords if k.arg == "ignore"), ())
    if ignored is UNKNOWN:
        return []
    left_out = {ignored} if isinstance(ignored, str) else set(ignored or ())  # type: ignore[call-overload]
    arguments = [*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs][1:]
    return [a.arg for a in arguments if a.arg not in left_out and (not chosen or a.arg in chosen)]


def _of_parameter(
    cls: Class, init: ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> str | None:
    """The type of a constructor's argument that is refused, by its annotation or by the calls."""
    plain = [*init.args.posonlyargs, *init.args.args][1:]
    argument = next((a for a in [*plain, *init.args.kwonlyargs] if a.arg == name), None)
    if argument is None or _is_changed(init, name):
        return None
    if argument.annotation is not None:
        return _kind(cls.file, cls.file.canonical(argument.annotation))
    place = next((i for i, a in enumerate(plain) if a is argument), None)
    for file, call in _makers(cls):
        value = next((k.value for k in call.keywords if k.arg == name), None)
        if value is None and place is not None and place < len(call.args):
            value = call.args[place]
        kind = _of_value(file, value) if value is not None else None
        if kind is not None:
            return kind
    return None


@lru_cache(maxsize=1)
def _makers(cls: Class) -> tuple[tuple[File, ast.Call], ...]:
    """The calls that make objects of a class, in files where one of the refused types may be."""
    name = (cls.name.encode(),)
    near = [
        file
        for word in _SOURCES
        for file in cls.file.project.holding(word, cls.file.path, beside=name)
    ]
    found = []
    for file in dict.fromkeys([cls.file, *near]):
        for call in file.tree.calls:
            last = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            last = call.func.id if isinstance(call.func, ast.Name) else last
            if last == cls.name and _makes(file, call, cls):
                found.append((file, call))
    return tuple(found)


def _is_changed(init: ast.AST, name: str) -> bool:
    return any(
        isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store)
        for n in ast.walk(init)
    )


def _makes(file: File, call: ast.Call, cls: Class) -> bool:
    return any(isinstance(m, Defined) and m.node is cls.node for m in file.meanings(call.func))


def _kind(file: File, name: str | None) -> str | None:
    del file
    return _REFUSED.get(name or "")


def _of_value(file: File, node: ast.expr, depth: int = 4) -> str | None:
    """The type of a value that is refused, where it is in sight."""
    if depth == 0:
        return None
    if isinstance(node, ast.Name):
        found = file.tree.scope_of(node).find(node.id)
        if found is not None and found[1][0].kind == "parameter":
            return _of_argument(file, node, depth)
        if found is not None and any(_is_unpacked(file, b.value, b.path) for b in found[1]):
            return NAMESPACE
        value = file.assigned(node)
        return _of_value(file, value, depth - 1) if value is not None else None
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "parse_args":
        return NAMESPACE
    name = file.canonical(node.func) or ""
    if name.startswith("omegaconf.") and name.removeprefix("omegaconf.") in _MAKERS:
        return "omegaconf.DictConfig"
    if name.startswith("torch.nn.") and name.rpartition(".")[2][:1].isupper():
        return "torch.nn.Module"
    return _kind(file, name)


def _is_unpacked(file: File, value: ast.expr | None, path: tuple[int, ...]) -> bool:
    """Whether a binding is the namespace of ``args, rest = parser.parse_known_args()``."""
    del file
    func = value.func if isinstance(value, ast.Call) else None
    return path == (0,) and isinstance(func, ast.Attribute) and func.attr == "parse_known_args"


def _of_argument(file: File, node: ast.Name, depth: int) -> str | None:
    """The type of a function's argument: what Hydra hands over, or what its calls are given."""
    function = file.tree.enclosing_function(node)
    if function is None:
        return None
    for decorator in function.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if file.canonical(target) == "hydra.main":
            return "omegaconf.DictConfig"
    names = [a.arg for a in function.args.args]
    if node.id not in names:
        return None
    annotation = function.args.args[names.index(node.id)].annotation
    if annotation is not None:
        return _kind(file, file.canonical(annotation))
    if file.tree.method_class(function) is not None:
        return None
    for call in file.tree.calls:
        if not isinstance(call.func, ast.Name) or call.func.id != function.name:
            continue
        if names.index(node.id) < len(call.args):
            return _of_value(file, call.args[names.index(node.id)], depth - 1)
    return None


def is_loaded(file: File) -> bool:
    """Whether the project around a file reads checkpoints."""
    files = dict.fromkeys(
        [file, *(f for word in _LOADS for f in file.project.holding(word, file.path))]
    )
    return any(word in f.source.data for f in files for word in _LOADS)


def is_allowed(file: File) -> bool:
    """Whether the project tells torch which classes it trusts."""
    word = b"add_safe_globals"
    return word in file.source.data or bool(file.project.holding(word, file.path))
