"""The name that a misspelt one was meant to be."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

#: So alike are a name and what it was meant to be, and so much less alike is any other name.
_ALIKE = 0.85
_APART = 0.04
DOUBT = "it looks misspelt"


def meant(name: str, known: Iterable[str], given: Container[str]) -> str | None:
    """The one of some names that is nearly the same, if it is not given as well."""
    ranked = sorted(
        ((difflib.SequenceMatcher(None, name, other).ratio(), other) for other in known),
        reverse=True,
    )
    if not ranked or ranked[0][0] < _ALIKE or ranked[0][1] in given:
        return None
    is_alone = len(ranked) == 1 or ranked[0][0] - ranked[1][0] >= _APART
    return ranked[0][1] if is_alone else None
