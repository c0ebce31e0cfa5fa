"""What each release of Lightning 2 needs to be installed beside it.

Source: ``Requires-Python`` and ``Requires-Dist`` in the metadata of the wheels of
``pytorch-lightning`` and ``lightning``, 2.0.9 to 2.6.6.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Needs:
    """The oldest Python and torch that a release takes."""

    python: str
    torch: str


_NEEDS = {
    "2.0": Needs("3.8", "1.11"),
    "2.1": Needs("3.8", "1.12"),
    "2.2": Needs("3.8", "1.13"),
    "2.3": Needs("3.8", "2.0"),
    "2.4": Needs("3.9", "2.1"),
    "2.5": Needs("3.9", "2.1"),
    "2.6": Needs("3.10", "2.1"),
}

#: Every release of Lightning 2 wants more than 0.7 of torchmetrics.
TORCHMETRICS = "0.7"


def of(release: str) -> Needs:
    """The needs of a release by its minor; raises KeyError for one that is not known."""
    return _NEEDS[".".join(release.split(".")[:2])]
