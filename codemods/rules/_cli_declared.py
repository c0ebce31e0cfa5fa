"""Options that a script declares for its command line, and which parameters they can stand for."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.file import Defined
from ..engine.scopes import FUNCTIONS, Function
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File

#: Names that LightningCLI has for options of its own.
TAKEN = frozenset({"config", "c", "model", "data", "trainer", "seed_everything", "print_config"})
#: Methods of the namespace that jsonargparse gives.
_METHODS = frozenset({"as_dict", "clone", "get", "items", "keys", "pop", "update", "values"})
_PLAIN = {"int": int, "float": float, "str": str}
_SWITCHES = ("store_true", "store_false")
_LISTS = frozenset({"list", "List", "Sequence", "Iterable", "typing.List", "typing.Sequence"})
_UNIONS = ("Optional", "Union", "typing.Optional", "typing.Union")


class RefusedError(Exception):
    """A script that is no LightningCLI's: the message says why, ``node`` where."""

    def __init__(self, why: str, node: ast.AST | None = None) -> None:
        super().__init__(why)
        self.node = node


@dataclass(frozen=True, eq=False)
class Option:
    """One ``add_argument``: the attribute that it sets, the type and the default of its value.

    ``kind`` is the name of a plain type, ``list``, or empty for everything else; ``default`` is
    None where there is none, ``UNKNOWN`` where it is no literal or the option has to be given.
    """

    file: File
    call: ast.Call
    name: str
    flags: tuple[str, ...]
    kind: str
    default: object

    @property
    def shown(self) -> str:
        """How the command line spells it."""
        return self.flags[0]


def option_of(file: File, call: ast.Call) -> Option:
    """The option of a call of ``add_argument``; raises RefusedError for what no CLI can have."""
    flags = [literal(a) for a in call.args]
    texts = tuple(f for f in flags if isinstance(f, str))
    given = {k.arg: k.value for k in call.keywords}
    if not texts or len(texts) != len(flags) or None in given:
        raise RefusedError(f"no name of an option is to be read in `{file.text(call)}`", call)
    long = next((f for f in texts if f.startswith("--")), texts[0])
    wanted = literal(given["dest"]) if "dest" in given else long.lstrip("-").replace("-", "_")
    if not isinstance(wanted, str) or not wanted.isidentifier():
        raise RefusedError(f"no attribute is to be read in `{file.text(call)}`", call)
    clash = next((f for f in texts if f.startswith("-") and f.lstrip("-") in TAKEN), None)
    if clash is not None or wanted in (TAKEN | _METHODS) - {"seed_everything"}:
        raise RefusedError(f"LightningCLI has a {clash or wanted} of its own", call)
    default = literal(given["default"]) if "default" in given else None
    if "required" in given:
        default = UNKNOWN
    kind = _kind(given)
    if literal(given.get("action")) == "store_true" and "default" not in given:
        default = False
    if literal(given.get("action")) == "store_false" and "default" not in given:
        default = True
    _check_default(kind, default, call, long)
    return Option(file, call, wanted, texts, kind, default)


def with_default(option: Option, node: ast.expr) -> Option:
    """The option with another default; raises RefusedError for one of another type."""
    default = literal(node)
    _check_default(option.kind, default, option.call, option.shown)
    return replace(option, default=default)


def _kind(given: dict[str | None, ast.expr]) -> str:
    action = literal(given["action"]) if "action" in given else "store"
    if action in _SWITCHES:
        return "bool"
    if action != "store" or "const" in given:
        return ""
    written = given.get("type")
    name = "str" if written is None else getattr(written, "id", "")
    if name not in _PLAIN:
        return ""
    nargs = literal(given["nargs"]) if "nargs" in given else None
    if nargs is None:
        return str(name)
    return "list" if nargs in ("+", "*") or isinstance(nargs, int) else ""


def _check_default(kind: str, default: object, call: ast.Call, shown: str) -> None:
    """Raises RefusedError for a default that argparse takes as it is and jsonargparse checks."""
    if kind not in _PLAIN or default is None or default is UNKNOWN or isinstance(default, str):
        return
    fits = isinstance(default, (int, float)) if kind == "float" else type(default) is _PLAIN[kind]
    if not fits:
        raise RefusedError(f"the default of {shown} is no {kind}, which its type says", call)


