"""How one call of a hook follows the hook's new parameters."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..lightning.hooks import SOMETIMES, Hook
from ._hook_calls import Followed, Reached, spread
from ._hook_plan import Plan
from ._hook_shape import STEPS, Shape, align_meanings, shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.file import File


@dataclass(frozen=True)
class Around:
    """The method that holds a call of the same hook, and hands its own parameters on.

    ``slots`` says what its names stand for, ``names`` what stands for a parameter afterwards.
    """

    slots: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_plan(cls, plan: Plan) -> Around:
        """What a method hands on after its repair."""
        pairs = zip(plan.shape.names, plan.slots, strict=False)
        known = {slot: plan.name_of(slot) for slot in plan.hook.parameters}
        return cls(
            {name: slot for name, slot in pairs if slot is not None},
            {slot: name for slot, name in known.items() if name is not None},
        )

    @classmethod
    def of_shape(cls, hook: Hook, shape: Shape) -> Around:
        """What a method that is right as it is hands on."""
        pairs = list(zip(shape.names, hook.parameters, strict=False))
        extra = [(n, m) for n in shape.names[len(pairs) :] if (m := hook.meaning(n)) is not None]
        return cls(dict([*pairs, *extra]), {slot: name for name, slot in pairs})

    def value(self, slot: str) -> str | None:
        """What to hand over for a parameter that the call lacks."""
        return self.names.get(slot) or SOMETIMES.get(slot)


def follow(
    file: File, call: ast.Call, reached: Reached, plan: Plan | None, around: Around
) -> Followed | None:
    """How a call follows what it reaches (with its plan); None where it cannot be rewritten."""
    unchanged = Followed(call, (), ())
    positional = call.args[reached.lead :]
    if positional and isinstance(positional[0], ast.Starred):
        # Everything is handed on as it came.
        return unchanged
    if plan is None:
        old = _is_old_form(call, positional, reached, around)
        return _by_meaning(file, call, reached, around) if old else unchanged
    if plan.reason is not None:
        return unchanged
    renames = {plan.shape.names[i]: new for i, new in plan.renames.items()}
    order: list[int | str] = []
    for entry in plan.order:
        if isinstance(entry, int):
            order.append(entry)
            continue
        slot, _, default = entry.partition("=")
        if around.names.get(slot) is not None or not default:
            order.append(slot)
    done = spread(file, call, reached.lead, plan.shape.names, order, renames, around.value)
    if done is not None or any(isinstance(a, ast.Starred) for a in positional):
        return done
    return _by_meaning(file, call, reached, around)


def _is_old_form(
    call: ast.Call, positional: Sequence[ast.expr], reached: Reached, around: Around
) -> bool:
    """Whether a call does not fit what it reaches, by number, keyword or the sense of one."""
    hook = reached.hook
    if reached.function is None and hook.name in STEPS:
        return False
    shape = shape_of(reached.function) if reached.function is not None else None
    if reached.function is not None and shape is None:
        return False
    names = shape.names if shape else hook.parameters
    required = shape.required if shape else len(hook.parameters) - hook.defaulted
    open_end = shape.starred if shape else False
    splatted = shape.splatted if shape else hook.name == "backward"
    starred = any(isinstance(a, ast.Starred) for a in positional)
    keywords = [k.arg for k in call.keywords]
    if len(positional) > len(names) and not open_end:
        return True
    if not splatted and any(
        k is not None and k not in names and not _keyword_only(reached, k) for k in keywords
    ):
        return True
    if not starred and None not in keywords and len(positional) + len(keywords) < required:
        return True
    targets = [hook.meaning(n) for n in names] if shape else list(hook.parameters)
    given = [around.slots.get(a.id) if isinstance(a, ast.Name) else None for a in positional]
    pairs = zip(given, targets, strict=False)
    return any(g is not None and t is not None and g != t for g, t in pairs)


def _keyword_only(reached: Reached, name: str) -> bool:
    function = reached.function
    return function is not None and any(a.arg == name for a in function.args.kwonlyargs)


def _by_meaning(file: File, call: ast.Call, reached: Reached, around: Around) -> Followed | None:
    """The call with each argument in the place that its name speaks of."""
    hook = reached.hook
    explicit = [a for a in call.args[reached.lead :] if not isinstance(a, ast.Starred)]
    keywords = [k.arg for k in call.keywords if k.arg is not None]
    named = [hook.meaning(k) for k in keywords]
    words = [_word(hook, a, around) for a in explicit]
    slots = align_meanings(hook, [*words, *named]) if keywords else align_meanings(hook, words)
    if slots is None or None in named:
        return None
    least = len(hook.parameters) - hook.defaulted
    order: list[int | str] = []
    starred = len(explicit) < len(call.args) - reached.lead
    for position, slot in enumerate(hook.parameters):
        if slot in slots:
            order.append(slots.index(slot))
        elif position < least and not starred:
            order.append(slot)
    meant = zip(keywords, slots[len(explicit) :], strict=True)
    renames = {k: s for k, s in meant if s is not None}
    old = [*(f"{i}" for i in range(len(explicit))), *keywords]
    return spread(file, call, reached.lead, old, order, renames, around.value)


def _word(hook: Hook, node: ast.expr, around: Around) -> str | None:
    if isinstance(node, ast.Name):
        return around.slots.get(node.id) or hook.meaning(node.id)
    return hook.meaning(node.attr) if isinstance(node, ast.Attribute) else None
