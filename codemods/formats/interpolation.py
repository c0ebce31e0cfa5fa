"""What an interpolation such as ``${machine.gpus}`` stands for, as the project's configs stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.source import Source, UnreadableSourceError
from .nodes import Kind, Node, UnclearError, documents
from .scalars import OpaqueError, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from .evidence import Evidence

_WHOLE = re.compile(r"\$\{(\w+(?:\.\w+)*)\}")


@dataclass(frozen=True)
class Known:
    """The Python of a value that a file leaves open, and where it was found."""

    text: str
    path: Path


def known(evidence: Evidence, opaque: Mapping[str, Node], text: str) -> dict[int, Known]:
    """What the open values of a file are, by the ids of their nodes; each has one value only."""
    found = {}
    for node in opaque.values():
        match = _WHOLE.fullmatch(text[node.start : node.end].strip("\"'"))
        if match is None or node.marked:
            continue
        values = list(_values(evidence, match[1]))
        if values and len({value.text for value in values}) == 1:
            found[id(node)] = values[0]
    return found


def _values(evidence: Evidence, dotted: str) -> Iterator[Known]:
    keys = dotted.split(".")
    for path, raw in evidence.configs(keys[-1].encode() + b":"):
        try:
            roots = documents(Source.of(path, raw).text)
        except (UnclearError, UnreadableSourceError):
            continue
        for root in roots:
            yield from _in(root, keys, path)
            if len(keys) > 1 and path.parent.name == keys[0]:
                yield from _in(root, keys[1:], path)


def _in(root: Node, keys: list[str], path: Path) -> Iterator[Known]:
    node: Node | None = root
    for key in keys:
        node = node.get(key) if node is not None and node.kind is Kind.MAPPING else None
    if node is not None and _WHOLE.fullmatch(node.text) is None:
        try:
            yield Known(repr(_plain(node)), path)
        except OpaqueError:
            yield Known("", path)


def _plain(node: Node) -> object:
    if node.kind is Kind.SCALAR:
        return value_of(node)
    if node.kind is Kind.SEQUENCE and not node.marked:
        return [_plain(item) for item in node.items]
    raise OpaqueError
