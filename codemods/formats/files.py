"""The files of a project that lfix reads; without a parser, so that cached answers are fast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.walk import Walk
from .registry import format_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..engine.settings import Settings


def walk_of(paths: Sequence[Path], settings: Settings) -> Walk:
    """The walk over the files that the engine or a format reads."""
    return Walk([Path(p) for p in paths], settings.exclude, settings.root, _is_read)


def divided(files: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Python, and the other files; what was named by hand and is of no format counts as Python."""
    python: list[Path] = []
    others: list[Path] = []
    for path in files:
        (others if _is_read(path.name) else python).append(path)
    return python, others


def _is_read(name: str) -> bool:
    return format_of(name) is not None
