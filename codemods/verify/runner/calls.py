"""Hears which hooks of the project's own code are called, in which order and with what."""

from __future__ import annotations

import dis
import functools
import inspect
import sys
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Tuple

from .kinds import kind_of
from .places import Line, Places

#: The classes of Lightning whose heirs have hooks, as their names are in all releases.
OWNERS = ("LightningModule", "LightningDataModule", "Callback")

_MOST_CALLS = 10_000
_MOST_FORMS = 500


def _nothing() -> None:
    pass


def _said_nothing() -> None:
    """A method with a docstring alone is compiled to other code."""


_EMPTY = (_nothing.__code__.co_code, _said_nothing.__code__.co_code)


class Calls:
    """The calls of hooks, ``names`` by the class of Lightning that has them.

    ``data`` holds the ``hooks`` that are defined, ``[owner, class, name, place, reads]`` with the
    local names that one reads; the ``forms`` in which they were called, ``[owner, class, name, by,
    arguments, how often]`` with names and kinds in arguments; and the ``calls``, ``[batch, form]``,
    in their order, of which the last are missing where they are not ``is_whole``. ``by`` is
    ``project`` where the project's own code has called the hook, else ``lightning``.
    """

    def __init__(self, places: Places, names: Mapping[str, Sequence[str]]) -> None:
        self._places = places
        self._names = names
        self._forms: Dict[str, int] = {}
        self._open: List[Tuple[int, str]] = []
        self.batch = -1
        self.data: Dict[str, Any] = {"hooks": [], "forms": [], "calls": [], "is_whole": True}

    def watch(self, *things: Any) -> None:
        """Hear the hooks of modules, datamodules and callbacks, whatever else is among them."""
        for thing in things:
            parents = type(thing).__mro__
            for owner in OWNERS:
                if any(_is_lightnings(parent, owner) for parent in parents):
                    self._watch(owner, thing)

    def _watch(self, owner: str, thing: Any) -> None:
        for name, holder, value in _methods(thing, self._names.get(owner, ())):
            own = inspect.unwrap(value)
            code = getattr(own, "__code__", None)
            if code is None or not self._places.is_project(code.co_filename):
                continue
            if code.co_code in _EMPTY:
                continue
            place = str(Line(self._places.shown(code.co_filename), code.co_firstlineno))
            known = [owner, type(thing).__name__, name, place, _read(code)]
            if known not in self.data["hooks"]:
                self.data["hooks"].append(known)
            if not hasattr(value, "_lfix_heard"):
                setattr(holder, name, self._heard(owner, name, value, holder))

    def _heard(self, owner: str, name: str, original: Any, holder: Any) -> Callable[..., Any]:
        # A method in an object itself is bound to it already.
        first = 1 if isinstance(holder, type) else 0
        parameters = list(inspect.signature(inspect.unwrap(original)).parameters.values())[first:]

        @functools.wraps(original)
        def method(*args: Any, **kwargs: Any) -> Any:
            itself = args[0] if first and args else holder
            called = (id(itself), name)
            # A method that calls its parent's is one hook.
            if called in self._open:
                return original(*args, **kwargs)
            caller = sys._getframe(1).f_code.co_filename  # noqa: SLF001
            by = "project" if self._places.is_project(caller) else "lightning"
            given = _given(parameters, args[first:], kwargs)
            self._add([owner, type(itself).__name__, name, by, given])
            self._open.append(called)
            try:
                return original(*args, **kwargs)
            finally:
                self._open.remove(called)

        method.__signature__ = inspect.signature(original)  # type: ignore[attr-defined]
        method._lfix_heard = True  # type: ignore[attr-defined]  # noqa: SLF001
        return method

    def _add(self, form: List[Any]) -> None:
        key = repr(form)
        if key not in self._forms and len(self._forms) >= _MOST_FORMS:
            form = [*form[:-1], None]
            key = repr(form)
        if key not in self._forms:
            self._forms[key] = len(self._forms)
            self.data["forms"].append([*form, 0])
        place = self._forms[key]
        self.data["forms"][place][-1] += 1
        if len(self.data["calls"]) < _MOST_CALLS:
            self.data["calls"].append([self.batch, place])
        else:
            self.data["is_whole"] = False


def _methods(thing: Any, names: Sequence[str]) -> Iterator[Tuple[str, Any, Any]]:
    """The methods of these names, with the class that holds each, or the object itself.

    Releases before 1.7 put methods of their own around three of a datamodule, into the object.
    """
    for name in names:
        value = vars(thing).get(name)
        if inspect.isfunction(value) or inspect.ismethod(value):
            yield name, thing, value
        for holder in type(thing).__mro__:
            value = vars(holder).get(name)
            if inspect.isfunction(value):
                yield name, holder, value


def _is_lightnings(cls: type, name: str) -> bool:
    top = cls.__module__.partition(".")[0]
    return cls.__name__ == name and top in ("lightning", "pytorch_lightning")


def _read(code: Any) -> List[str]:
    """The local names that a function reads; all of them where it asks for them as a dict."""
    if {"locals", "vars", "eval"}.intersection(code.co_names):
        return list(code.co_varnames)
    found = set(code.co_cellvars)
    for instruction in dis.get_instructions(code):
        if "LOAD_FAST" in instruction.opname:
            # Newer Pythons load two at once, or store one and load another.
            read = instruction.argval
            found.update(read if isinstance(read, tuple) else (read,))
    return sorted(found.intersection(code.co_varnames + code.co_cellvars))


def _given(
    parameters: Sequence[inspect.Parameter], args: Tuple[Any, ...], kwargs: Dict[str, Any]
) -> List[List[str]]:
    """Names and kinds of what a method receives, without what goes to ``*args``.

    A number stands for a place of which there is no parameter.
    """
    places = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    rest = [p for p in parameters if p.kind is p.VAR_POSITIONAL]
    named = dict(zip(places, args))
    if not rest:
        named.update((str(place), args[place]) for place in range(len(places), len(args)))
    named.update(kwargs)
    return [[name, kind_of(value)] for name, value in named.items()]
