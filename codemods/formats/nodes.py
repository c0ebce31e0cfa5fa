"""YAML and JSON as trees whose every node knows which characters of the text it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class UnclearError(Exception):
    """A text that is no YAML; ``line`` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


class Kind(Enum):
    """What a node is."""

    SCALAR = "scalar"
    SEQUENCE = "sequence"
    MAPPING = "mapping"
    ALIAS = "alias"


@dataclass(eq=False)
class Node:
    """One value; ``start`` and ``end`` are indices of characters.

    ``end`` is behind the last character of the last thing in it; ``text`` is the value of a scalar
    without its quotes. ``marked`` says that it has an anchor or a tag of its own.
    """

    kind: Kind
    start: int
    end: int
    text: str = ""
    style: str = ""
    flow: bool = False
    marked: bool = False
    items: list[Node] = field(default_factory=list)
    entries: list[tuple[Node, Node]] = field(default_factory=list)

    def names(self) -> list[str]:
        """The names of a mapping's entries."""
        return [key.text for key, _ in self.entries]

    def get(self, name: str) -> Node | None:
        """The value of an entry."""
        return next((value for key, value in self.entries if key.text == name), None)

    def key(self, name: str) -> Node | None:
        """The node of an entry's name."""
        return next((key for key, _ in self.entries if key.text == name), None)

    def walk(self) -> Iterator[Node]:
        """The node and all below it, in the order of the text."""
        pending: list[Node] = [self]
        while pending:
            node = pending.pop()
            yield node
            below = [*node.items, *(part for entry in node.entries for part in entry)]
            pending += reversed(below)

    def holds_marks(self) -> bool:
        """Whether an anchor, alias or tag is in it."""
        return any(node.marked or node.kind is Kind.ALIAS for node in self.walk())


def documents(text: str) -> list[Node]:
    """The root of every document of a YAML or JSON text; raises UnclearError."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    # JSON may be indented by tabs, which YAML does not allow everywhere.
    plain = text.replace("\t", " ") if text.lstrip()[:1] in ("{", "[") else text
    try:
        events = list(YAML(typ="safe", pure=True).parse(plain))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else None
        raise UnclearError(f"is no YAML: {error.problem or error.context}", line) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise UnclearError(f"is no YAML: {str(error).splitlines()[0]}") from error
    return _Builder(plain, events).roots()


class _Builder:
    def __init__(self, text: str, events: list[Any]) -> None:
        self._text = text
        self._events = events
        self._at = 0

    def roots(self) -> list[Node]:
        found = []
        while self._at < len(self._events):
            kind = type(self._events[self._at]).__name__
            if kind in ("ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "AliasEvent"):
                found.append(self._node())
            else:
                self._at += 1
        return found

    def _next(self) -> Any:
        event = self._events[self._at]
        self._at += 1
        return event

    def _ends(self, kind: str) -> bool:
        return type(self._events[self._at]).__name__ == kind

    def _node(self) -> Node:
        event = self._next()
        start, end = event.start_mark.index, event.end_mark.index
        kind = type(event).__name__
        if kind == "AliasEvent":
            return Node(Kind.ALIAS, start, end)
        marked = event.anchor is not None or event.tag is not None
        if kind == "ScalarEvent":
            style = event.style or ""
            if style in ("|", ">"):
                end = start + len(self._text[start:end].rstrip())
            return Node(Kind.SCALAR, start, end, event.value, style, marked=marked)
        made = Node(
            Kind.MAPPING if kind == "MappingStartEvent" else Kind.SEQUENCE,
            start,
            end,
            flow=bool(event.flow_style),
            marked=marked,
        )
        return self._filled(made)

    def _filled(self, made: Node) -> Node:
        if made.kind is Kind.MAPPING:
            while not self._ends("MappingEndEvent"):
                key, value = self._node(), self._node()
                self._place_empty(value, key.end, ":")
                made.entries.append((key, value))
            last = made.entries[-1][1].end if made.entries else made.end
        else:
            while not self._ends("SequenceEndEvent"):
                after = made.items[-1].end if made.items else made.start
                made.items.append(self._node())
                self._place_empty(made.items[-1], after, "-")
            last = made.items[-1].end if made.items else made.end
        end = self._next()
        made.end = end.end_mark.index if made.flow else last
        return made

    def _place_empty(self, node: Node, after: int, sign: str) -> None:
        """Put a value that is not there behind its sign; the library puts it before the next."""
        if node.kind is Kind.SCALAR and node.start == node.end:
            found = self._text.find(sign, after, node.start)
            node.start = node.end = after if found < 0 else found + 1
