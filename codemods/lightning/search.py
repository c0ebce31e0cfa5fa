"""Names as people say them, and what they may mean: `Trainer.gpus`, `metrics.Accuracy`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from . import api, mined
from .api import RELEASES, State
from .lookup import long
from .names import in_one_namespace

if TYPE_CHECKING:
    from collections.abc import Iterable

#: The classes that user code is written against: a bare member name means theirs first.
MAIN = (
    "lightning.pytorch.Trainer",
    "lightning.pytorch.LightningModule",
    "lightning.pytorch.LightningDataModule",
    "lightning.pytorch.Callback",
    "lightning.fabric.Fabric",
)
_CALL = re.compile(r"([\w.]+)\((\w+)=?.*\)$")


@dataclass(frozen=True)
class Subject:
    """A dotted name, or an argument of the callable that it names."""

    name: str
    argument: str = ""

    @property
    def shown(self) -> str:
        """As a user would write it."""
        return f"{self.name}({self.argument}=)" if self.argument else self.name

    @cached_property
    def states(self) -> dict[str, State]:
        """What becomes of it in every release, oldest first."""
        if self.argument:
            return {r: api.argument_state(self.name, self.argument, r) for r in RELEASES}
        return {r: api.state(self.name, r) for r in RELEASES}

    @property
    def usable(self) -> tuple[str, ...]:
        """The releases in which it works, be it with a warning."""
        return tuple(r for r, state in self.states.items() if state <= State.DEPRECATED)

    @property
    def known(self) -> bool:
        """Whether any release ever had it."""
        return any(state is not State.ABSENT for state in self.states.values())

    @property
    def kind(self) -> str:
        """What it is, in the last release that has it."""
        if self.argument:
            return "argument"
        kinds = (api.kind(self.name, release) for release in reversed(RELEASES))
        return next((kind.value for kind in kinds if kind is not None), "unknown")


def meant(query: str) -> tuple[Subject, ...]:
    """Everything that a full or partial name may mean; empty where no release knows it."""
    call = _CALL.match(query)
    if call is not None:
        return _arguments((s for s in meant(call[1]) if not s.argument), call[2])
    name = full(query)
    owner, _, last = name.rpartition(".")
    if not last:
        return ()
    found = _named(name)
    if owner:
        owners = tuple(s for s in meant(owner) if not s.argument)
        members = (Subject(f"{subject.name}.{last}") for subject in owners)
        found = (*found, *(m for m in members if m.known and m not in found))
        return (*found, *_arguments(owners, last))
    if found:
        return found
    main = tuple(Subject(cls) for cls in MAIN)
    held = tuple(m for m in (Subject(f"{s.name}.{last}") for s in main) if m.known)
    return (*held, *_arguments(main, last)) or _inherited(last)


def unrecorded(query: str) -> bool:
    """Whether a name is a protected member of a class of which only public members were mined."""
    owner, _, last = full(query).rpartition(".")
    if not last.startswith("_") or last.startswith("__"):
        return False
    owners = [s for s in meant(owner) if not s.argument and s.kind == "class"]
    return any(
        not any(n.startswith("_") and not n.startswith("__") for n in api.members(s.name, release))
        for s in owners
        for release in s.usable[-1:]
    )


def full(query: str) -> str:
    """A name in the namespace of `lightning`, the usual short names of the packages spelled out."""
    name = query.removesuffix("()").removesuffix("=")
    for short, package in (("pl.", "lightning.pytorch."), ("L.", "lightning.")):
        if name.startswith(short):
            return package + name[len(short) :]
    return in_one_namespace(name)


def nearest(query: str) -> tuple[str, ...]:
    """Names that look like one that no release knows."""
    owner, _, last = full(query).rpartition(".")
    for subject in _named(owner) if owner else ():
        close = get_close_matches(last, _inside(subject.name), 3, 0.6)
        if close:
            return tuple(f"{subject.name}.{name}" for name in close)
    close = get_close_matches(last, list(mined.paths().by_name), 3, 0.75)
    return tuple(subject.name for name in close for subject in _named(name)[:1])


def _inside(name: str) -> list[str]:
    inside: dict[str, None] = {}
    for release in reversed(RELEASES):
        inside.update(dict.fromkeys(api.members(name, release)))
        inside.update(dict.fromkeys(p.name for p in api.parameters(name, release) or ()))
    return [n for n in inside if not n.startswith("_")]


def _arguments(owners: Iterable[Subject], argument: str) -> tuple[Subject, ...]:
    return tuple(s for s in (Subject(o.name, argument) for o in owners) if s.known)


def _named(name: str) -> tuple[Subject, ...]:
    """Modules, classes, functions and constants by their full path, else by its end."""
    exact = Subject(name)
    if exact.known:
        return (exact,)
    owner, _, last = name.rpartition(".")
    modules = mined.paths().by_name.get(last, ())
    end = f".{owner}" if owner else ""
    paths = [f"{long(m)}.{last}" for m in modules if f".{long(m)}".endswith(end)]
    paths += [long(m) for m in mined.paths().modules if m.endswith(f".{name}")]
    return _apart(paths)


def _apart(paths: Iterable[str]) -> tuple[Subject, ...]:
    """One path for each object: of several the one that lives longest, then the shortest."""
    groups: list[tuple[set[str], list[Subject]]] = []
    for path in dict.fromkeys(paths):
        subject = Subject(path)
        homes = {f"{r} {api.definition(path, r)}" for r in RELEASES if api.definition(path, r)}
        same = [group for group in groups if group[0] & homes]
        groups = [group for group in groups if group not in same]
        joined = [s for _, subjects in same for s in subjects]
        groups.append((homes.union(*(group[0] for group in same)), [*joined, subject]))
    best = [
        min(subjects, key=lambda s: (-len(s.usable), s.name.count("."), s.name))
        for _, subjects in groups
    ]
    return tuple(sorted(best, key=lambda s: (-len(s.usable), s.name.count("."), s.name)))


def _inherited(member: str) -> tuple[Subject, ...]:
    """Classes that define a member, without those that only override what a base has."""
    owners = [long(own) for own in mined.members().owners.get(member, ())]
    public = [home for own in owners if "._" not in own for home in _best_home(own)]
    tops = []
    for cls in dict.fromkeys(public):
        above = {base for release in RELEASES for base in api.mro(cls, release)[1:]}
        if not above & set(owners):
            tops.append(f"{cls}.{member}")
    return tuple(s for s in map(Subject, tops) if s.known)


def _best_home(own: str) -> tuple[str, ...]:
    last = own.rpartition(".")[2]
    for release in reversed(RELEASES):
        for home in api.homes(last, release):
            if api.definition(home, release) == own:
                return (home,)
    return ()
