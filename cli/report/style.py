"""Colour where a terminal shows it, plain text everywhere else."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TextIO

_CODES = {
    "bold": "1",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "cyan": "36",
    "dim": "2",
    "removed": "31;7",
    "added": "32;7",
}


@dataclass(frozen=True)
class Style:
    """Paints text, or leaves it as it is."""

    colour: bool

    def __call__(self, text: str, name: str) -> str:
        """``text`` in the style ``name``."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour and text else text


def style_for(stream: TextIO | None = None) -> Style:
    """The style for a stream: colour on a terminal, unless NO_COLOR is set or TERM is dumb."""
    target = stream or sys.stdout
    colour = target.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    return Style(colour)
