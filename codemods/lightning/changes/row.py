"""The classes of the rows: one row is one change of Lightning that user code can meet.

Releases are minors (``"1.8"``). ``removed`` is the first in which the old form does not do what it
did: it raises, or is ignored in silence. ``deprecated`` is the first that warns; empty where none
did. ``pull`` is the upstream pull request, the number behind
``https://github.com/Lightning-AI/pytorch-lightning/pull/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """What an old form means at a target: ``GONE`` is an error, ``FADING`` a warning."""

    GONE = "gone"
    FADING = "fading"
    FINE = "fine"


def minor(release: str) -> tuple[int, int]:
    """The comparable minor of a release: ``(2, 6)`` of ``"2.6"`` and of ``"2.6.1"``."""
    first, second, *_ = release.split(".")
    return int(first), int(second)


@dataclass(frozen=True)
class Change:
    """What all rows have."""

    old: str
    removed: str = ""
    deprecated: str = ""
    pull: int | None = None

    def level(self, target: str) -> Level:
        """What the old form means at a target release."""
        if self.removed and minor(self.removed) <= minor(target):
            return Level.GONE
        if self.deprecated and minor(self.deprecated) <= minor(target):
            return Level.FADING
        return Level.FINE


@dataclass(frozen=True)
class Moved(Change):
    """A public name (module, class, function, constant) that lives elsewhere or is renamed.

    ``old`` and ``new`` are full paths with the roots ``lightning.pytorch`` and
    ``lightning.fabric``, or those of another package. A row for a class holds for its members
    too. ``doubt`` says in what the new one differs
    where it is not quite the same: the fix is unsafe then. ``adds`` are arguments, by keyword and
    source text, that make today's class what the old one was. A row of a ``module`` is for the
    module as such.
    """

    new: str = ""
    doubt: str = ""
    adds: tuple[tuple[str, str], ...] = ()
    module: bool = False


@dataclass(frozen=True)
class Gone(Change):
    """A public name without a successor; ``way_out`` says what to do instead."""

    way_out: str = ""


#: Today's form of a question whose answer has become no.
NEVER = "False"


@dataclass(frozen=True)
class Member(Change):
    """An attribute or method of objects of a kind.

    ``owner`` is the full path of the class (its subclasses included), ``old`` the member's name,
    ``new`` the expression that stands for ``owner.old`` with ``{0}`` for the object and ``{1}`` for
    what that is an attribute of, such as ``{0}.sanity_checking``; empty where there is none, and
    ``way_out`` says what to do. With ``only_set`` reading it is fine, assigning to it is not. With
    ``idle`` a call of it that is a statement can go: it does nothing any more. ``kept`` are
    subclasses of the owner that still have it.
    """

    owner: str = ""
    new: str = ""
    way_out: str = ""
    doubt: str = ""
    only_set: bool = False
    idle: bool = False
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Keyword(Change):
    """An argument of a callable: ``owner`` is its full path, ``old`` the argument's name.

    An owner that is a class stands for its subclasses too, and a method for those of subclasses.
    ``new`` is today's name; without one the argument is left away, or told where there is a
    ``way_out``. ``value`` is the new value, ``{0}`` stands for the given one. ``doubt`` says in
    what the new form differs. ``values`` are given values, as literals, with what each becomes for
    certain; an empty text leaves the argument away, and with ``strict`` any other is told.
    ``refused`` are values that cannot be carried over, with what to do instead.
    ``place`` is where the argument stands if it is given by position, from 0; there it is meant
    only if its text holds ``like``. A row with ``new`` equal to ``old`` is about the place alone.
    """

    owner: str = ""
    new: str = ""
    way_out: str = ""
    doubt: str = ""
    value: str = "{0}"
    values: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()
    place: int = -1
    like: str = ""
    strict: bool = False


def told(
    owner: str, names: str, removed: str, deprecated: str, pull: int | None, way_out: str
) -> tuple[Member, ...]:
    """Rows of members of one class, ``names`` apart by blanks, that share a way out."""
    return tuple(
        Member(name, removed, deprecated, pull, owner, way_out=way_out) for name in names.split()
    )


@dataclass(frozen=True)
class Replaced(Change):
    """A name whose every use is written otherwise today.

    ``old`` is its full path, that of a member where the path goes on (``Class.method``). ``new``
    is the expression that takes the place of a call, ``{args}`` for its arguments, ``{0}`` for the
    first and ``{rest}`` for those behind it, ``{precision}`` for the first in today's words, and
    ``<full.path>`` for a name that is imported. With ``called`` false it takes the place of the
    name itself.
    """

    new: str = ""
    called: bool = True
    doubt: str = ""
