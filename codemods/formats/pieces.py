"""New values on their way into a config file, and the text that they become there."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .scalars import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .nodes import Node
    from .objects import Shape


class InexpressibleError(Exception):
    """A change that a config file cannot hold; the message says what and where it belongs."""


@dataclass(frozen=True)
class Raw:
    """Text of the file itself, used once more."""

    text: str


@dataclass(frozen=True)
class Scalar:
    """A plain value; ``shown`` is how Python writes it."""

    value: object
    shown: str = ""


Piece = Raw | Scalar | list["Piece"] | dict[str, "Piece"]


@dataclass(frozen=True)
class Maker:
    """Turns expressions of the repaired program into pieces.

    ``imports`` says what the names of that program stand for, ``opaque`` holds the unknown values,
    ``shape`` is how the file writes objects, None where it has none.
    """

    text: str
    imports: Mapping[str, str]
    opaque: Mapping[str, Node]
    shape: Shape | None

    def piece(self, node: ast.expr) -> Piece:
        """The piece for an expression; raises InexpressibleError."""
        if isinstance(node, ast.Name) and node.id in self.opaque:
            held = self.opaque[node.id]
            if held.end > held.start and "\n" not in self.text[held.start : held.end]:
                return Raw(self.text[held.start : held.end])
        if isinstance(node, (ast.List, ast.Tuple)):
            return [self.piece(item) for item in node.elts]
        if isinstance(node, ast.Dict) and all(_name(key) is not None for key in node.keys):
            pairs = zip(node.keys, node.values, strict=True)
            return {str(_name(key)): self.piece(value) for key, value in pairs}
        if isinstance(node, ast.Call):
            return self._made(node)
        try:
            value = ast.literal_eval(node)
        except ValueError:
            raise self._refusal(node) from None
        if value is None or isinstance(value, (bool, int, float, str)):
            return Scalar(value, ast.unparse(node))
        raise self._refusal(node)

    def _made(self, node: ast.Call) -> Piece:
        path = self.path(node.func)
        named = {k.arg: k.value for k in node.keywords if k.arg is not None}
        if self.shape is None or path is None or node.args or len(named) < len(node.keywords):
            raise self._refusal(node)
        arguments: dict[str, Piece] = {name: self.piece(value) for name, value in named.items()}
        target: dict[str, Piece] = {self.shape.name: Scalar(path)}
        if not self.shape.arguments:
            target |= arguments
        elif arguments:
            target[self.shape.arguments] = arguments
        return target

    def path(self, node: ast.expr) -> str | None:
        """The dotted path that a name or a chain of attributes stands for."""
        if isinstance(node, ast.Name):
            return self.imports.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.path(node.value)
            return f"{owner}.{node.attr}" if owner else None
        return None

    def _refusal(self, node: ast.expr) -> InexpressibleError:
        shown = ast.unparse(node)
        for name, held in self.opaque.items():
            shown = shown.replace(name, self.text[held.start : held.end].strip())
        return InexpressibleError(
            f"{shown} is code, which this file cannot hold; give it where the Trainer is made"
        )


def _name(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def flow(piece: Piece, style: Style, quote: str | None = None) -> str:
    """A piece on one line."""
    if isinstance(piece, Raw):
        return piece.text
    if isinstance(piece, Scalar):
        if isinstance(piece.value, str):
            return style.string(piece.value, quote)
        if style.toml and piece.value is None:
            raise InexpressibleError("TOML has no null; leave the key away")
        return style.written(piece.value, piece.shown)
    if isinstance(piece, list):
        return f"[{', '.join(flow(item, style) for item in piece)}]"
    sign = " = " if style.toml else ": "
    bare = None if style.json else ""
    shown = [style.string(name, bare) + sign + flow(held, style) for name, held in piece.items()]
    return "{" + ", ".join(shown) + "}"


def tail(piece: Piece, style: Style, indent: str, quote: str | None = None) -> str:
    """What stands behind the colon of a key that stands in by ``indent``, in block style."""
    if isinstance(piece, dict) and piece:
        inner = indent + " " * style.step
        return "\n" + "\n".join(_lines(piece, style, inner))
    if isinstance(piece, list) and any(isinstance(item, dict) for item in piece):
        inner = indent + " " * style.dash
        return "\n" + "\n".join(inner + item_text(item, style, inner) for item in piece)
    return " " + flow(piece, style, quote)


def item_text(piece: Piece, style: Style, indent: str) -> str:
    """An item of a list in block style, its dash in front."""
    if isinstance(piece, dict) and piece:
        return "- " + "\n".join(_lines(piece, style, indent + "  ")).lstrip(" ")
    return "- " + flow(piece, style)


def _lines(piece: dict[str, Piece], style: Style, indent: str) -> list[str]:
    return [f"{indent}{name}:{tail(value, style, indent)}" for name, value in piece.items()]
