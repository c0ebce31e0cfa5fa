"""Calls whose arguments reach a class, a method or a function of Lightning."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.file import Defined
from ..engine.values import infer
from ..lightning import api
from ..lightning.lineage import inherits, today
from ..lightning.names import is_lightning
from ._members import owners_of
from ._trainer_stored import is_guarded
from ._variables import loads, used_in_other_files

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from ..engine.classes import Class
    from ..engine.file import File

#: Bases that take no arguments.
_EMPTY = ("abc.ABC", "object", "typing.Generic", "typing.Protocol")
#: Parts of the names of decorators that write a constructor.
_GENERATING = ("dataclass", "attr", "define")
_PARTIAL = ("functools.partial", "functools.partialmethod")


@dataclass(frozen=True, eq=False)
class Part:
    """Arguments written in one place; ``doubt`` says why they should not be edited blindly."""

    arguments: Arguments
    doubt: str = ""


@dataclass(frozen=True, eq=False)
class Handed:
    """The arguments of one call; ``paths`` are the full paths of what takes them."""

    node: ast.Call
    paths: tuple[str, ...]
    parts: tuple[Part, ...]
    positional: tuple[ast.expr, ...] = ()
    own: frozenset[str] = frozenset()
    is_method: bool = False

    @property
    def hidden(self) -> bool:
        """Whether there may be arguments that cannot be seen."""
        stars = sum(k.arg is None for k in self.node.keywords)
        nested = any(p.arguments.splat for p in self.parts[1:])
        starred = any(isinstance(a, ast.Starred) for a in self.node.args)
        return stars >= len(self.parts) or nested or starred or bool(self.own)

    def value(self, name: str) -> ast.expr | None:
        """The expression given for a name."""
        part = self.part(name)
        return part.arguments.value(name) if part else None

    def part(self, name: str) -> Part | None:
        """The part that holds an argument."""
        return next((p for p in reversed(self.parts) if name in p.arguments), None)

    def is_of(self, *owners: str) -> bool:
        """Whether it makes an object of one of some classes."""
        return not self.is_method and any(inherits(p, o) for p in self.paths for o in owners)

    @property
    def name(self) -> str:
        """What takes them, as a reader knows it."""
        first = self.paths[0]
        last = first.rpartition(".")[2]
        return f"{first.split('.')[-2]}.{last}" if self.is_method else last

    @property
    def given(self) -> frozenset[str]:
        """The names of all arguments that can be seen."""
        return frozenset(n for p in self.parts for n in p.arguments.named) - self.own


def handed(file: File, lasts: Container[str]) -> Iterator[Handed]:
    """Calls that give something by keyword, or that call one of ``lasts`` by position."""
    for node in file.tree.calls:
        func = node.func
        last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if not node.keywords and last not in lasts and not _may_be_alias(file, func):
            continue
        found = _of_call(file, node)
        if found is not None and not is_guarded(file, node):
            yield found


def _may_be_alias(file: File, func: ast.expr) -> bool:
    if not isinstance(func, ast.Name):
        return False
    found = file.tree.scope_of(func).find(func.id)
    return found is not None and any(b.kind == "import" and b.target for b in found[1])


def _of_call(file: File, node: ast.Call) -> Handed | None:
    func = node.func
    if isinstance(func, ast.Attribute):
        if func.attr == "__init__":
            return _of_parent(file, node, func)
        if not func.attr[:1].isupper():
            found = _of_method(file, node, func)
            if found is not None:
                return found
    skip = 0
    if file.canonical(func) in _PARTIAL and node.args:
        func, skip = node.args[0], 1
    made = _made(file, func)
    if made is None:
        return None
    paths, own, doubt = made
    return _collected(file, node, paths, skip, own, doubt)


def _of_parent(file: File, node: ast.Call, func: ast.Attribute) -> Handed | None:
    """``super().__init__(…)`` of a class whose next constructor is Lightning's."""
    owner = func.value
    if not (isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name)):
        return None
    cls = file.class_of(node)
    if owner.func.id != "super" or cls is None:
        return None
    if any("__init__" in base.methods for base in cls.mro[1:]):
        return None
    paths = _lightning_bases(cls)
    return _collected(file, node, paths, 0, frozenset(), "") if paths else None


