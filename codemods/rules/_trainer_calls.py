"""Where arguments reach a ``Trainer`` or a ``Fabric``: calls, ``partial``, splatted dicts."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.arguments import Argument, Arguments
from ..engine.file import Defined
from ..engine.values import own_nodes
from ..lightning.trainer import DEVICE_ARGUMENTS, GONE_ARGUMENTS, TRAINER_PARAMETERS
from ._trainer_stored import Stored, added, entries, is_guarded
from ._trainer_targets import HANDING, is_cli, target_of
from ._variables import loads, reached_values, used_in_other_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..engine.file import File
    from ..model import Edit

_DEPTH = 6
_ARGUMENTS = TRAINER_PARAMETERS | GONE_ARGUMENTS
#: What says together where to train; a dict with a part of it does not tell the rest.
_TOGETHER = DEVICE_ARGUMENTS - {"strategy", "plugins"}


@dataclass(frozen=True, eq=False)
class Part:
    """Arguments written in one place; ``frozen`` says why they should not be edited blindly."""

    arguments: Arguments
    frozen: str | None = None


@dataclass(frozen=True, eq=False)
class TrainerCall:
    """All that is known of the arguments of one construction.

    ``node`` is the call. ``hidden`` tells that there may be arguments that cannot be seen;
    ``own`` are parameters of a subclass, which are not the Trainer's business. ``choices`` are
    dicts of which a condition hands over one, each as a call of its own, which sees nothing but
    that dict; ``beside`` then names what the construction is given besides.
    """

    file: File
    node: ast.Call
    kind: str
    parts: tuple[Part, ...]
    positional: tuple[ast.expr, ...] = ()
    hidden: bool = False
    stored: tuple[Stored, ...] = ()
    own: frozenset[str] = frozenset()
    choices: tuple[TrainerCall, ...] = ()
    beside: frozenset[str] | None = None

    @property
    def names(self) -> list[str]:
        """The names of all arguments that can be seen, in source order, part by part."""
        return [n for p in self.parts for n in p.arguments.named if n not in self.own]

    def part(self, name: str) -> Part | None:
        """The part that holds an argument; of several the last one counts, as in Python."""
        if name in self.own:
            return None
        return next((p for p in reversed(self.parts) if name in p.arguments), None)

    def get(self, name: str) -> Argument | None:
        """The argument of a name."""
        part = self.part(name)
        return part.arguments.get(name) if part else None

    def value(self, name: str) -> ast.expr | None:
        """The expression given for a name."""
        argument = self.get(name)
        return argument.value if argument else None

    def text(self, name: str) -> str:
        """The source text given for a name that is there."""
        part = self.part(name)
        assert part is not None
        return part.arguments.text(name)

    def home(self, name: str) -> File:
        """The file in which an argument stands."""
        part = self.part(name)
        return part.arguments.file if part else self.file

    def doubts(self, changes: Mapping[str, Sequence[tuple[str, str]]]) -> list[str]:
        """Why changes of arguments (see ``change``) may be wrong, whatever they are."""
        found = [
            p.frozen for p in self.parts if p.frozen and any(n in p.arguments for n in changes)
        ]
        new = {key for pairs in changes.values() for key, _ in pairs}
        if self.hidden and not new <= set(changes):
            found.append("other arguments come from an object that cannot be seen here")
        if any(new & other.outside(self, changes) for other in trainer_calls(self.file)):
            found.append("the dict goes into another call too, which has such arguments itself")
        return found

    def outside(self, other: TrainerCall, names: Mapping[str, object]) -> set[str]:
        """The arguments beside the dicts with ``names`` that this call shares with another."""
        theirs = {p.arguments.node for p in other.parts if any(n in p.arguments for n in names)}
        if self is other or not any(p.arguments.node in theirs for p in self.parts):
            return set()
        rest = [p for p in self.parts if p.arguments.node not in theirs]
        return {name for p in rest for name in p.arguments.named}

    def change(self, changes: Mapping[str, Sequence[tuple[str, str]]]) -> tuple[Edit, ...]:
        """Edits that replace arguments, each in the part that holds it (see Arguments.change).

        The key ``""`` adds to the last part, which in a call with splatted dicts is the call.
        """
        edits: list[Edit] = []
        last = next(p for p in self.parts)
        for part in self.parts:
            mine = {
                n: pairs
                for n, pairs in changes.items()
                if (part is last if n == "" else part is self.part(n))
            }
            if mine:
                edits += part.arguments.change(mine)
        return tuple(edits)

    @property
    def is_local(self) -> bool:
        """Whether all arguments stand in the file of the call."""
        return all(p.arguments.file is self.file for p in self.parts)


@dataclass
class _Found:
    parts: list[Part] = field(default_factory=list)
    stored: list[Stored] = field(default_factory=list)
    hidden: bool = False
    choices: list[_Found] = field(default_factory=list)


def handings(file: File) -> Iterator[TrainerCall]:
    """The calls of ``trainer_calls``, each with its choices behind it."""
    for call in trainer_calls(file):
        yield call
        yield from call.choices


@lru_cache(maxsize=2)
def trainer_calls(file: File) -> tuple[TrainerCall, ...]:
    """Every place of a file where arguments are handed to a Trainer or a Fabric."""
    return tuple(_calls(file))


def _calls(file: File) -> Iterator[TrainerCall]:
    for node in file.tree.calls:
        target = target_of(file, node)
        if target is not None:
            if is_guarded(file, node):
                continue
            found = _Found([Part(Arguments(file, node))], hidden=target.hidden)
            for keyword in node.keywords:
                if keyword.arg is None:
                    _splatted(file, keyword.value, found, _DEPTH)
            own = target.own
            if target.namespace is not None:
                _splatted(file, target.namespace, found, _DEPTH)
                # What no release had as an argument is the program's own business.
                own |= {n for p in found.parts for n in p.arguments.named} - _ARGUMENTS
                found.stored = [s for s in found.stored if s.name in _ARGUMENTS]
            plain = node.args[target.skip :]
            if any(isinstance(a, ast.Starred) for a in plain):
                found.hidden, plain = True, []
            yield TrainerCall(
                file,
                node,
                target.kind,
                tuple(found.parts),
                tuple(plain),
                found.hidden or bool(found.choices),
                tuple(found.stored),
                own,
                tuple(_choices(file, node, target.kind, own, found)),
            )
        else:
            defaults = next((k.value for k in node.keywords if k.arg == "trainer_defaults"), None)
            if defaults is not None and is_cli(file, node):
                found = _Found()
                _splatted(file, defaults, found, _DEPTH)
                if found.parts:
                    yield TrainerCall(
                        file,
                        node,
                        "Trainer",
                        tuple(found.parts),
                        (),
                        found.hidden or bool(found.choices),
                        tuple(found.stored),
                    )


def _choices(
    file: File, node: ast.Call, kind: str, own: frozenset[str], found: _Found
) -> Iterator[TrainerCall]:
    """A call for each dict of a choice, where nothing beside it tells of the same things."""
    given = {n for part in found.parts for n in part.arguments.named}
    beside = frozenset(given | {s.name for s in found.stored})
    if beside & _TOGETHER:
        return
    for choice in found.choices:
        if choice.parts:
            yield TrainerCall(
                file,
                node,
                kind,
                tuple(choice.parts),
                hidden=found.hidden or choice.hidden or bool(choice.choices),
                own=own,
                beside=beside,
            )


# dicts ----------------------------------------------------------------------------------------


def _splatted(
    file: File, node: ast.expr, found: _Found, depth: int, frozen: str | None = None
) -> None:
    """Collect what a splatted expression holds into ``found``."""
    if depth == 0:
        found.hidden = True
    elif isinstance(node, ast.Dict):
        found.parts.append(Part(Arguments(file, node), frozen))
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                _splatted(file, value, found, depth - 1, frozen)
            elif not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
                found.hidden = True
    elif isinstance(node, ast.Call):
        _called(file, node, found, depth, frozen)
    elif isinstance(node, ast.IfExp):
        _chosen(file, [node.body, node.orelse], found, depth, frozen)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        _splatted(file, node.left, found, depth - 1, frozen)
        _splatted(file, node.right, found, depth - 1, frozen)
    elif isinstance(node, (ast.Name, ast.Attribute)):
        _named(file, node, found, depth, frozen)
    else:
        found.hidden = True


def _named(
    file: File, node: ast.Name | ast.Attribute, found: _Found, depth: int, frozen: str | None
) -> None:
    imported = _imported(file, node)
    if imported is not None:
        _splatted(*imported, found, depth - 1, "it is used in another file too")
    elif isinstance(node, ast.Name):
        _variable(file, node, found, depth, frozen)
    else:
        found.hidden = True


def _chosen(
    file: File, values: list[ast.expr], found: _Found, depth: int, frozen: str | None
) -> None:
    """Collect each of several expressions, of which one is splatted, by itself."""
    if not values:
        found.hidden = True
    for value in values:
        if is_guarded(file, value):
            continue
        one = _Found()
        _splatted(file, value, one, depth - 1, frozen)
        found.choices += [one, *one.choices]


def _called(file: File, node: ast.Call, found: _Found, depth: int, frozen: str | None) -> None:
    made = file.canonical(node.func)
    if made == "vars" and len(node.args) == 1 and isinstance(node.args[0], ast.Name):
        _splatted(file, node.args[0], found, depth - 1, frozen)
        return
    if made in ("dict", "argparse.Namespace"):
        found.parts.append(Part(Arguments(file, node), frozen))
        for value in [*node.args, *(k.value for k in node.keywords if k.arg is None)]:
            _splatted(file, value, found, depth - 1, frozen)
        return
    if isinstance(node.func, ast.Name) and node.func.id == HANDING:
        found.hidden = True
        found.parts.append(Part(Arguments(file, node), frozen))
        for keyword in node.keywords:
            if keyword.arg is None:
                _splatted(file, keyword.value, found, depth - 1, frozen)
        return
    function = _function(file, node.func)
    if function is None:
        found.hidden = True
        return
    home, definition, uses = function
    returns = [n for n in own_nodes(definition) if isinstance(n, ast.Return)]
    if len(returns) != 1 or returns[0].value is None:
        found.hidden = True
        return
    reason = frozen
    if not all(_is_splat(home, u) for u in uses):
        reason = f"{definition.name}() is called elsewhere too"
    _splatted(home, returns[0].value, found, depth - 1, reason)


def _function(file: File, func: ast.expr) -> tuple[File, ast.FunctionDef, list[ast.expr]] | None:
    """The project function that is called, with its file and the calls of it in that file."""
    if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name):
        cls = file.class_of(func)
        method = cls.method(func.attr) if cls is not None and func.value.id == "self" else None
        if method is not None and isinstance(method[1], ast.FunctionDef):
            calls: list[ast.expr] = [
                c
                for c in method[0].file.tree.calls
                if isinstance(c.func, ast.Attribute) and c.func.attr == func.attr
            ]
            return method[0].file, method[1], calls
    meanings = file.meanings(func)
    if len(meanings) != 1 or not isinstance(meanings[0], Defined):
        return None
    home, definition = meanings[0].file, meanings[0].node
    if not isinstance(definition, ast.FunctionDef) or definition.decorator_list:
        return None
    uses: list[ast.expr] = []
    for name in loads(home, home.tree.root, definition.name):
        parent = home.tree.parents[name]
        uses.append(parent if isinstance(parent, ast.Call) and parent.func is name else name)
    return home, definition, uses


def _imported(file: File, node: ast.expr) -> tuple[File, ast.expr] | None:
    """The value of a variable that another file of the project sets once."""
    meanings = file.meanings(node)
    if len(meanings) != 1 or not isinstance(meanings[0], Defined) or meanings[0].file is file:
        return None
    binding = meanings[0].binding
    if binding.kind != "assign" or binding.path or binding.value is None:
        return None
    return meanings[0].file, binding.value


def _variable(file: File, node: ast.Name, found: _Found, depth: int, frozen: str | None) -> None:
    home = file.tree.scope_of(node).find(node.id)
    if home is None:
        found.hidden = True
        return
    reason = frozen
    found.stored += added(file, node.id, home[0])
    for use in loads(file, home[0], node.id):
        if use is node or _is_splat(file, use):
            continue
        stored = list(entries(file, use))
        found.stored += [s for s in stored if not any(s.node is o.node for o in found.stored)]
        if not stored:
            reason = reason or f"{node.id} is used elsewhere too"
    if home[0].is_module and used_in_other_files(file, node.id):
        reason = reason or f"{node.id} is used in another file too"
    made = [b for b in home[1] if b.kind != "augmented"]
    if len(made) == 1 and made[0].kind == "assign" and made[0].value and not made[0].path:
        _splatted(file, made[0].value, found, depth - 1, reason)
    else:
        _chosen(file, reached_values(file, node), found, depth, reason)


def _is_splat(file: File, use: ast.expr) -> bool:
    """Whether an expression is splatted into a Trainer, or into a dict."""
    parent = file.tree.parents[use]
    if isinstance(parent, ast.Dict):
        return any(k is None and v is use for k, v in zip(parent.keys, parent.values, strict=True))
    if isinstance(parent, ast.keyword):
        call = file.tree.parents[parent]
        if parent.arg == "trainer_defaults":
            return True
        if parent.arg is not None or not isinstance(call, ast.Call):
            return False
        handed = isinstance(call.func, ast.Name) and call.func.id == HANDING
        return handed or target_of(file, call) is not None or file.canonical(call.func) == "dict"
    return False
