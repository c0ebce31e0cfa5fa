"""The classes that run one training step, and the heirs beside them that bring their own."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ._hand_manual import stated_flag, switched
from ._hook_optimizers import Count, declares_manual, optimizer_count
from ._hook_removed import calls_parent
from ._optimizers import count, has_schedulers
from ._schedules import Schedule, configured

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.scopes import Function
    from ..model import Edit

STEP, CONFIGURE = "training_step", "configure_optimizers"
FLAGS = ("automatic_optimization", "_automatic_optimization")
#: What people call the parameter that 1.x handed the index of the optimizer to.
INDEX_NAMES = frozenset({"optimizer_idx", "opt_idx", "optimizer_i", "optim_idx", "optimizer_index"})
_OWN = "a subclass has a training_step of its own ({}): write the turns by hand in both"
_CONFIGURES = "a subclass configures its own optimizers: write the turns by hand in both"


@dataclass(frozen=True)
class Family:
    """Who runs the step of a class: itself and the heirs that keep it.

    ``turning`` are heirs whose own step takes turns too, ``alone`` those whose own step Lightning
    drives, ``configuring`` the classes whose ``configure_optimizers`` the step meets, one for each.
    """

    running: tuple[Class, ...]
    turning: tuple[Class, ...]
    alone: tuple[Class, ...]
    configuring: tuple[Class, ...]

    @property
    def doubt(self) -> str:
        """Why the step may not be meant for all of them; empty where it is for one class."""
        if self.turning or self.alone:
            names = ", ".join(c.name for c in (*self.turning, *self.alone))
            return f"{names} inherits from it and has a training_step too"
        return ""


def family_of(cls: Class) -> Family:
    """The family of a class with a step."""
    step = cls.method(STEP)
    heirs = cls.file.project.heirs(cls)
    own = [heir for heir in heirs if STEP in heir.methods]
    running = [cls, *(h for h in heirs if h.method(STEP) == step)]
    turning = [heir for heir in own if is_indexed(heir.methods[STEP])]
    alone = [heir for heir in own if heir not in turning and not declares_manual(heir)]
    found: dict[Function, Class] = {}
    for member in running:
        configures = member.method(CONFIGURE)
        if configures is not None:
            found.setdefault(configures[1], member)
    return Family(tuple(running), tuple(turning), tuple(alone), tuple(found.values()))


def index_of(cls: Class, function: Function) -> tuple[str, Count] | None:
    """The index parameter of a training step that was called once for each optimizer.

    With it, whether there are several optimizers for certain. None where the optimization is manual
    or there is one optimizer: then the parameter is dead, and another rule drops it.
    """
    name = next((a.arg for a in function.args.args if a.arg in INDEX_NAMES), None)
    if name is None or not cls.has(Role.MODULE) or declares_manual(cls):
        return None
    number, seen = optimizer_count(cls), cls.method(CONFIGURE) is not None
    if count(cls) is None and (seen or number is Count.UNKNOWN):
        # 1.x hands the index over where there are several optimizers, and only there.
        return name, Count.UNKNOWN if function.args.defaults else Count.SEVERAL
    return None if number is Count.ONE else (name, number)


def is_indexed(step: Function) -> bool:
    """Whether a step takes the index of an optimizer."""
    return any(a.arg in INDEX_NAMES for a in step.args.args)


def entangled(family: Family, *, split: bool) -> str | None:
    """Why the heirs of a step would not go on as they did; None where they do.

    ``split`` says that the step goes through pieces of a batch, which heirs cannot follow.
    """
    names = ", ".join(heir.name for heir in (*family.turning, *family.alone))
    if split and names:
        return _OWN.format(names)
    if split and len(family.configuring) > 1:
        return _CONFIGURES
    for heir in (*family.turning, *family.alone):
        if calls_parent(heir.methods[STEP]) or _calls_base(heir):
            return _OWN.format(heir.name)
    if driven_on(family) is None:
        return _OWN.format(", ".join(heir.name for heir in family.alone))
    for member in family.running:
        stated = stated_flag(member) if member is family.running[0] else None
        given = [
            value
            for flag in FLAGS
            for home, _, value, _ in member.self_assignments(flag)
            if home is member and value is not stated
        ]
        if given:
            return f"{member.name} sets automatic_optimization itself: write the turns by hand"
    told = {_schedules(member) for member in family.configuring}
    if len(family.configuring) > 1 and (len(told) > 1 or None in told):
        return _CONFIGURES
    return None


def driven_on(family: Family) -> list[Edit] | None:
    """The edits that leave the steps of heirs to Lightning; None where there is no place."""
    edits = []
    for heir in family.alone:
        if any(base in family.alone for base in heir.mro if base is not heir):
            continue
        edit = switched(heir, on=True) if heir.file is family.running[0].file else None
        if edit is None:
            return None
        edits.append(edit)
    return edits


def _calls_base(heir: Class) -> bool:
    """Whether an heir calls the step of a base by the name of that."""
    names = {base.name for base in heir.mro if base is not heir}
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == STEP
        and isinstance(node.value, ast.Name)
        and node.value.id in names
        for node in ast.walk(heir.methods[STEP])
    )


def _schedules(cls: Class) -> tuple[Schedule, ...] | None:
    """When the schedulers of a class are stepped; None where that is not seen."""
    plan = configured(cls)
    if plan is None:
        return None if has_schedulers(cls) else ()
    return None if plan.frequencies else plan.schedules
