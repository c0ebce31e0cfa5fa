"""What a hook's parameter list has to become."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.rewrite import names_used, rename_local, rewrite_parameters
from ..lightning.hooks import GONE, MODULE, SOMETIMES, Hook
from ..model import Edit, Safety, Severity, Span
from ._hook_shape import (
    STEPS,
    Shape,
    align,
    contradicts,
    fits,
    fits_one_loader,
    missing_keywords,
)

if TYPE_CHECKING:
    from ..engine.file import File
    from ..engine.scopes import Function


@dataclass(frozen=True)
class Plan:
    """The new parameter list of a hook.

    ``order`` holds indices of old parameters (without ``self``) and texts of new ones; ``first``
    are values that go to the head of the body, by name; ``reason`` says why there is no repair.
    """

    hook: Hook
    shape: Shape
    function: Function
    slots: tuple[str | None, ...] = ()
    order: tuple[int | str, ...] = ()
    renames: dict[int, str] = field(default_factory=dict)
    defaults: dict[int, str] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    safety: Safety = Safety.SAFE
    severity: Severity = Severity.ERROR
    reason: str | None = None

    @property
    def removed(self) -> tuple[int, ...]:
        """Old parameters that are not in the new list."""
        return tuple(i for i in range(len(self.shape.args)) if i not in self.order)

    @property
    def message(self) -> str:
        """What is wrong, in a sentence."""
        given = ", ".join(self.hook.parameters) or "nothing"
        return f"{self.hook.name} is given ({given}); this one {' and '.join(self.faults)}"

    def told(self, reason: str) -> Plan:
        """The same finding without a repair."""
        return replace(self, reason=self.reason or reason)

    def new_name(self, index: int) -> str:
        """What an old parameter is called afterwards."""
        return self.renames.get(index, self.shape.names[index])

    def name_of(self, slot: str) -> str | None:
        """What the new list calls the parameter of the hook that stands in ``slot``."""
        for entry in self.order:
            if isinstance(entry, str):
                name = entry.partition("=")[0]
                if name.rstrip("_") == slot:
                    return name
            elif entry < len(self.slots) and self.slots[entry] == slot:
                return self.new_name(entry)
        return None


def is_right(hook: Hook, shape: Shape) -> bool:
    """Whether a parameter list needs no repair."""
    if hook.name == "training_step" and "optimizer_idx" in shape.names:
        return False
    if "new_format" in shape.names and "new_format" in hook.vocabulary:
        return False
    if not fits(hook, shape) or contradicts(hook, shape.names):
        return False
    return not missing_keywords(hook, shape) and not _misnamed_loader(hook, shape)


def _misnamed_loader(hook: Hook, shape: Shape) -> bool:
    """With several loaders Lightning asks a module for the very name ``dataloader_idx``."""
    if not hook.sometimes or MODULE not in hook.owners or len(shape.args) < len(hook.parameters):
        return False
    name = shape.names[len(hook.parameters) - 1]
    return name != "dataloader_idx" and hook.meaning(name) == "dataloader_idx"


def draft(hook: Hook, shape: Shape, function: Function) -> Plan | None:
    """The plan as far as the parameter list alone tells; None where it is right as it is."""
    if is_right(hook, shape):
        return None
    plan = Plan(hook, shape, function, faults=("takes other parameters",))
    if shape.required_keywords:
        names = ", ".join(shape.required_keywords)
        return plan.told(f"Lightning does not pass the keyword-only {names}: give a default")
    own = _own_extras(hook, shape)
    slots = align(hook, shape.names[: len(shape.args) - own])
    if slots is None:
        return plan.told(_unclear(hook, shape))
    plan = _ordered(replace(plan, slots=(*slots, *[None] * own)))
    plan = _with_defaults(_with_names(plan))
    return _valid(replace(plan, faults=tuple(_faults(plan)), severity=_severity(plan)))


def _unclear(hook: Hook, shape: Shape) -> str:
    own = [name for name in shape.names[len(hook.parameters) :] if hook.meaning(name) is None]
    if own:
        return f"nothing is passed for {_listed(own)}: give a default, or keep the value in self"
    return f"the names do not say what is meant: write ({', '.join(('self', *hook.parameters))})"


def _own_extras(hook: Hook, shape: Shape) -> int:
    """How many of the last parameters are the author's own and have a default."""
    count = 0
    for arg, default in zip(reversed(shape.args), reversed(shape.defaults), strict=True):
        if default is None or hook.meaning(arg.arg) is not None:
            break
        if len(shape.args) - count <= len(hook.parameters):
            break
        count += 1
    return count