def _of_method(file: File, node: ast.Call, func: ast.Attribute) -> Handed | None:
    types = [t for t in infer(file, func.value) if t.kind != "none"]
    if not types or all(t.kind in ("unknown", "function") and not t.name for t in types):
        return None
    groups = [owners_of(t, func.attr) for t in types]
    common = frozenset.intersection(*groups)
    paths = tuple(sorted(f"{owner}.{func.attr}" for owner in common if is_lightning(owner)))
    if not paths or not any(api.since(path) for path in paths):
        return None
    found = _collected(file, node, paths, 0, frozenset(), "")
    return Handed(node, paths, found.parts, found.positional, is_method=True)


def _made(file: File, func: ast.expr) -> tuple[tuple[str, ...], frozenset[str], str] | None:
    """What a call makes: the paths, the parameters of a project class's own, and a doubt."""
    meanings = file.meanings(func)
    if len(meanings) != 1:
        names = {today(m) for m in meanings if isinstance(m, str)}
        if len(names) != 1 or not all(isinstance(m, str) for m in meanings):
            return None
        return (names.pop(),), frozenset(), ""
    meaning = meanings[0]
    if isinstance(meaning, str):
        return ((today(meaning),), frozenset(), "") if is_lightning(meaning) else None
    if not isinstance(meaning.node, ast.ClassDef):
        return None
    return _of_class(meaning)


def _of_class(meaning: Defined) -> tuple[tuple[str, ...], frozenset[str], str] | None:
    assert isinstance(meaning.node, ast.ClassDef)
    cls = meaning.file.cls(meaning.node)
    paths = _lightning_bases(cls)
    if not paths or cls.unknown_bases or any(_is_generated(c) for c in cls.mro):
        return None
    constructor = cls.method("__init__")
    if constructor is None:
        others = [b for b in cls.foreign_bases if not is_lightning(b) and b not in _EMPTY]
        return paths, frozenset(), f"{cls.name} is made by {others[0]} as well" if others else ""
    arguments = constructor[1].args
    if arguments.kwarg is None:
        return None
    own = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    doubt = f"it goes through {cls.name}.__init__"
    return paths, frozenset(a.arg for a in own), doubt


def _is_generated(cls: Class) -> bool:
    """Whether a decorator writes the constructor."""
    return any(word in ast.unparse(d) for d in cls.node.decorator_list for word in _GENERATING)


def _lightning_bases(cls: Class) -> tuple[str, ...]:
    return tuple(today(name) for name in cls.foreign_bases if is_lightning(name))


def _collected(
    file: File,
    node: ast.Call,
    paths: tuple[str, ...],
    skip: int,
    own: frozenset[str],
    doubt: str,
) -> Handed:
    parts = [Part(Arguments(file, node), doubt)]
    for keyword in node.keywords:
        if keyword.arg is None:
            part = _splatted(file, keyword.value, doubt)
            parts += [part] if part is not None else []
    plain = tuple(node.args[skip:])
    if own or any(isinstance(a, ast.Starred) for a in plain):
        plain = ()
    return Handed(node, paths, tuple(parts), plain, own)


def _splatted(file: File, value: ast.expr, doubt: str) -> Part | None:
    """The dict literal behind ``**``, there or in a variable."""
    literal: ast.expr | None = value
    if isinstance(value, ast.Name):
        literal = file.assigned(value)
        home = file.tree.scope_of(value).find(value.id)
        if home is not None and (
            len(loads(file, home[0], value.id)) > 1
            or (home[0].is_module and used_in_other_files(file, value.id))
        ):
            doubt = doubt or f"{value.id} is used elsewhere too"
    if isinstance(literal, ast.Dict):
        return Part(Arguments(file, literal), doubt)
    if isinstance(literal, ast.Call) and file.canonical(literal.func) == "dict":
        return Part(Arguments(file, literal), doubt)
    return None
