"""Code that asks for a key of a config file by the key's name."""

from __future__ import annotations

import ast
import re
from functools import cache

#: What a variable with a config file's content is called.
_CONFIGS = frozenset({"trainer", "cfg", "conf", "config", "configs", "configuration"})


@cache
def pattern(name: str) -> re.Pattern[bytes]:
    """What has to be in the bytes of a file that asks for a key."""
    return re.compile(rb"[\"'.]" + re.escape(name.encode()) + rb"\b")


def asks(node: ast.AST, name: str) -> bool:
    """Whether a node takes, sets or looks for a key of a mapping or a config object."""
    if isinstance(node, ast.Subscript):
        return _is(node.slice, name)
    if isinstance(node, ast.Compare):
        return _is(node.left, name) and isinstance(node.ops[0], (ast.In, ast.NotIn))
    if isinstance(node, ast.Call):
        return _asks_by_call(node, name)
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and _is_override(node.value, name)
    if isinstance(node, ast.Attribute) and node.attr == name:
        parts = re.findall(r"\w+", ast.unparse(node.value).lower())
        return any(set(part.split("_")) & _CONFIGS for part in parts)
    return False


def _asks_by_call(node: ast.Call, name: str) -> bool:
    called = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    if called in ("get", "pop", "setdefault"):
        return any(_is(argument, name) for argument in node.args[:1])
    if called in ("getattr", "hasattr", "setattr"):
        return any(_is(argument, name) for argument in node.args[1:2])
    return False


def _is_override(text: str, name: str) -> bool:
    """Whether a string names the key as Hydra's command line does: ``trainer.gpus=1``."""
    return re.search(rf"trainer\w*\.{re.escape(name)}(?:=|$)", text) is not None


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == name
