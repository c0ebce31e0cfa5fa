"""What each release of Lightning offers: states, homes and parameters of every dotted name.

The data is mined from the releases' own wheels (docs/releases.md). Names may be given in any
namespace (`pytorch_lightning.X`, `lightning.pytorch.X`, `lightning_fabric.X`); answers are in
that of `lightning`. It is read on the first question.
"""

from __future__ import annotations

from functools import cache

from . import lookup, mined
from .lookup import Kind, State, find, long
from .mined import INDEX, RELEASES
from .names import in_one_namespace
from .signatures import Parameter, Signature, parsed

__all__ = [
    "RELEASES",
    "Kind",
    "Parameter",
    "Signature",
    "State",
    "argument_state",
    "definition",
    "distributions",
    "homes",
    "is_open",
    "kind",
    "lost",
    "members",
    "mro",
    "parameters",
    "signature",
    "since",
    "state",
    "until",
]


def state(name: str, release: str) -> State:
    """The state of a module, class, function, constant, or member of a class.

    A member that is inherited from outside of Lightning is ABSENT here: ask `is_open` of its class
    before concluding anything.

    Raises:
        KeyError: The release is not one of `RELEASES`.
    """
    found = find(name, INDEX[release])
    return State.ABSENT if found is None else found.state


def kind(name: str, release: str) -> Kind | None:
    """What a name denotes in a release; None where it is absent."""
    found = find(name, INDEX[release])
    return None if found is None else found.kind


def definition(name: str, release: str) -> str | None:
    """Where a name is defined, re-exports and inheritance resolved; None where it is absent."""
    found = find(name, INDEX[release])
    return None if found is None else long(found.own)


def since(name: str) -> str | None:
    """The first release in which a name can be used; None where there is no such release."""
    return next((r for r in RELEASES if state(name, r) <= State.DEPRECATED), None)


def until(name: str) -> str | None:
    """The last release in which a name can be used; None where there is no such release."""
    return next((r for r in reversed(RELEASES) if state(name, r) <= State.DEPRECATED), None)


def signature(name: str, release: str) -> Signature | None:
    """The parameters of a function or method, or those of a class's constructor.

    None where the name is absent, cannot be called, or has a constructor from outside of Lightning.
    """
    index = INDEX[release]
    found = find(name, index)
    if found is None:
        return None
    if found.kind is not Kind.CLASS:
        return None if found.signature is None else parsed(found.signature, found.warned)
    for own in ("__init__", "__new__"):
        constructor = lookup.member(found.own, own, index)
        if constructor is not None and constructor.signature is not None:
            return parsed(constructor.signature, constructor.warned)
    return None if lookup.has_foreign_base(found.own, index) else Signature(())


def parameters(name: str, release: str) -> tuple[Parameter, ...] | None:
    """The parameters alone, as of `signature`."""
    found = signature(name, release)
    return None if found is None else found.parameters


def argument_state(name: str, argument: str, release: str) -> State:
    """What becomes of a call that gives an argument by keyword.

    An argument that `**kwargs` would take counts as absent; ask `signature` for that.
    """
    found = signature(name, release)
    parameter = None if found is None else found.parameter(argument)
    if parameter is None or parameter.kind == "/":
        return State.ABSENT
    return State.DEPRECATED if parameter.deprecated else State.PRESENT


def mro(name: str, release: str) -> tuple[str, ...]:
    """Where the classes are defined that a class has its members from, itself first.

    Names of other packages stand in it too (`torch.nn.Module`), `?` for a base that the wheels do
    not tell. Empty where the name is no class.
    """
    index = INDEX[release]
    found = find(name, index)
    if found is None or found.kind is not Kind.CLASS:
        return ()
    return tuple(long(own) for own in lookup.mro(found.own, index))


def is_open(name: str, release: str) -> bool:
    """Whether a class may have members that the data does not know: it has a foreign base."""
    index = INDEX[release]
    found = find(name, index)
    return found is None or (found.kind is Kind.CLASS and lookup.has_foreign_base(found.own, index))


def members(name: str, release: str) -> tuple[str, ...]:
    """Names of all members of a class, inherited ones too, or of all that a module holds."""
    index = INDEX[release]
    found = find(name, index)
    if found is None:
        return ()
    if found.kind is Kind.MODULE:
        held = mined.paths().held.get(found.own, {})
        return tuple(sorted(n for n, spans in held.items() if mined.at(spans, index)))
    table = mined.members().own
    names = {
        member
        for own in lookup.mro(found.own, index)
        for member, spans in table.get(own, {}).items()
        if mined.at(spans, index)
    }
    return tuple(sorted(names))


@cache
def lost(release: str) -> frozenset[str]:
    """Names of members that a class once had and its namesake of a release has not.

    A name outside of this set needs no look at any class.
    """
    index, data = INDEX[release], mined.members()
    today: dict[str, set[str]] = {}
    for own, spans in data.classes.items():
        if mined.at(spans, index) is None:
            continue
        names = today.setdefault(own.rpartition(".")[2], set())
        for base in lookup.mro(own, index):
            for name, facts in data.own.get(base, {}).items():
                fact = mined.at(facts, index)
                if fact is not None and (mined.part(fact, 4) or 0) <= State.DEPRECATED:
                    names.add(name)
    return frozenset(
        name
        for own, members_ in data.own.items()
        for name, facts in members_.items()
        if facts[0][0] < index and name not in today.get(own.rpartition(".")[2], ())
    )


def homes(last_name: str, release: str) -> tuple[str, ...]:
    """Public paths at which something of this name can be imported, the best first.

    Packages and the defining module come before modules that merely import it, short before long.
    """
    index = INDEX[release]
    data = mined.paths()
    found = []
    for module in data.by_name.get(last_name, ()):
        span = mined.at(data.held[module][last_name], index)
        if span is not None:
            beside = bool(mined.part(span, 3)) and module not in data.packages
            found.append((beside, f"{long(module)}.{last_name}"))
    return tuple(name for _, name in sorted(found, key=lambda f: f[0]))


def distributions(name: str, release: str) -> tuple[str, ...]:
    """The distributions that have a name in a release; empty where it is absent."""
    if state(name, release) is State.ABSENT:
        return ()
    full = in_one_namespace(name)
    found = []
    if full.startswith("lightning.pytorch"):
        found.append("pytorch-lightning")
    if full.startswith("lightning.fabric") and INDEX[release] >= INDEX["1.9"]:
        found.append("lightning-fabric")
    if INDEX[release] >= INDEX["1.8"]:
        found.append("lightning")
    return tuple(found)