def _ordered(plan: Plan) -> Plan:
    hook, shape = plan.hook, plan.shape
    place = {slot: i for i, slot in enumerate(plan.slots) if slot is not None}
    taken = names_used(plan.function)
    order: list[int | str] = []
    for position, slot in enumerate(hook.parameters):
        if slot in place:
            order.append(place[slot])
            continue
        last = not any(later in place for later in hook.parameters[position + 1 :])
        may_miss = shape.starred or position >= len(hook.parameters) - hook.optional
        if last and may_miss and slot not in hook.keywords:
            continue
        name = slot if slot not in taken or _is_local(plan.function, slot) else f"{slot}_"
        order.append(name + _new_default(slot))
    order += [i for i, slot in enumerate(plan.slots) if slot is None]
    return replace(plan, order=tuple(order))


def _is_local(function: Function, name: str) -> bool:
    """Whether a body gives the name a value of its own before anything else could be meant."""
    nodes = [n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name]
    return bool(nodes) and any(isinstance(n.ctx, ast.Store) for n in nodes)


def _new_default(slot: str) -> str:
    if slot in SOMETIMES:
        return "=" + SOMETIMES[slot]
    return "=None" if slot == "stage" else ""


def _with_names(plan: Plan) -> Plan:
    """Names for parameters that go by name, or that Lightning looks for."""
    renames: dict[int, str] = {}
    sought = {*plan.hook.keywords}
    if plan.hook.sometimes and MODULE in plan.hook.owners:
        sought.add("dataloader_idx")
    for index, slot in enumerate(plan.slots):
        name = plan.shape.names[index]
        if slot not in sought or slot == name or index not in plan.order:
            continue
        if plan.hook.meaning(name) is None and name.strip("_") and slot in plan.hook.keywords:
            return plan.told(f"Lightning passes {slot} by name: add a parameter {slot}=None")
        if slot in names_used(plan.function):
            return plan.told(f"{slot!r} has another meaning in the body: rename it, then {name!r}")
        renames[index] = slot
    return replace(plan, renames=renames)


def _with_defaults(plan: Plan) -> Plan:
    """Defaults for what is not always passed, and wherever Python then asks for one."""
    defaults: dict[int, str] = {}
    order: list[int | str] = []
    seen = False
    for entry in plan.order:
        if isinstance(entry, str):
            text = entry if "=" in entry or not seen else f"{entry}=None"
            order.append(text)
            seen = seen or "=" in text
            continue
        slot = plan.slots[entry]
        if plan.shape.defaults[entry] is None:
            if plan.hook.sometimes and slot in SOMETIMES:
                defaults[entry] = SOMETIMES[slot]
            elif seen:
                defaults[entry] = "None"
        seen = seen or plan.shape.defaults[entry] is not None or entry in defaults
        order.append(entry)
    return replace(plan, order=tuple(order), defaults=defaults)


def _valid(plan: Plan) -> Plan:
    kept = [e for e in plan.order if isinstance(e, int)]
    if kept != sorted(kept) and any(
        plan.shape.args[i].annotation is not None for i in plan.defaults
    ):
        return plan.told(f"write ({', '.join(('self', *plan.hook.parameters))})")
    return plan


