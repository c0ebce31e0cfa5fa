"""Arguments in a config file as the smallest Python program that has them.

The rules about calls look at that program; what they change in it is what has to change in the
file. A value that is only known when somebody reads the file is a name that nothing binds.
"""

from __future__ import annotations

import ast
import keyword
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .nodes import Kind, Node
from .objects import Made, Shape, is_lightning, made_by
from .scalars import OpaqueError, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Call:
    """A call that a file describes: the dotted name, where it is written, and the arguments.

    ``names`` are those that count as arguments; all where it is None. ``prefix`` stands in front of
    each of them in the file.
    """

    path: str
    node: Node
    arguments: Node | None
    made: Made | None = None
    names: frozenset[str] | None = None
    prefix: str = ""

    def name(self, key: Node) -> str:
        """The argument that a key stands for."""
        return key.text.removeprefix(self.prefix)

    def entries(self) -> list[tuple[Node, Node]]:
        """The names and values of the arguments."""
        if self.arguments is None:
            return []
        return [(k, v) for k, v in self.arguments.entries if self._is_argument(k)]

    def _is_argument(self, key: Node) -> bool:
        name = self.name(key)
        if not key.text.startswith(self.prefix):
            return False
        if key.kind is not Kind.SCALAR or not name.isidentifier() or keyword.iskeyword(name):
            return False
        if self.names is not None and name not in self.names:
            return False
        return self.made is None or self.made.is_argument(name)

    @property
    def shape(self) -> Shape | None:
        """How the file writes this object."""
        return self.made.shape if self.made else None


def call_of(made: Made, node: Node) -> Call:
    """The call that an object of a file stands for."""
    return Call(made.path.text, node, made.arguments, made)


@dataclass
class Program:
    """A text; ``places`` are the nodes that its bytes stand for, ``opaque`` the unknown values."""

    text: str = ""
    places: list[tuple[int, int, Node]] = field(default_factory=list)
    opaque: dict[str, Node] = field(default_factory=dict)

    def place(self, start: int) -> Node | None:
        """The node of the smallest piece of the text around a byte."""
        around = [(e - s, node) for s, e, node in self.places if s <= start < e]
        return min(around, key=lambda pair: pair[0])[1] if around else None


def program_of(root: Call | Node, known: Mapping[int, str] | None = None) -> Program:
    """The program for a call, or for a dotted name alone.

    ``known`` has Python for values that the file leaves open, by the ids of their nodes.
    """
    return _Writer(known or {}).write(root)


class _Writer:
    def __init__(self, known: Mapping[int, str]) -> None:
        self._known = known
        self._program = Program()
        self._body = ""
        self._imports: dict[str, str] = {}
        self._written: list[tuple[str, Node]] = []

    def write(self, root: Call | Node) -> Program:
        if isinstance(root, Call):
            self._call(root, top=True)
        else:
            self._name(root.text, root)
        head = ""
        places = []
        for local, path in self._imports.items():
            module, _, last = path.rpartition(".")
            line = f"from {module} import {last}"
            line += f" as {local}\n" if local != last else "\n"
            node = next((n for p, n in self._written if p == path), None)
            if node is not None:
                places.append((len(head), len(head) + len(line), node))
            head += line
        shifted = [(s + len(head), e + len(head), n) for s, e, n in self._program.places]
        self._program.places = places + shifted
        self._program.text = head + self._body + "\n"
        return self._program

    def _name(self, path: str, node: Node) -> None:
        last = path.rpartition(".")[2]
        local, number = last, 0
        while self._imports.get(local, path) != path:
            number += 1
            local = f"{last}_{number}"
        self._imports[local] = path
        self._written.append((path, node))
        start = len(self._body)
        self._body += local
        self._program.places.append((start, len(self._body), node))

    def _call(self, call: Call, *, top: bool = False) -> None:
        self._name(call.path, call.made.path if call.made else call.node)
        opening, between, end = ("(\n    ", ",\n    ", ",\n)") if top else ("(", ", ", ")")
        entries = call.entries()
        self._body += opening if entries or self._merged(call) else "("
        for index, (key, value) in enumerate(entries):
            self._body += between if index else ""
            start = len(self._body)
            self._body += f"{call.name(key)}="
            self._value(value)
            self._program.places.append((start, len(self._body), key))
        if self._merged(call):
            self._body += between if entries else ""
            self._body += "**"
            self._unknown(call.node)
        self._body += end if entries or self._merged(call) else ")"

    @staticmethod
    def _merged(call: Call) -> bool:
        return call.arguments is not None and "<<" in call.arguments.names()

    def _unknown(self, node: Node) -> None:
        if id(node) in self._known:
            self._body += self._known[id(node)]
            return
        name = f"UNKNOWN_{len(self._program.opaque)}"
        self._program.opaque[name] = node
        self._body += name

    def _value(self, node: Node) -> None:
        made = made_by(node)
        if made is not None and not node.marked:
            self._call(call_of(made, node))
        elif node.kind is Kind.SCALAR and is_lightning(node):
            self._body += repr(node.text)
        elif node.kind is Kind.SCALAR:
            try:
                self._body += _literal(value_of(node))
            except OpaqueError:
                self._unknown(node)
        elif node.kind is Kind.SEQUENCE and not node.marked:
            self._listed(node)
        elif node.kind is Kind.MAPPING and _is_plain(node):
            self._mapped(node)
        else:
            self._unknown(node)

    def _listed(self, node: Node) -> None:
        self._body += "["
        for index, item in enumerate(node.items):
            self._body += ", " if index else ""
            self._value(item)
        self._body += "]"

    def _mapped(self, node: Node) -> None:
        self._body += "{"
        for index, (key, value) in enumerate(node.entries):
            self._body += ", " if index else ""
            self._body += f"{key.text!a}: "
            self._value(value)
        self._body += "}"


def _is_plain(node: Node) -> bool:
    """Whether a mapping is nothing but a dict: other objects are nobody's business here."""
    if node.marked or not all(key.kind is Kind.SCALAR for key in [k for k, _ in node.entries]):
        return False
    return not {"<<", "class_path", "_target_", "target"} & set(node.names())


def _literal(value: object) -> str:
    text = ascii(value)
    try:
        ast.parse(text, mode="eval")
    except SyntaxError as error:
        raise OpaqueError from error
    return text if "inf" not in text or isinstance(value, str) else "1e999"
