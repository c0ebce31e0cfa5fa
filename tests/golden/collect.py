"""Finds the golden files of the project."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from .case import Golden
from .parse import parse

ROOT = Path(__file__).resolve().parents[2] / "golden"
FAMILIES = (
    "data",
    "hooks",
    "trainer",
    "optimization",
    "names",
    "members",
    "arguments",
    "checkpoints",
    "behaviour",
)


@cache
def goldens(root: Path = ROOT) -> tuple[Golden, ...]:
    """All golden files below ``root``, in path order; raises GoldenError for a malformed one."""
    return tuple(parse(path) for path in sorted(root.glob("*/*.md")))
