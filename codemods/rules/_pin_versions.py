"""Which releases a requirement takes, and what to write where it has to take others."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from ._requirement import Style, spaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    from ._requirement import Requirement

#: A release that is newer than any.
_FAR = "9999"


def written(pin: Requirement, lowest: str, new: tuple[str, str]) -> str:
    """New versions of Lightning in the style of the old ones."""
    if pin.style is Style.POETRY and not re.match(r"[<>!]", pin.written):
        return f"^{lowest}"
    return ",".join(new) if pin.style is Style.CONDA else spaced(pin.written, list(new))


def raised(requirement: Requirement, bound: str) -> str:
    """Versions from ``bound`` on; of a floor the other clauses stay."""
    written = requirement.written
    if requirement.floor:
        raised, count = re.subn(r">=?\s*[\d.]+", f">={bound}", written, count=1)
        raised, caret = re.subn(r"^([\^~])\s*[\d.]+$", rf"^{bound}", raised)
        candidate = _read(requirement, raised)
        if (count or caret) and candidate is not None and reaches(candidate, bound):
            return raised
    if requirement.style is Style.POETRY and not re.match(r"[<>!]", written):
        # A caret before 1.0 admits one minor only.
        return f"^{bound}" if not bound.startswith("0.") else f">={bound}"
    return spaced(written.partition(",")[0], [f">={bound}"])


def _read(requirement: Requirement, written: str) -> SpecifierSet | None:
    return replace(requirement, written=written).admitted


def reaches(admitted: SpecifierSet, bound: str) -> bool:
    """Whether a specifier takes any release from ``bound`` on."""
    from packaging.version import Version

    return any(v >= Version(bound) and admitted.contains(v) for v in _candidates(admitted, bound))


def goes_below(admitted: SpecifierSet, bound: str) -> bool:
    """Whether a specifier takes any release before ``bound``."""
    from packaging.version import Version

    return any(v < Version(bound) and admitted.contains(v) for v in _candidates(admitted, bound))


def _candidates(admitted: SpecifierSet, bound: str) -> Iterator[Version]:
    """Releases at and beside every border of a specifier, and far away on both sides."""
    from packaging.version import InvalidVersion, Version

    yield from (Version("0"), Version(bound), Version(_FAR))
    for clause in admitted:
        text = clause.version.removesuffix(".*")
        try:
            border = Version(text)
        except InvalidVersion:
            continue
        release = border.release
        yield border
        yield Version(f"{border.base_version}.1")
        for place in range(len(release)):
            up = [*release[: place + 1]]
            up[-1] += 1
            yield Version(".".join(map(str, up)))
            if release[place]:
                up[-1] -= 2
                yield Version(".".join(map(str, [*up, 99])))
