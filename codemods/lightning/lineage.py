"""Which classes of Lightning an object of one of them is also an object of."""

from __future__ import annotations

from functools import cache

from . import api
from .changes.index import moved_names
from .names import canonical


@cache
def inherits(path: str, owner: str) -> bool:
    """Whether a class is another or inherits from it, in the last release that has both."""
    if path == owner or today(canonical(path)) == today(canonical(owner)):
        return True
    last = next(
        (r for r in reversed(api.RELEASES) if _is_there(path, r) and _is_there(owner, r)), None
    )
    return last is not None and api.definition(owner, last) in api.mro(path, last)


@cache
def today(path: str) -> str:
    """Where something of Lightning lives today, through all its moves."""
    seen = {path}
    while True:
        row = moved_names().get(path)
        if row is None or row.new in seen:
            return path
        path = canonical(row.new)
        seen.add(path)


def _is_there(path: str, release: str) -> bool:
    return api.kind(path, release) is api.Kind.CLASS
