"""Rows by what they are looked up with."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .gone import GONE
from .keywords import KEYWORDS
from .members import MEMBERS
from .moved import MOVED
from .replaced import NEEDLESS_DECORATORS, REPLACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .row import Gone, Keyword, Member, Moved, Replaced


@cache
def moved_names() -> Mapping[str, Moved]:
    """Rows of moved names by their old path."""
    return {row.old: row for row in MOVED}


def moved(prefixes: Iterable[str]) -> Moved | None:
    """The row for a path, given with everything that it goes through, longest first.

    It is the path's own row, else that of the class whose member it is.
    """
    rows = moved_names()
    for number, prefix in enumerate(prefixes):
        row = rows.get(prefix)
        if row is not None:
            return None if row.module and number else row
    return None


@cache
def gone_names() -> Mapping[str, Gone]:
    """Rows of names without a successor by their old path."""
    return {row.old: row for row in GONE}


def gone(prefixes: Iterable[str]) -> Gone | None:
    """The row for a path or for the class whose member it is."""
    rows = gone_names()
    return next((rows[prefix] for prefix in prefixes if prefix in rows), None)


@cache
def members() -> Mapping[str, tuple[Member, ...]]:
    """Rows of members by their name, without the parentheses of those that were methods."""
    found: dict[str, tuple[Member, ...]] = {}
    for row in MEMBERS:
        name = row.old.removesuffix("()")
        found[name] = (*found.get(name, ()), row)
    return found


@cache
def keywords() -> Mapping[str, tuple[Keyword, ...]]:
    """Rows of arguments by their name."""
    found: dict[str, tuple[Keyword, ...]] = {}
    for row in KEYWORDS:
        found[row.old] = (*found.get(row.old, ()), row)
    return found


@cache
def replaced_names() -> Mapping[str, Replaced]:
    """Rows of names that became expressions by their path."""
    return {row.old: row for row in REPLACED}


def needless_decorator(path: str) -> str | None:
    """Why a decorator can go; None where it cannot."""
    return NEEDLESS_DECORATORS.get(path)
