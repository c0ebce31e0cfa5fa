"""One dotted name in one release: what the mined data says of it.

Names here are *short*: without their leading `lightning`, as they stand in the data.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from functools import cache

from . import mined
from .names import in_one_namespace


class State(IntEnum):
    """What becomes of code that uses a name; the order is from well to worse."""

    PRESENT = 0
    #: Works and warns.
    DEPRECATED = 1
    #: Can be imported or looked up, and raises when it is used.
    RAISES = 2
    ABSENT = 3


class Kind(str, Enum):
    """What a name denotes."""

    MODULE = "module"
    CLASS = "class"
    FUNCTION = "function"
    CONSTANT = "constant"
    #: Something of torchmetrics or lightning_utilities that Lightning offers as its own.
    FOREIGN = "foreign"
    METHOD = "method"
    STATIC = "static method"
    CLASSMETHOD = "class method"
    PROPERTY = "property"
    #: A property that can be set.
    SETTABLE = "settable property"
    ATTRIBUTE = "attribute"


_MODULE_KINDS = {
    "m": Kind.MODULE,
    "c": Kind.CLASS,
    "f": Kind.FUNCTION,
    "a": Kind.CONSTANT,
    "x": Kind.FOREIGN,
}
_MEMBER_KINDS = {
    "m": Kind.METHOD,
    "s": Kind.STATIC,
    "c": Kind.CLASSMETHOD,
    "p": Kind.PROPERTY,
    "w": Kind.SETTABLE,
    "a": Kind.ATTRIBUTE,
}
#: Parts of the `lightning` distribution of which the data knows no more than that they are there.
_UNREAD = (".app.", ".data.", ".store.")


@dataclass(frozen=True)
class Found:
    """What a name denotes; ``own`` is where it is defined, short."""

    kind: Kind
    own: str
    state: State
    signature: str | None = None
    warned: tuple[str, ...] = ()


def find(name: str, index: int) -> Found | None:
    """What a name denotes in a release; None where it is absent."""
    return _found(short(name), index)


def short(name: str) -> str:
    """A name as it stands in the data."""
    full = in_one_namespace(name)
    if full == "lightning":
        return "."
    if full.startswith("."):
        return ""
    return full[len("lightning") :] if full.startswith("lightning.") else full


def long(own: str) -> str:
    """A name in full again."""
    if own == ".":
        return "lightning"
    return f"lightning{own}" if own.startswith(".") else own


@cache
def _found(name: str, index: int) -> Found | None:
    if not name.startswith("."):
        return None
    data = mined.paths()
    unread = next((part for part in _UNREAD if name.startswith(part)), None)
    if unread is not None:
        there = mined.at(data.modules.get(unread[:-1], []), index)
        return Found(Kind.CONSTANT, name, State.PRESENT) if there else None
    owner, _, last = name.rpartition(".")
    held = data.held.get(owner or ".", {}).get(last)
    span = mined.at(held, index) if held else None
    if span is not None:
        own = mined.part(span, 3) or name
        return _described(span[2], own, State(mined.part(span, 4) or 0), index)
    span = mined.at(data.modules.get(name, []), index)
    if span is not None:
        return Found(Kind.MODULE, name, State(mined.part(span, 2) or 0))
    if not owner:
        return None
    left = _found(owner, index)
    if left is None:
        return None
    if left.kind is Kind.CLASS:
        found = member(left.own, last, index)
        if found is not None and left.state is State.RAISES:
            return replace(found, state=State.RAISES)
        return found
    if left.kind is Kind.MODULE and left.own != owner:
        return _found(f"{left.own}.{last}", index)
    return None


def _described(letter: str, own: str, state_: State, index: int) -> Found:
    kind_ = _MODULE_KINDS[letter]
    if kind_ is not Kind.FUNCTION:
        return Found(kind_, own, state_)
    span = mined.at(mined.members().functions.get(own, []), index)
    if span is None:
        return Found(kind_, own, state_)
    return Found(kind_, own, state_, mined.part(span, 3), _warned(span))


def member(cls: str, name: str, index: int) -> Found | None:
    """A member of a class, its own or an inherited one."""
    table = mined.members().own
    for own in mro(cls, index):
        span = mined.at(table.get(own, {}).get(name, []), index)
        if span is not None:
            kind_ = _MEMBER_KINDS[span[2]]
            called = kind_ in {Kind.METHOD, Kind.STATIC, Kind.CLASSMETHOD}
            return Found(
                kind_,
                f"{own}.{name}",
                State(mined.part(span, 4) or 0),
                mined.part(span, 3) if called else None,
                _warned(span),
            )
    return None


def _warned(span: mined.Span) -> tuple[str, ...]:
    text: str = mined.part(span, 5)
    return tuple(text.split(",")) if text else ()


def has_foreign_base(cls: str, index: int) -> bool:
    """Whether a class inherits from what the data does not hold."""
    return any(not own.startswith(".") for own in mro(cls, index))


@cache
def mro(cls: str, index: int) -> tuple[str, ...]:
    """The classes that a class has its members from, itself first."""
    span = mined.at(mined.members().classes.get(cls, []), index)
    bases: list[str] = list(mined.part(span, 2) or ()) if span is not None else []
    lines = [list(mro(base, index)) for base in bases]
    merged = _merged([*lines, bases])
    return (cls, *merged)


def _merged(lines: list[list[str]]) -> list[str]:
    """Python's own order of bases; where a foreign one makes it impossible, as they come."""
    result: list[str] = []
    lines = [list(line) for line in lines if line]
    while lines:
        heads = (line[0] for line in lines)
        good = next((h for h in heads if not any(h in line[1:] for line in lines)), lines[0][0])
        result.append(good)
        lines = [rest for line in lines if (rest := [own for own in line if own != good])]
    return result
