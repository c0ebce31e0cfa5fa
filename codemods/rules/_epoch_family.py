"""Hooks at the end of an epoch that hand outputs to each other: one collects, bodies stay."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.file import Defined
from ..engine.scopes import FUNCTIONS
from ..engine.values import infer
from ..model import Edit, Span
from ._epoch_end import Stage, collect
from ._hook_aliases import aliases, step_is_shared
from ._hook_owner import is_plain_method, name_span
from ._hook_planner import is_read
from ._hook_removed import is_super
from ._hook_shape import shape_of
from ._returned_logs import returns_logs

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_FORMAT = "new_format"


@dataclass(frozen=True)
class Family:
    """The classes that have a body for one hook, and the calls that hand the outputs on.

    A body that is repaired already has the helper's name; it counts like the others.
    """

    stage: Stage
    members: tuple[Class, ...]
    calls: tuple[tuple[File, ast.Call, Class], ...]

    @property
    def helper(self) -> str:
        """What every body is called afterwards."""
        return f"_{self.stage.old}"

    def body(self, cls: Class) -> Function:
        """The body of a member."""
        found = cls.methods.get(self.stage.old)
        return found if found is not None else cls.methods[self.helper]

    def root(self, cls: Class) -> bool:
        """Whether no other member comes behind a class wherever both are inherited."""
        for heir in [cls, *cls.file.project.heirs(cls)]:
            behind = heir.mro[heir.mro.index(cls) + 1 :]
            if any(member in behind for member in self.members):
                return False
        return True


def family_of(cls: Class, stage: Stage) -> Family | None:
    """The family of a class's hook; None where the class stands alone, or children only replace it.

    Mixed in, a hook stands in front of one that its own bases do not show; then the two are a
    family even if neither calls the other.
    """
    classes = relatives(cls)
    members = tuple(c for c in classes if stage.old in c.methods or f"_{stage.old}" in c.methods)
    calls = tuple(_calls(classes, stage))
    if len(members) == 1:
        extra = len(((shape := shape_of(members[0].methods[stage.old])) and shape.args) or ()) > 1
        extra = extra and shape is not None and shape.names[1] != _FORMAT
        return Family(stage, members, calls) if extra and calls else None
    if not any(_reads(c, stage) for c in members):
        return None
    handed = any(call.args or call.keywords for _, call, _ in calls)
    mixed = any(
        a is not b and a not in b.mro and b not in a.mro and (a in c.mro and b in c.mro)
        for c in classes
        for a in members
        for b in members
    )
    return Family(stage, members, calls) if handed or mixed else None


def family_edits(family: Family, cls: Class, function: Function) -> list[Edit] | str:
    """The edits of one member of a family, or what to do by hand; all members agree on which."""
    stage = family.stage
    refused = _refused(family)
    if refused is not None:
        return refused
    edits: list[Edit] = []
    if family.root(cls):
        made = _collected(family, cls)
        if isinstance(made, str):
            return made
        edits += made
    file = cls.file
    name = name_span(file, function)
    edits.append(Edit(Span(name.end - len(stage.old.encode()), name.end), family.helper))
    for home, call, owner in family.calls:
        mine = owner is cls or (owner not in family.members and family.root(cls))
        assert isinstance(call.func, ast.Attribute)
        if mine and home is file and call.func.attr == stage.old:
            end = file.span(call.func).end
            edits.append(Edit(Span(end - len(stage.old.encode()), end), family.helper))
    return edits


def _refused(family: Family) -> str | None:
    """Why a family cannot be repaired; asked of all of it, so that no half of it is."""
    stage = family.stage
    for cls in family.members:
        refused = _misshapen(family, cls) or returns_logs(cls.file, family.body(cls))
        if refused is not None:
            return refused
    hooks = [c for member in family.members for c in relatives(member) if stage.hook in c.methods]
    if any(c not in family.members for c in hooks):
        return f"{stage.hook} is there already: put both bodies together"
    for home, call, owner in family.calls:
        root = next(c for c in family.members if family.root(c))
        if owner not in family.members and home is not root.file:
            return f"{home.path.name}:{call.lineno} calls {stage.old}: repair both together"
    for cls in family.members:
        if family.root(cls) and family.body(cls).name == stage.old:
            made = _collected(family, cls)
            if isinstance(made, str):
                return made
    return None


def _misshapen(family: Family, cls: Class) -> str | None:
    """Why the body of one member cannot become a method that is handed outputs."""
    stage = family.stage
    body, project = family.body(cls), cls.file.project
    shape = shape_of(body)
    where = f"{cls.name}.{body.name}"
    if cls.file.path not in project.members:
        return f"{where} is in a file that is not repaired: repair both together"
    if shape is None or not shape.args or shape.required != 1 or shape.required_keywords:
        return f"{where} takes other parameters: give all of them outputs alone"
    if shape.starred or _FORMAT in shape.names or not is_plain_method(body):
        return f"{where} takes other parameters: give all of them outputs alone"
    if body.name == stage.old and (family.helper in cls.methods or aliases(cls, stage.old) != []):
        return f"{where} has another name too: write a method for each"
    if body.name == stage.old and stage.hook in cls.methods:
        return f"{cls.name}.{stage.hook} is there already: put both bodies together"
    return None


def _collected(family: Family, cls: Class) -> list[Edit] | str:
    """The edits that let the outermost base collect the outputs and hand them to the body."""
    function = family.body(cls)
    shape = shape_of(function)
    assert shape is not None
    detached = step_is_shared(cls, family.stage) is False
    outputs = shape.names[0]
    return collect(cls, function, outputs, family.stage, family.helper, detached=detached)


def relatives(cls: Class) -> list[Class]:
    """A class, what it is inherited by, and what those inherit from."""
    found = [cls]
    for known in found:
        for heir in [known, *known.file.project.heirs(known)]:
            found += [c for c in (heir, *heir.mro) if c not in found]
    return found


def _reads(cls: Class, stage: Stage) -> bool:
    """Whether a body does more with the outputs than to hand them on."""
    body = cls.methods.get(stage.old)
    body = body if body is not None else cls.methods[f"_{stage.old}"]
    shape = shape_of(body)
    if shape is None or not shape.args:
        return False
    return is_read(cls.file, body, shape.names[0], set())


def _calls(classes: list[Class], stage: Stage) -> list[tuple[File, ast.Call, Class]]:
    """Calls of the hook by its family: through ``super()``, ``self``, or the name of a base."""
    names = (stage.old, f"_{stage.old}")
    found = []
    for file in {id(c.file): c.file for c in classes}.values():
        for call, func in file.tree.method_calls(*names):
            method = next((a for a in file.tree.ancestors(call) if isinstance(a, FUNCTIONS)), None)
            owner = file.class_of(call)
            if method is None or owner not in classes:
                continue
            if is_super(func) or _is_own(func, method) or _names_one(file, func, classes):
                found.append((file, call, owner))
    return found


def _is_own(func: ast.Attribute, method: Function) -> bool:
    return isinstance(func.value, ast.Name) and func.value.id == self_name(method)


def _names_one(file: File, func: ast.Attribute, classes: list[Class]) -> bool:
    nodes = [m.node for m in file.meanings(func.value) if isinstance(m, Defined)]
    return any(c.node in nodes for c in classes)


def calls_elsewhere(family: Family, cls: Class) -> bool:
    """Whether a file of the family calls the hook of something that may be one of its objects."""
    known = {id(call) for _, call, _ in family.calls}
    related = relatives(cls)
    for file in {id(c.file): c.file for c in related}.values():
        for call in file.tree.calls:
            func = call.func
            if not isinstance(func, ast.Attribute) or func.attr != family.stage.old:
                continue
            if id(call) in known:
                continue
            types = [t.cls for t in infer(file, func.value) if t.cls is not None]
            if not types or any(t in related for t in types):
                return True
    return False
