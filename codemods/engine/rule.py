"""Rules and the registry that they enter when their module is imported."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from .words import AnyOf, Held, Words

if TYPE_CHECKING:
    from ..model import Finding
    from .file import File
    from .settings import Settings


@dataclass(frozen=True, eq=False)
class Rule:
    """One fault that lfix knows.

    ``triggers`` are words without one of which a file cannot hold the fault, and ``context``, if
    there is any, further words of which one has to be there too: the bytes of every file are
    searched for them before anything is parsed. ``find`` gives the findings of one file.
    """

    code: str
    name: str
    triggers: tuple[bytes, ...]
    find: Callable[[Rule, File, Settings], Iterable[Finding]]
    module: str
    context: tuple[bytes, ...] = ()

    def may_hold(self, held: Held) -> bool:
        """Whether a file that holds these of the :func:`vocabulary` can hold the fault."""
        if self.context and not held.any(self._around):
            return False
        return held.any(self._sparks)

    @cached_property
    def _sparks(self) -> AnyOf:
        return AnyOf.of(self.triggers)

    @cached_property
    def _around(self) -> AnyOf:
        return AnyOf.of(self.context)

    @property
    def documentation(self) -> str:
        """The docstring of the rule's module."""
        return inspect.getdoc(importlib.import_module(self.module)) or ""

    @property
    def summary(self) -> str:
        """The first line of the documentation."""
        return self.documentation.partition("\n")[0]


_RULES: dict[str, Rule] = {}


def rule(
    code: str, *, triggers: tuple[str, ...], context: tuple[str, ...] = ()
) -> Callable[[Callable[..., Iterable[Finding]]], Rule]:
    """Register the decorated ``find(rule, file, settings)``; the module's file name is the name."""

    def register(find: Callable[..., Iterable[Finding]]) -> Rule:
        module = find.__module__
        name = module.rpartition(".")[2].replace("_", "-")
        if code in _RULES and _RULES[code].module != module:
            raise ValueError(f"{code} is the code of {_RULES[code].name} and of {name}")
        made = Rule(code, name, _words(triggers), find, module, _words(context))
        _RULES[code] = made
        return made

    return register


def _words(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


@lru_cache(maxsize=1)
def registry() -> Mapping[str, Rule]:
    """All rules by code, in the order of the codes."""
    package = importlib.import_module("lfix.codemods.rules")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_RULES.items()))


def vocabulary() -> Words:
    """The words that the rules wait for."""
    return _words_of(tuple(registry().values()))


@lru_cache(maxsize=1)
def _words_of(rules: tuple[Rule, ...]) -> Words:
    return Words(word for rule in rules for word in (*rule.triggers, *rule.context))
