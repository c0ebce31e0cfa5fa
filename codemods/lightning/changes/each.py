"""Rows of moved names, many to a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .row import Moved

if TYPE_CHECKING:
    from collections.abc import Iterator

_PYTORCH = "lightning.pytorch"


def each(  # noqa: PLR0913, PLR0917  a row has that many columns
    old: str,
    new: str,
    names: str,
    removed: str = "",
    deprecated: str = "",
    pull: int | None = None,
    doubt: str = "",
    adds: tuple[tuple[str, str], ...] = (),
) -> Iterator[Moved]:
    """A row for each of ``names`` (``Name``, or ``Name>NewName``) of one module that moved.

    ``old`` and ``new`` are modules of ``lightning.pytorch``, or another package's with a ``=`` in
    front. Where the new name is protected, that is the doubt.
    """
    for name in names.split():
        before, _, after = name.partition(">")
        last = after or before
        worry = doubt
        if last.startswith("_") and not doubt:
            worry = f"{last} is protected: it may change in any release"
        yield Moved(
            f"{_home(old)}.{before}", removed, deprecated, pull, f"{_home(new)}.{last}", worry, adds
        )


def whole(
    old: str, new: str, *, removed: str, deprecated: str = "", pull: int | None = None
) -> Moved:
    """A row for a module as such; what it holds has rows of its own."""
    return Moved(_home(old), removed, deprecated, pull, _home(new), module=True)


def _home(module: str) -> str:
    if module.startswith("="):
        return module[1:]
    return f"{_PYTORCH}.{module}" if module else _PYTORCH
