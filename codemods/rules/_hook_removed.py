"""Which classes may have a removed hook renamed, and what else has to change then."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, self_name
from ..engine.rewrite import names_used, rewrite_parameters
from ..engine.scopes import FUNCTIONS
from ..engine.values import infer
from ..lightning.hooks import SOMETIMES
from ..lightning.removed_hooks import Removed
from ..model import Edit
from ._hook_body import insert_first
from ._hook_owner import hook_of_role, name_span
from ._hook_shape import shape_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_FABRIC = "lightning.fabric.Fabric"
#: Bases of Lightning whose own hooks do nothing, so that overriding one takes nothing away.
_EMPTY = frozenset(
    {
        "lightning.pytorch.LightningModule",
        "lightning.pytorch.LightningDataModule",
        "lightning.pytorch.Callback",
        "torch.nn.Module",
        "object",
        "abc.ABC",
    }
)
#: Old hooks that another rule turns into a hook: both must not arrive there.
_BECOMES = {"on_train_epoch_end": ("training_epoch_end",)}
#: What was not restored yet, when resuming, at the moment of the new hook.
_RESTORED_LATER = frozenset(
    {"optimizers", "lr_schedulers", "global_step", "current_epoch", "lr_scheduler_configs"}
)


def callers(cls: Class, name: str) -> list[tuple[File, ast.Call]]:
    """Calls of a method by name, ``super()`` set aside, in the files of a class and its family."""
    files = {id(c.file): c.file for c in (*cls.mro, *cls.file.project.heirs(cls))}
    return [
        (file, call)
        for file in files.values()
        for call, func in file.tree.method_calls(name)
        if not is_super(func)
    ]


def called_by_name(cls: Class, name: str) -> bool:
    """Whether the author's own code calls the method, which then is no forgotten hook."""
    return bool(callers(cls, name))


def outside_calls(cls: Class, name: str) -> str | None:
    """Where another file of the project calls a method of that name, maybe on such an object."""
    family = {c.file.path for c in (*cls.mro, *cls.file.project.heirs(cls))}
    for file in cls.file.project.holding(f".{name}(".encode(), cls.file.path):
        for call, func in file.tree.method_calls(name) if file.path not in family else ():
            if is_super(func):
                continue
            known = [t.cls for t in infer(file, func.value) if t.cls is not None]
            if not known or any(cls in (k, *k.mro) for k in known):
                return f"{file.path.name}:{call.lineno}"
    return None


def is_run_by_fabric(cls: Class, name: str) -> bool:
    """Whether a loop around a Fabric calls a method of that name and gives it what it likes."""
    return any(
        call.args or call.keywords
        for file in cls.file.project.holding(f".{name}(".encode(), cls.file.path)
        if any(file.canonical(made.func) == _FABRIC for made in file.tree.calls)
        for call, func in file.tree.method_calls(name)
        if not is_super(func)
    )


def own_calls(cls: Class, name: str) -> list[ast.Call] | None:
    """The calls of a method, if the class itself makes them all, on itself; else None."""
    calls = []
    for file, call in callers(cls, name):
        assert isinstance(call.func, ast.Attribute)
        method = next(
            (
                a
                for a in file.tree.ancestors(call)
                if isinstance(a, FUNCTIONS) and file.tree.method_class(a)
            ),
            None,
        )
        owner = file.tree.method_class(method) if method is not None else None
        receiver = call.func.value
        if method is None or owner is not cls.node or not isinstance(receiver, ast.Name):
            return None
        if receiver.id != self_name(method):
            return None
        calls.append(call)
    return calls


def calls_parent(function: Function) -> bool:
    """Whether a method calls the parent's method of the same name."""
    return any(
        isinstance(node, ast.Attribute) and node.attr == function.name and is_super(node)
        for node in ast.walk(function)
    )


def is_super(func: ast.Attribute) -> bool:
    """Whether an attribute is one of ``super()``."""
    value = func.value
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Name)
        and value.func.id == "super"
    )


def is_free(cls: Class, name: str) -> bool:
    """Whether a class can take a hook on without taking one away from a base or an heir."""
    family = [cls, *cls.file.project.heirs(cls)]
    if any(member.method(old) is not None for member in family for old in _BECOMES.get(name, ())):
        return False
    return (
        not cls.unknown_bases
        and all(base in _EMPTY for base in cls.foreign_bases)
        and not any(member.method(name) is not None for member in family)
        and not any(any(member.self_assignments(name)) for member in family)
    )


def only_trains(cls: Class) -> bool:
    """Whether no validation or test can run with a module."""
    steps = ("validation_step", "test_step")
    family = [cls, *cls.file.project.heirs(cls)]
    return not any(member.method(step) is not None for member in family for step in steps)


def reads_restored(function: Function) -> bool:
    """Whether a body looks at what a resumed run restores later than the new hook."""
    return any(
        isinstance(node, ast.Attribute) and node.attr in _RESTORED_LATER
        for node in ast.walk(function)
    )


def renaming(file: File, function: Function, row: Removed, role: Role) -> list[Edit] | None:
    """The edits that turn a removed hook into the one in its place; None if there are none."""
    hook = hook_of_role(role, row.becomes or "")
    shape = shape_of(function)
    if hook is None or shape is None or shape.starred or shape.required_keywords:
        return None
    taken = names_used(function)
    order: list[int | str | tuple[int, str]] = [0]
    order += range(1, len(shape.args) + 1)
    for slot in hook.parameters[len(shape.args) :]:
        if slot in taken:
            return None
        order.append(slot + (f"={SOMETIMES[slot]}" if slot in SOMETIMES else ""))
    place = name_span(file, function)
    start = place.end - len(function.name.encode())
    edits = [Edit(type(place)(start, place.end), hook.name)]
    if len(order) > len(shape.args) + 1:
        edits += rewrite_parameters(file, function, order)
    if row.name == "on_keyboard_interrupt":
        guard = "if not isinstance(exception, KeyboardInterrupt):\n    return"
        edit = insert_first(file, function, guard)
        if edit is None:
            return None
        edits.append(edit)
    return edits
