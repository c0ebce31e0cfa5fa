"""Paths taken apart into a folder and a name."""

from __future__ import annotations

import ast
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._variables import quoted

if TYPE_CHECKING:
    from ..engine.file import File

_JOINED = 2
_FOLDERS = ("os.getcwd", "os.path.dirname", "tempfile.mkdtemp", "tempfile.gettempdir")


@dataclass(frozen=True)
class Split:
    """The text of the folder's expression, empty for none, and the name."""

    folder: str
    name: str | None


def split(file: File, node: ast.expr, *, stem: bool = False) -> Split | None:
    """A path's folder and name, with ``stem`` without its ending; None where it is not seen.

    The name is None where it is a folder for certain. What has no field in braces may be one.
    """
    if _is_folder(file, node) and not stem:
        return Split(file.text(node), None)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        folder, name = posixpath.split(node.value)
        if not _is_name(name, stem=stem):
            return None
        text = quoted(file, node, folder) if folder else ""
        return Split(text, posixpath.splitext(name)[0] if stem else name)
    if not isinstance(node, ast.Call) or file.canonical(node.func) != "os.path.join":
        return None
    last = node.args[-1] if len(node.args) >= _JOINED and not node.keywords else None
    if not isinstance(last, ast.Constant) or not isinstance(last.value, str) or "/" in last.value:
        return None
    if not _is_name(last.value, stem=stem):
        return None
    before = [file.text(a) for a in node.args[:-1]]
    folder = before[0] if len(before) == 1 else f"{file.text(node.func)}({', '.join(before)})"
    return Split(folder, posixpath.splitext(last.value)[0] if stem else last.value)


def _is_folder(file: File, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.endswith("/")
    return isinstance(node, ast.Call) and file.canonical(node.func) in _FOLDERS


def _is_name(name: str, *, stem: bool) -> bool:
    return bool(name) and (stem or "{" in name) and "\\" not in name
