"""Calls of hooks in the project: which method each reaches, and how it follows a new signature."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ..engine.classes import Class, role_of_name, self_name
from ..engine.file import Defined
from ..engine.rewrite import respace, rewrite_expression
from ..engine.scopes import FUNCTIONS
from ..engine.values import infer
from ..lightning.hooks import Hook, hook_names
from ._hook_owner import hook_of, hook_of_role, is_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ..engine.file import File
    from ..engine.scopes import Function
    from ..model import Edit


@dataclass(frozen=True)
class Reached:
    """What a call of a hook runs: a project method, or (both None) Lightning's own."""

    hook: Hook
    cls: Class | None
    function: Function | None
    #: How many leading arguments are the instance: ``Base.hook(self, …)``.
    lead: int = 0
    through_super: bool = False


@dataclass(frozen=True)
class Followed:
    """How a call changes: its edits, and the arguments that it no longer hands over."""

    call: ast.Call
    edits: tuple[Edit, ...]
    dropped: tuple[ast.expr, ...]


def hook_calls(file: File) -> Iterator[tuple[ast.Call, Reached]]:
    """All calls of hooks in a file that lead to a method that is known."""
    for call, func in file.tree.method_calls(*hook_names()):
        reached = _reached(file, call, func)
        if reached is not None:
            yield call, reached


def _reached(file: File, call: ast.Call, func: ast.Attribute) -> Reached | None:
    if _is_super(func.value):
        return _parent(file, call, func.attr)
    explicit = _through_class(file, call, func)
    if explicit is not None:
        return explicit
    types = infer(file, func.value)
    classes = [t.cls for t in types if t.cls is not None and t.kind != "class"]
    if len(classes) != 1 or len(types) != 1:
        return None
    return _method(classes[0], func.attr)


def _is_super(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"
    )


def _parent(file: File, call: ast.Call, name: str) -> Reached | None:
    cls = file.class_of(call)
    hook = hook_of(cls, name) if cls else None
    if cls is None or hook is None:
        return None
    for base in cls.mro[1:]:
        if name in base.methods:
            return Reached(hook, base, base.methods[name], through_super=True)
    return Reached(hook, None, None, through_super=True) if not is_open(cls) else None


def _through_class(file: File, call: ast.Call, func: ast.Attribute) -> Reached | None:
    first = call.args[0] if call.args else None
    owner = next((a for a in file.tree.ancestors(call) if isinstance(a, FUNCTIONS)), None)
    if not isinstance(first, ast.Name) or owner is None or self_name(owner) != first.id:
        return None
    for meaning in file.meanings(func.value):
        if isinstance(meaning, Defined) and isinstance(meaning.node, ast.ClassDef):
            found = _method(meaning.file.cls(meaning.node), func.attr)
            return Reached(found.hook, found.cls, found.function, 1, True) if found else None
        if isinstance(meaning, str):
            role = role_of_name(meaning)
            hook = hook_of_role(role, func.attr) if role else None
            return Reached(hook, None, None, 1, True) if hook else None
    return None


def _method(cls: Class, name: str) -> Reached | None:
    hook = hook_of(cls, name)
    if hook is None:
        return None
    found = cls.method(name)
    if found is not None:
        return Reached(hook, *found)
    return Reached(hook, None, None) if not is_open(cls) else None


def spread(
    file: File,
    call: ast.Call,
    lead: int,
    old: Sequence[str],
    order: Sequence[int | str],
    renamed: dict[str, str],
    fill: Callable[[str], str | None],
) -> Followed | None:
    """The call with its arguments in a new order; None where it cannot be followed.

    ``old`` are the names of the parameters that the call was written for, ``order`` says what
    comes where now: an index into ``old``, or a new parameter, which ``fill`` gives a value.
    """
    positional = call.args[lead:]
    stars = [a for a in positional if isinstance(a, ast.Starred)]
    if stars:
        cut = positional.index(stars[0])
        rest, positional = positional[cut:], positional[:cut]
        if any(isinstance(e, str) or e >= cut for e in order):
            return None
    else:
        rest = []
    if len(positional) > len(old):
        return None
    listed: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    ordered = sorted(listed, key=lambda a: (a.lineno, a.col_offset))
    place = {id(a): i for i, a in enumerate(ordered)}
    by_name = {k.arg: k for k in call.keywords if k.arg is not None}
    if any(name not in old for name in by_name):
        return None
    wanted: list[int | tuple[str | None, str]] = [place[id(a)] for a in call.args[:lead]]
    kept: set[int] = set()
    named = False
    for entry in order:
        if isinstance(entry, str):
            text = fill(entry)
            if text is None:
                return None
            wanted.append((entry if named else None, text))
        elif entry < len(positional):
            if named:
                return None
            wanted.append(place[id(positional[entry])])
            kept.add(entry)
        else:
            # Left out, or given by name: what follows has to go by name too.
            named = True
    wanted += [place[id(a)] for a in rest]
    named_nodes = [k for k in call.keywords if k.arg is None or old.index(k.arg) in order]
    wanted += [place[id(k)] for k in named_nodes]
    dropped = [a for i, a in enumerate(positional) if i not in kept]
    dropped += [k.value for k in call.keywords if k not in named_nodes]
    edits = _edits(file, call, wanted, renamed)
    return Followed(call, edits, tuple(dropped))


def _edits(
    file: File,
    call: ast.Call,
    wanted: Sequence[int | tuple[str | None, str]],
    renamed: dict[str, str],
) -> tuple[Edit, ...]:
    def transform(node: cst.BaseExpression) -> cst.BaseExpression:
        whole = cst.ensure_type(node, cst.Call)
        slots = [_renamed(a, renamed) for a in whole.args]
        entries = [w if isinstance(w, int) else _argument(*w) for w in wanted]
        indices = [e for e in entries if isinstance(e, int)]
        if indices != sorted(indices):
            slots, entries = _relaid(slots, entries)
        return whole.with_changes(args=respace(slots, entries))

    return rewrite_expression(file, call, transform)


def _relaid(
    slots: list[cst.Arg], entries: list[cst.Arg | int]
) -> tuple[list[cst.Arg], list[cst.Arg | int]]:
    """Arguments that moved take the commas and line breaks of their new places."""
    laid_out = list(slots)
    wanted: list[cst.Arg | int] = []
    for position, entry in enumerate(entries):
        argument = slots[entry] if isinstance(entry, int) else entry
        if position >= len(slots):
            wanted.append(argument)
            continue
        model = slots[position]
        laid_out[position] = argument.with_changes(
            comma=model.comma, whitespace_after_arg=model.whitespace_after_arg
        )
        wanted.append(position)
    return laid_out, wanted


def _renamed(argument: cst.Arg, renamed: dict[str, str]) -> cst.Arg:
    name = argument.keyword.value if argument.keyword else None
    if name is None or name not in renamed:
        return argument
    return argument.with_changes(keyword=cst.Name(renamed[name]))


def _argument(name: str | None, text: str) -> cst.Arg:
    value = cst.parse_expression(text)
    if name is None:
        return cst.Arg(value)
    plain = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(name), equal=plain)


def without_arguments(node: cst.BaseExpression, keep: int, name: str) -> cst.BaseExpression:
    """A call of a method under another name, with no more than its first arguments."""
    call = cst.ensure_type(node, cst.Call)
    func = cst.ensure_type(call.func, cst.Attribute).with_changes(attr=cst.Name(name))
    return call.with_changes(func=func, args=respace(list(call.args), list(range(keep))))
