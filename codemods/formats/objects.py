"""Mappings that say which class to make with which arguments: LightningCLI's and Hydra's."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .nodes import Kind, Node

_DOTTED = re.compile(r"(pytorch_lightning|lightning|lightning_fabric)(\.[A-Za-z_]\w*)+")
#: The name that stands for a class, and the one that holds its arguments; Hydra has them beside it.
_STYLES = {"class_path": "init_args", "_target_": "", "target": "params"}
_HYDRA = re.compile(r"_\w+_")


@dataclass(frozen=True)
class Shape:
    """How a file writes an object: ``name`` and ``arguments`` are keys of the mapping."""

    name: str
    arguments: str


@dataclass(frozen=True)
class Made:
    """An object in a file; ``arguments`` is the mapping that holds them, None for none."""

    shape: Shape
    path: Node
    arguments: Node | None

    def is_argument(self, name: str) -> bool:
        """Whether an entry of the arguments' mapping is one; Hydra has some of its own."""
        return bool(self.shape.arguments) or not (name == "defaults" or _HYDRA.fullmatch(name))


def is_lightning(node: Node) -> bool:
    """Whether a scalar is the dotted name of something in Lightning."""
    return node.kind is Kind.SCALAR and not node.marked and bool(_DOTTED.fullmatch(node.text))


def made_by(node: Node) -> Made | None:
    """The Lightning object that a mapping describes."""
    if node.kind is not Kind.MAPPING:
        return None
    for name, inner in _STYLES.items():
        path = node.get(name)
        if path is None or not is_lightning(path):
            continue
        arguments = node.get(inner) if inner else node
        if "_args_" in node.names() or (
            arguments is not None and arguments.kind is not Kind.MAPPING
        ):
            return None
        return Made(Shape(name, inner), path, arguments)
    return None
