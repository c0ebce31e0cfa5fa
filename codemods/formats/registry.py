"""All formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import commands, config, notebook, pins

if TYPE_CHECKING:
    from .format import Format

FORMATS: tuple[Format, ...] = (notebook.FORMAT, *pins.FORMATS, *commands.FORMATS, config.CONFIG)


def format_of(name: str) -> Format | None:
    """The format of a file by its name; None for Python, and for what nobody reads."""
    return next((form for form in FORMATS if form.reads(name)), None)
