"""The old releases that proofs run on."""

from __future__ import annotations

from pathlib import Path

from lfix.codemods.verify import overlays
from lfix.codemods.verify.overlays import OverlayError, cache, provide

__all__ = ["RELEASES", "OverlayError", "cache", "overlay", "provide"]

RELEASES = ("1.4.9", "1.5.10", "1.6.5", "1.7.7", "1.8.6", "1.9.5", "2.0.9")


def overlay(release: str) -> tuple[Path, ...]:
    """The folders of one of RELEASES; raises OverlayError for another, and if there is no index."""
    if release not in RELEASES:
        message = f"there is no overlay for Lightning {release}; there are {', '.join(RELEASES)}"
        raise OverlayError(message)
    return overlays.overlay(release)
