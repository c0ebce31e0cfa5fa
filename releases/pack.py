"""Tables of all releases as two small files, the same bytes for the same tables.

Everything is a list of spans ``[first, last, …]`` of indices into the releases, both inclusive.
`docs/releases.md` describes the format.
"""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .members import Member
    from .table import Table

PATHS, MEMBERS = "paths.json.gz", "members.json.gz"

_Fact = tuple[Any, ...]


def pack(tables: Mapping[str, Table]) -> dict[str, bytes]:
    """The files by name."""
    releases = list(tables)
    modules: dict[str, dict[int, _Fact]] = {}
    paths: dict[str, dict[str, dict[int, _Fact]]] = {}
    classes: dict[str, dict[int, _Fact]] = {}
    members: dict[str, dict[str, dict[int, _Fact]]] = {}
    functions: dict[str, dict[int, _Fact]] = {}
    for index, table in enumerate(tables.values()):
        for module, state in table.modules.items():
            modules.setdefault(_short(module), {})[index] = (state,)
        for module, names in table.paths.items():
            inner = paths.setdefault(_short(module), {})
            for name, path in names.items():
                fact = (path.kind, _short(path.target), path.state)
                inner.setdefault(name, {})[index] = fact
        for own, found in table.classes.items():
            bases = [_short(base) for base in found.bases]
            classes.setdefault(_short(own), {})[index] = (bases,)
            inner = members.setdefault(_short(own), {})
            for name, member in found.members.items():
                inner.setdefault(name, {})[index] = _member(member)
        for own, function in table.functions.items():
            functions.setdefault(_short(own), {})[index] = _member(function)
    return {
        PATHS: _bytes(
            {
                "releases": releases,
                "modules": _spans_of(modules),
                "paths": {module: _spans_of(inner) for module, inner in paths.items()},
            }
        ),
        MEMBERS: _bytes(
            {
                "classes": _spans_of(classes),
                "members": {own: _spans_of(inner) for own, inner in members.items()},
                "functions": _spans_of(functions),
            }
        ),
    }


def _short(name: str) -> str:
    """A name without `lightning`, which all names in the data but foreign ones begin with."""
    if name == "lightning":
        return "."
    return name[len("lightning") :] if name.startswith("lightning.") else name


def _member(member: Member) -> _Fact:
    return (member.kind, member.parameters or "", member.state, ",".join(member.warned))


def _spans_of(facts: Mapping[str, Mapping[int, _Fact]]) -> dict[str, list[list[Any]]]:
    return {name: _spans(by_index) for name, by_index in facts.items()}


def _spans(by_index: Mapping[int, _Fact]) -> list[list[Any]]:
    spans: list[list[Any]] = []
    for index in sorted(by_index):
        fact = list(by_index[index])
        while fact and fact[-1] in ("", 0):
            fact.pop()
        if spans and spans[-1][1] == index - 1 and spans[-1][2:] == fact:
            spans[-1][1] = index
        else:
            spans.append([index, index, *fact])
    return spans


def _bytes(content: Mapping[str, Any]) -> bytes:
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    # Without a time and a file name in its head, a gzip file is a function of its content.
    return gzip.compress(text.encode(), 9, mtime=0)
