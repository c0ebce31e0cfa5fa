"""What each release of Lightning 2 needs to be installed beside it.

Source: ``Requires-Python`` and ``Requires-Dist`` in the metadata of the wheels of
``pytorch-lightning`` and ``lightning``, 2.0.9 to 2.6.6. Where these say that a version has to be
newer than another, the next release of that package stands here.
"""

from __future__ import annotations

from collections.abc import Mapping
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
_METRICS = "0.7.1"

#: The oldest release of other packages, by the first minor of Lightning that says so.
_OTHERS: dict[str, tuple[tuple[str, str], ...]] = {
    "torchmetrics": (("2.0", _METRICS),),
    "fsspec": (("2.0", "2022.5"),),
    "lightning-utilities": (("2.0", "0.7"), ("2.1", "0.8"), ("2.3", "0.10")),
    "packaging": (("2.0", "17.1"), ("2.1", "20.0"), ("2.6", "23.0")),
    "pyyaml": (("2.0", "5.4"), ("2.5", "5.4.1")),
    "tqdm": (("2.0", "4.57"),),
    "typing-extensions": (("2.0", "4.0"), ("2.2", "4.4"), ("2.5", "4.6")),
}

#: With the extra ``signatures``, what ``LightningCLI`` needs.
_JSONARGPARSE = (("2.0", "4.18"), ("2.1", "4.26.1"), ("2.2", "4.27.7"), ("2.5", "4.39"))

#: The releases of torch's sister packages that were made for a torch.
#: Source: the tables of compatible releases in the README files of torchvision and torchaudio.
SISTERS: dict[str, dict[str, str]] = {
    "torchvision": {"1.11": "0.12", "1.12": "0.13", "1.13": "0.14", "2.0": "0.15", "2.1": "0.16"},
    "torchaudio": {"1.11": "0.11", "1.12": "0.12", "1.13": "0.13", "2.0": "2.0", "2.1": "2.1"},
    "torchtext": {"1.11": "0.12", "1.12": "0.13", "1.13": "0.14", "2.0": "0.15", "2.1": "0.16"},
}

#: What both distributions of every release of Lightning 2 offer in brackets.
EXTRAS = frozenset({"all", "dev", "examples", "extra", "strategies", "test"})
#: Those of them, and of one distribution alone, that bring jsonargparse and tensorboardX.
FULL_EXTRAS = frozenset({"all", "dev", "extra", "pytorch-all", "pytorch-dev", "pytorch-extra"})


def of(release: str) -> Needs:
    """The needs of a release by its minor; raises KeyError for one that is not known."""
    return _NEEDS[".".join(release.split(".")[:2])]


def least(release: str) -> Mapping[str, str]:
    """The oldest release of each package that one of Lightning can be installed with.

    Packages by their names on PyPI, in lower case and with ``-``. Torch's sisters are there
    because each of their releases asks for one torch. Raises KeyError for an unknown release.
    """
    needs = of(release)
    found = {"torch": needs.torch, "jsonargparse": _since(_JSONARGPARSE, release)}
    found |= {name: _since(steps, release) for name, steps in _OTHERS.items()}
    found |= {name: made_for[needs.torch] for name, made_for in SISTERS.items()}
    return found


def _since(steps: tuple[tuple[str, str], ...], release: str) -> str:
    minor = int(release.split(".")[1])
    return [bound for since, bound in steps if int(since.split(".")[1]) <= minor][-1]