def types_of(annotation: ast.expr | None) -> frozenset[str]:
    """The names of the types in an annotation, ``None`` left out; empty where anything goes."""
    if annotation is None:
        return frozenset()
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return frozenset()
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return types_of(ast.parse(annotation.value, mode="eval").body)
        except SyntaxError:
            return frozenset({annotation.value})
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return types_of(annotation.left) | types_of(annotation.right)
    name = ast.unparse(getattr(annotation, "value", annotation))
    if not isinstance(annotation, ast.Subscript):
        name = ast.unparse(annotation)
        return frozenset() if name in ("Any", "typing.Any") else frozenset({name})
    if name in _UNIONS:
        parts = annotation.slice
        items = parts.elts if isinstance(parts, ast.Tuple) else [parts]
        return frozenset().union(*(types_of(item) for item in items))
    return frozenset({name})


def admits_none(annotation: ast.expr | None) -> bool:
    """Whether a parameter of such an annotation may be None."""
    if annotation is None or not types_of(annotation):
        return True
    return "None" in ast.unparse(annotation) or "Optional" in ast.unparse(annotation)


def takes(annotation: ast.expr | None, default: ast.expr | None, kind: str) -> bool:
    """Whether a parameter surely keeps a value of a kind as it is; for texts see ``is_bare``."""
    types = types_of(annotation)
    if kind == "list":
        inferred = literal(default) if default is not None else None
        return types <= _LISTS if types else inferred is None or isinstance(inferred, list)
    if types:
        return types == {kind} or (kind == "int" and types == {"int", "float"} and default is None)
    inferred = literal(default) if default is not None else None
    if kind == "int":
        return inferred is None or type(inferred) is int
    if kind == "float":
        return inferred is None or type(inferred) in (int, float)
    return kind == "bool" and (inferred is None or isinstance(inferred, bool))


def is_bare(annotation: ast.expr | None) -> bool:
    """Whether nothing is said of a parameter's type, so that a text may be read as a number."""
    return annotation is None


def declaring(file: File, function: Function, call: ast.Call) -> Iterator[Option]:
    """The options that a function adds to the parser which it is given, and gives back.

    Raises RefusedError where it does anything else.
    """
    arguments = function.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    skip = 1 if names[:1] in (["self"], ["cls"]) else 0
    if len(names) != skip + 1 or arguments.kwonlyargs or arguments.vararg or arguments.kwarg:
        raise RefusedError(f"{function.name} takes more than a parser", call)
    parsers = {names[skip]}
    for statement in function.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue
        if isinstance(statement, ast.Return) and _is_of(statement.value, parsers):
            return
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        value = getattr(statement, "value", None)
        if isinstance(target, ast.Name) and _is_derived(file, value, parsers):
            parsers.add(target.id)
            continue
        added = added_here(value, parsers) if isinstance(statement, ast.Expr) else None
        if added is None:
            raise RefusedError(f"{function.name} does more than declare options", call)
        yield option_of(file, added)


def added_here(value: ast.expr | None, parsers: set[str]) -> ast.Call | None:
    """The call of ``add_argument`` of one of some parsers that an expression is."""
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
        return None
    is_added = value.func.attr == "add_argument" and _is_of(value.func.value, parsers)
    return value if is_added else None


def _is_of(node: ast.expr | None, names: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _is_derived(file: File, value: ast.expr | None, parsers: set[str]) -> bool:
    """Whether an expression is a group of a parser, or a parser that takes over another's."""
    if not isinstance(value, ast.Call):
        return False
    if is_group(value, parsers):
        return True
    given = {k.arg: k.value for k in value.keywords}
    parents = given.get("parents")
    return (
        file.canonical(value.func) == "argparse.ArgumentParser"
        and isinstance(parents, ast.List)
        and all(_is_of(p, parsers) for p in parents.elts)
    )


def is_group(value: ast.expr | None, parsers: set[str]) -> bool:
    """Whether an expression is a plain group of options of one of some parsers."""
    func = value.func if isinstance(value, ast.Call) else None
    return (
        isinstance(func, ast.Attribute)
        and func.attr == "add_argument_group"
        and _is_of(func.value, parsers)
    )


def function_of(file: File, node: ast.expr) -> tuple[File, Function] | None:
    """The function of the project that an expression denotes, and the file that it is in."""
    meanings = file.meanings(node)
    made = meanings[0] if len(meanings) == 1 else None
    if isinstance(made, Defined) and isinstance(made.node, FUNCTIONS):
        return made.file, made.node
    return None


def free_names(node: ast.AST) -> set[str]:
    """The names that code reads and that are no builtins."""
    return {
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load) and not hasattr(builtins, n.id)
    }
