"""All formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import notebook

if TYPE_CHECKING:
    from .format import Format

FORMATS: tuple[Format, ...] = (notebook.FORMAT,)


def format_of(name: str) -> Format | None:
    """The format of a file by its name; None for Python, and for what nobody reads."""
    return next((form for form in FORMATS if form.reads(name)), None)
