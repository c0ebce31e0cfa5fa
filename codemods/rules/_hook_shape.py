"""Which parameter of a hook each parameter of a method, or argument of a call, stands for."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lightning.hooks import Hook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.scopes import Function

#: A step's third parameter may be the author's own; only a known name says what it is.
STEPS = frozenset({"training_step", "validation_step", "test_step", "predict_step"})


@dataclass(frozen=True)
class Shape:
    """The parameters of a method behind ``self``: positional ones with defaults, and the stars."""

    args: tuple[ast.arg, ...]
    defaults: tuple[ast.expr | None, ...]
    starred: bool
    splatted: bool
    required_keywords: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the positional parameters."""
        return tuple(a.arg for a in self.args)

    @property
    def required(self) -> int:
        """How many positional parameters have no default."""
        return sum(default is None for default in self.defaults)


def shape_of(function: Function) -> Shape | None:
    """The shape of a method; None where it does not take its instance."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    if not positional:
        return None
    padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
    keywords = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return Shape(
        tuple(positional[1:]),
        tuple([*padding, *arguments.defaults][1:]),
        arguments.vararg is not None,
        arguments.kwarg is not None,
        tuple(a.arg for a, default in keywords if default is None),
    )


def fits(hook: Hook, shape: Shape) -> bool:
    """Whether Lightning's call of a hook succeeds, whatever the loaders."""
    least = len(hook.parameters) - hook.optional
    if shape.splatted:
        least -= len(hook.keywords)
    return (
        shape.required <= len(hook.always)
        and not shape.required_keywords
        and (len(shape.args) >= least or shape.starred)
        and not missing_keywords(hook, shape)
    )


def fits_one_loader(hook: Hook, shape: Shape) -> bool:
    """Whether the call succeeds as long as there is one loader."""
    return (
        hook.sometimes > 0
        and hook.name not in STEPS
        and shape.required <= len(hook.always) == len(shape.args)
    )


def missing_keywords(hook: Hook, shape: Shape) -> list[str]:
    """Parameters that go by name and that the method does not have under that name."""
    if shape.splatted:
        return []
    return [name for name in hook.parameters if name in hook.keywords and name not in shape.names]


def contradicts(hook: Hook, names: Sequence[str]) -> bool:
    """Whether a name says that its place is meant for something else than what arrives there."""
    pairs = zip(names, hook.parameters, strict=False)
    return any(hook.meaning(name) not in (None, slot) for name, slot in pairs)


def is_copied(hook: Hook, shape: Shape) -> bool:
    """Whether a module's hook takes what callbacks are given."""
    return bool(hook.copied) and not {"trainer", "pl_module"}.isdisjoint(shape.names)


def align(hook: Hook, names: Sequence[str]) -> tuple[str | None, ...] | None:
    """What each of ``names`` stands for; None where that cannot be told."""
    return align_meanings(hook, [hook.meaning(name) for name in names])


def align_meanings(hook: Hook, meanings: Sequence[str | None]) -> tuple[str | None, ...] | None:
    """What unnamed places stand for: by a release that had this form, else by the known ones."""
    for form in (hook.parameters, hook.always, *hook.older, hook.copied):
        if len(form) != len(meanings):
            continue
        if any(m not in (None, slot) for m, slot in zip(meanings, form, strict=True)):
            continue
        if hook.name in STEPS and any(m is None for m in meanings[2:]):
            continue
        return form
    known = [m for m in meanings if m is not None]
    if len(known) == len(meanings) == len(set(known)):
        return tuple(known)
    return None
