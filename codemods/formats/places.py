"""Code that takes a key out of one block of a config file: the block, the object, the way.

``config.trainer.gpus``, ``config["trainer"]["gpus"]``, ``config.trainer.get("gpus", 0)`` and
``"gpus" in config.trainer`` do; ``self.trainer.gpus`` is an object's own attribute.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.kinds import is_surely
from ..engine.values import infer

if TYPE_CHECKING:
    from pathlib import Path

    from ..engine.file import File

#: What a variable with a config file's content is called.
_CONFIGS = frozenset({"cfg", "conf", "config", "configs", "configuration"})
#: What a mapping has and no Trainer's bool or callback.
_OF_MAPPING = frozenset({"get", "items", "keys", "values", "pop", "update", "copy"})


@dataclass(frozen=True)
class Place:
    """A node of a file that asks for a key."""

    path: Path
    file: File
    node: ast.AST

    @property
    def line(self) -> int:
        """Where it stands."""
        return getattr(self.node, "lineno", 1)

    def parent(self) -> ast.AST:
        """What it is part of."""
        return self.file.tree.parents[self.node]


@dataclass(frozen=True)
class Taken:
    """``object`` is the text before the key; ``default`` is what ``get`` gives without one."""

    place: Place
    object: str
    key: ast.expr | None
    default: ast.expr | None = None

    def spelled(self, name: str) -> str:
        """The same way to another key, without the default."""
        if isinstance(self.place.node, ast.Attribute):
            return f"{self.object}.{name}"
        assert self.key is not None
        quote = self.place.file.text(self.key)[0]
        if isinstance(self.place.node, ast.Subscript):
            return f"{self.object}[{quote}{name}{quote}]"
        return f"{self.object}.get({quote}{name}{quote})"

    @property
    def is_membership(self) -> bool:
        """Whether it asks if the key is there."""
        return isinstance(self.place.node, ast.Compare)


def taken(place: Place, block: str, name: str) -> Taken | None:
    """How a place takes a key out of a block that it names; None where it does something else."""
    node, text = place.node, place.file.text
    if isinstance(node, ast.Attribute) and node.attr == name:
        return Taken(place, text(node.value), None) if _is_block(node.value, block) else None
    if isinstance(node, ast.Subscript) and _is_block(node.value, block):
        return Taken(place, text(node.value), node.slice)
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        owner = node.comparators[0]
        return Taken(place, text(owner), node.left) if _is_block(owner, block) else None
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    if node.func.attr != "get" or node.keywords or not _is_block(node.func.value, block):
        return None
    if not 0 < len(node.args) <= 2:  # noqa: PLR2004  the key and a default
        return None
    default = node.args[1] if node.args[1:] else None
    return Taken(place, text(node.func.value), node.args[0], default)


def is_compared(place: Place, block: str, name: str) -> bool:
    """Whether the value that a place takes out of a block is held against constants."""
    found, compare = taken(place, block, name), place.parent()
    if found is None or found.is_membership or not isinstance(compare, ast.Compare):
        return False
    others = [node for node in (compare.left, *compare.comparators) if node is not place.node]
    held = [e for o in others for e in (o.elts if isinstance(o, (ast.List, ast.Tuple)) else [o])]
    return all(isinstance(e, ast.Constant) and e.value is not None for e in held)


def _is_block(node: ast.expr, block: str) -> bool:
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value == block
    if not isinstance(node, ast.Attribute) or node.attr != block:
        return False
    parts = re.findall(r"[a-z]+", ast.unparse(node.value).lower())
    return bool(_CONFIGS & set(parts))


def is_of_trainer(file: File, node: ast.AST, name: str) -> bool:
    """Whether ``x.gpus`` is an attribute of a Trainer object and no key of a config."""
    if not isinstance(node, ast.Attribute):
        return False
    parent = file.tree.parents.get(node)
    if name == "checkpoint_callback" and isinstance(parent, ast.Attribute):
        return parent.attr not in _OF_MAPPING
    return is_surely(infer(file, node.value), "Trainer")
