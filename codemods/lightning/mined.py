"""The mined data as it lies in the package: spans of releases, read on the first question.

Every fact is a list ``[first, last, …]`` with indices into `RELEASES`, both inclusive; names are
written without their leading `lightning`. docs/releases.md describes the format.
"""

from __future__ import annotations

import gzip
import json
import pkgutil
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

#: The minors that the data knows, oldest first; of each the last patch was read.
RELEASES = (
    *("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9"),
    *("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6"),
)
INDEX = {release: index for index, release in enumerate(RELEASES)}

Span = list[Any]
Spans = dict[str, list[Span]]


@dataclass(frozen=True)
class Paths:
    """Modules, and what stands under the names in them.

    ``modules``: name -> ``[first, last, state]``; ``held``: module -> name -> ``[first, last, kind,
    where it is defined or nothing, state]``. Nothing and zero at the end are left out.
    """

    modules: Spans
    held: dict[str, Spans]

    @cached_property
    def packages(self) -> frozenset[str]:
        """Modules with modules in them."""
        return frozenset(module.rpartition(".")[0] for module in self.modules) | {"."}

    @cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """Modules that hold a name, in any release; the shortest first."""
        found: dict[str, list[str]] = {}
        for module in sorted(self.held, key=lambda m: (m.count("."), m)):
            for name in self.held[module]:
                found.setdefault(name, []).append(module)
        return {name: tuple(modules) for name, modules in found.items()}


@dataclass(frozen=True)
class Members:
    """Classes and functions by where they are defined.

    ``classes``: class -> ``[first, last, bases]``; ``own``: class -> member -> ``[first, last,
    kind, parameters, state, parameters that warn]``; ``functions``: the same for functions.
    """

    classes: Spans
    own: dict[str, Spans]
    functions: Spans

    @cached_property
    def owners(self) -> dict[str, tuple[str, ...]]:
        """Classes that define a member of a name, in any release."""
        found: dict[str, list[str]] = {}
        for owner, members in self.own.items():
            for member in members:
                found.setdefault(member, []).append(owner)
        return {member: tuple(owners) for member, owners in found.items()}


@cache
def paths() -> Paths:
    """The first file."""
    content = _read("paths.json.gz")
    assert tuple(content["releases"]) == RELEASES, "the data is of other releases"
    return Paths(content["modules"], content["paths"])


@cache
def members() -> Members:
    """The second file; questions about modules and names in them do without it."""
    content = _read("members.json.gz")
    return Members(content["classes"], content["members"], content["functions"])


def at(spans: list[Span], index: int) -> Span | None:
    """The fact that holds in a release."""
    for span in spans:
        if span[0] <= index <= span[1]:
            return span
    return None


def part(span: Span, position: int) -> Any:
    """One part of a fact; nothing where it is left out."""
    return span[position] if position < len(span) else ""


def _read(file: str) -> Any:
    data = pkgutil.get_data(__name__, f"data/{file}")
    assert data is not None, f"the package lacks {file}"
    return json.loads(gzip.decompress(data))
