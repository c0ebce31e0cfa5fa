"""Calls of what made command lines of classes: methods of the classes, and functions."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.classes import Class, Role
from ..lightning.objects import CLASSES, TRAINER
from ._asked import upwards

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..engine.file import File
    from ..engine.settings import Settings

HELPERS = (
    "add_argparse_args", "from_argparse_args", "parse_argparser", "get_init_arguments_and_types",
    "match_env_arguments", "parse_env_variables", "default_attributes",
)  # fmt: skip
_HOMES = ("lightning.pytorch.utilities.argparse.", "lightning.pytorch.utilities.argparse_utils.")
#: Attributes of these are no options.
_NO_OPTIONS = frozenset({"self", "pl", "torch", "trainer", "cls", "pl_module"})
#: What parsed options are called.
_SPACES = frozenset({"args", "opt", "opts", "options", "hparams", "params", "flags", "FLAGS"})
_DECLARED = re.compile(rb"""add_argument\(\s*(?:["']-\w["'],\s*)?["']--([\w-]+)["']""")


@dataclass(frozen=True, eq=False)
class Help:
    """One call: the helper's name, the class as it is written, and the arguments behind it.

    ``cls`` is the class of the project, None for the Trainer itself; ``path`` the canonical name of
    a function that has to be imported.
    """

    node: ast.Call
    name: str
    owner: ast.expr
    cls: Class | None
    arguments: tuple[ast.expr, ...]
    path: str = ""

    @property
    def is_trainer(self) -> bool:
        """Whether it is about a Trainer."""
        return self.cls is None or self.cls.has(Role.TRAINER)


@lru_cache(maxsize=2)
def helps(file: File) -> tuple[Help, ...]:
    """All of them in a file, in source order."""
    found = [_help(file, call) for call in file.tree.calls]
    return tuple(h for h in found if h is not None)


def _help(file: File, call: ast.Call) -> Help | None:
    func = call.func
    last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    if isinstance(func, ast.Attribute) and last in HELPERS:
        known, cls = _owner(file, func.value, last)
        if known:
            return Help(call, last, func.value, cls, tuple(call.args))
    if not isinstance(func, (ast.Name, ast.Attribute)):
        return None
    path = file.canonical(func) or ""
    name = path.rpartition(".")[2]
    if name not in HELPERS or not path.startswith(_HOMES) or not call.args:
        return None
    known, cls = _owner(file, call.args[0], name)
    if not known:
        return None
    return Help(call, name, call.args[0], cls, tuple(call.args[1:]), path)


def _owner(file: File, node: ast.expr, name: str) -> tuple[bool, Class | None]:
    """Whether a class is one that had a helper, and which one of the project it is."""
    meanings = file.meanings(node)
    if len(meanings) != 1:
        return False, None
    meaning = meanings[0]
    if isinstance(meaning, str):
        return meaning == CLASSES[TRAINER], None
    if not isinstance(meaning.node, ast.ClassDef):
        return False, None
    cls = meaning.file.cls(meaning.node)
    has = cls.has(Role.TRAINER) or cls.has(Role.DATAMODULE)
    return has and cls.method(name) is None, cls


def parser_of(help_: Help) -> ast.expr | None:
    """The parser or namespace that a helper is given."""
    if help_.arguments:
        return help_.arguments[0]
    names = ("parent_parser", "args", "arg_parser")
    return next((k.value for k in help_.node.keywords if k.arg in names), None)


def declared(file: File) -> set[str]:
    """The options that a file's parsers may have, as attributes.

    Those of its own, and of files that it imports or that import it; other scripts of the project
    have parsers of theirs.
    """
    found = _declared(file.source.data)
    links = file.project.members.links
    for other in file.project.holding(b"add_argument", file.path):
        if other is not file and links.connect(file.project, file.path, other.path):
            found |= _declared(_shared(other))
    return found


def _declared(data: bytes) -> set[str]:
    return {match[1].decode().replace("-", "_") for match in _DECLARED.finditer(data)}


def _shared(file: File) -> bytes:
    """The declarations of a file, without those of a script that parses them for itself."""
    is_script = _parses(file)
    kept = [
        file.text(call).encode()
        for call in file.tree.calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "add_argument"
        and (not is_script or file.tree.enclosing_function(call) is not None)
    ]
    return b"\n".join(kept)


def _parses(file: File) -> bool:
    """Whether a file parses a command line outside of functions, as scripts do."""
    return any(
        isinstance(call.func, ast.Attribute)
        and call.func.attr in ("parse_args", "parse_known_args")
        and file.tree.enclosing_function(call) is None
        for call in file.tree.calls
    )


def read(file: File, words: frozenset[str]) -> set[str]:
    """Which of some names are read as attributes of plain names, here and in files around."""
    others = file.project.holding(b"args", file.path)
    return {
        n.attr
        for home in dict.fromkeys((file, *others))
        for n in home.tree.all(ast.Attribute)
        if isinstance(n, ast.Attribute)
        and n.attr in words
        and isinstance(n.ctx, ast.Load)
        and isinstance(n.value, ast.Name)
        and n.value.id not in _NO_OPTIONS
        and not isinstance(home.tree.parents.get(n), ast.Attribute)
        and not _is_called(home, n)
    }


def of_spaces(files: Iterable[File], words: frozenset[str]) -> set[str]:
    """Which of some names files read as attributes of what is called like parsed options."""
    return {
        n.attr
        for home in dict.fromkeys(files)
        for n in home.tree.all(ast.Attribute)
        if isinstance(n, ast.Attribute)
        and n.attr in words
        and isinstance(n.ctx, ast.Load)
        and isinstance(n.value, ast.Name)
        and n.value.id in _SPACES
        and not _is_called(home, n)
    }


def used_options(file: File, settings: Settings) -> Mapping[str, frozenset[str]]:
    """The options, with their values, in the scripts and documents of a file's project."""
    return file.project.layout.scripts.options(upwards(file.path, settings.root))


def is_parser(file: File, node: ast.expr) -> bool:
    """Whether a variable is surely a parser, not what it parsed."""
    value = file.assigned(node) if isinstance(node, ast.Name) else None
    if not isinstance(value, ast.Call):
        return False
    last = value.func.attr if isinstance(value.func, ast.Attribute) else ""
    return file.canonical(value.func) == "argparse.ArgumentParser" or last == "add_argparse_args"


def _is_called(file: File, node: ast.Attribute) -> bool:
    parent = file.tree.parents.get(node)
    return isinstance(parent, ast.Call) and parent.func is node


def stored(file: File, *, always: bool = False) -> set[str]:
    """Attributes that a file sets on plain names; ``always`` leaves out those under an ``if``."""
    return {
        n.attr
        for n in file.tree.all(ast.Attribute)
        if isinstance(n, ast.Attribute)
        and isinstance(n.ctx, ast.Store)
        and isinstance(n.value, ast.Name)
        and n.value.id not in _NO_OPTIONS
        and not (always and _is_conditional(file, n))
    }


def _is_conditional(file: File, node: ast.Attribute) -> bool:
    home = file.tree.parents.get(file.tree.statement(node))
    return not isinstance(home, (ast.FunctionDef, ast.Module)) and not _is_main(home)


def _is_main(node: ast.AST | None) -> bool:
    """Whether a statement is ``if __name__ == "__main__"``."""
    return isinstance(node, ast.If) and "__name__" in {
        n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)
    }


def defaulted(file: File) -> set[str]:
    """Options whose defaults a file sets anew."""
    return {
        k.arg
        for call in file.tree.calls
        if isinstance(call.func, ast.Attribute) and call.func.attr == "set_defaults"
        for k in call.keywords
        if k.arg
    }
