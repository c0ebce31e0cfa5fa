"""Hooks whose parameters stand in another order than Lightning passes them.

Such a hook raises nothing when it runs: it gets the batch under the name of the outputs.
"""

from __future__ import annotations

import inspect
from typing import Any, Iterator

from .places import Line, Places
from .record import Record


def check_hooks(record: Record, places: Places, namespace: str, user: Any) -> None:
    """Compare the hooks that ``user``, a callback or a module, defines itself with Lightning's."""
    parents = (parent for parent in type(user).__mro__ if parent.__module__.startswith(namespace))
    base: Any = next(parents, object)
    for name, expected in inspect.getmembers(base, inspect.isfunction):
        own = getattr(type(user), name, None)
        code = getattr(own, "__code__", None)
        if code is None or own is expected or not places.is_project(code.co_filename):
            continue
        given, passed = _names(own), _names(expected)
        swapped = list(_swapped(given, passed))
        if swapped:
            at = Line(places.shown(code.co_filename), code.co_firstlineno)
            record.check(
                "hooks",
                False,
                f"{type(user).__name__}.{name} at {at} takes {', '.join(swapped)}"
                f" in another order than Lightning passes them: {', '.join(passed)}",
            )
    record.check("hooks", True, "parameters in Lightning's order")


def _names(function: Any) -> list[str]:
    """The names of the positional parameters after ``self``."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters.values()
    return [parameter.name for parameter in parameters if parameter.kind in kinds][1:]


def _swapped(given: list[str], passed: list[str]) -> Iterator[str]:
    """The names that stand where Lightning passes another one of the same hook."""
    for mine, theirs in zip(given, passed):
        if mine != theirs and mine in passed and theirs in given:
            yield mine