def _severity(plan: Plan) -> Severity:
    works = fits(plan.hook, plan.shape) or fits_one_loader(plan.hook, plan.shape)
    wrong = contradicts(plan.hook, plan.shape.names) or plan.hook.name == "training_step"
    return Severity.WARNING if works and not wrong else Severity.ERROR


def _faults(plan: Plan) -> list[str]:
    names = plan.shape.names
    faults = []
    missing = [e.partition("=")[0] for e in plan.order if isinstance(e, str)]
    if missing:
        faults.append(f"lacks {_listed(missing)}")
    gone = [names[i] for i in plan.removed]
    if gone:
        faults.append(
            f"takes {_listed(gone)}, which {'are' if gone[1:] else 'is'} no longer passed"
        )
    kept = [e for e in plan.order if isinstance(e, int)]
    if kept != sorted(kept):
        faults.append(f"takes them as ({', '.join(names)})")
    late_slots = [plan.slots[i] for i in plan.defaults if plan.slots[i] in SOMETIMES]
    late = [names[i] for i in plan.defaults if plan.slots[i] in SOMETIMES]
    if late:
        when = "only with several dataloaders" if "dataloader_idx" in late_slots else "not always"
        faults.append(f"requires {_listed(late)}, which is passed {when}")
    if plan.renames and not late:
        pairs = [f"{new} {names[i]!r}" for i, new in plan.renames.items()]
        faults.append(f"calls {_listed(pairs)}, but Lightning goes by the name")
    return faults or ["takes other parameters"]


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def keep_at_end(plan: Plan, index: int, value: str) -> Plan:
    """The plan with a parameter that is gone kept as a default, behind all others."""
    defaults = dict(plan.defaults)
    if plan.shape.defaults[index] is None:
        defaults[index] = value
    return replace(plan, order=(*plan.order, index), defaults=defaults)


def is_last(plan: Plan, index: int) -> bool:
    """Whether no parameter that stays comes behind an old one."""
    kept = [e for e in plan.order if isinstance(e, int)]
    return all(i < index for i in kept) and kept == sorted(kept) and not plan.shape.starred


def value_of(plan: Plan, index: int) -> str | None:
    """What a parameter that is gone was worth in every program."""
    slot = plan.slots[index]
    value = GONE.get(slot) if slot is not None else None
    return value.format(own=self_name(plan.function)) if value is not None else None


def edits_of(file: File, plan: Plan) -> list[Edit]:
    """The edits of the parameter list, and of the body where a parameter has a new name."""
    edits: list[Edit] = []
    kept = [e for e in plan.order if isinstance(e, int)]
    if plan.order != tuple(range(len(plan.shape.args))):
        wanted: list[int | str | tuple[int, str]] = [0]
        for entry in plan.order:
            if isinstance(entry, str):
                wanted.append(entry)
            elif entry in plan.defaults and kept != sorted(kept):
                wanted.append(f"{plan.new_name(entry)}={plan.defaults[entry]}")
            elif entry in plan.renames:
                wanted.append((entry + 1, plan.renames[entry]))
            else:
                wanted.append(entry + 1)
        edits += rewrite_parameters(file, plan.function, wanted)
    else:
        for index, name in plan.renames.items():
            start = file.span(plan.shape.args[index]).start
            edits.append(Edit(Span(start, start + len(plan.shape.names[index].encode())), name))
    if kept == sorted(kept):
        edits += [_default(file, plan, index, text) for index, text in plan.defaults.items()]
    for index, name in plan.renames.items():
        edits += rename_local(file, plan.function, plan.shape.names[index], name)
    return edits


def _default(file: File, plan: Plan, index: int, text: str) -> Edit:
    arg = plan.shape.args[index]
    end = file.span(arg).end
    return Edit(Span(end, end), f" = {text}" if arg.annotation is not None else f"={text}")


__all__ = ["STEPS", "Plan", "draft", "edits_of", "is_last", "keep_at_end", "value_of"]
