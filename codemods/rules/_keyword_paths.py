"""Paths taken apart into a folder and a name."""

from __future__ import annotations

import ast
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._variables import quoted, reached_values

if TYPE_CHECKING:
    from ..engine.file import File

_JOINED = 2
_FOLDERS = ("os.getcwd", "os.path.dirname", "tempfile.mkdtemp", "tempfile.gettempdir")
_MAKING = ("os.makedirs", "os.mkdir")
#: What people call the folder of their checkpoints, and how variables say that they hold one.
_WORDS = frozenset(
    {"checkpoint", "checkpoints", "ckpt", "ckpts", "weights", "models", "saved_models", "runs"}
)
_CALLED = frozenset({"dir", "dirpath", "directory", "folder", "dirname", "logdir", "savedir"})


@dataclass(frozen=True)
class Split:
    """The text of the folder's expression, empty for none, and the name.

    ``spelled`` is the expression of a name that is no plain text; ``guessed`` tells that only the
    words of a path say that it is a folder.
    """

    folder: str
    name: str | None
    spelled: str = ""
    guessed: bool = False


def split(file: File, node: ast.expr, *, stem: bool = False) -> Split | None:
    """A path's folder and name, with ``stem`` without its ending; None where it is not seen.

    The name is None where it is a folder for certain. What has no field in braces may be one.
    """
    found = None if stem else _put_together(file, node)
    if found is not None:
        return found
    if not stem and (_is_folder(file, node) or _is_made(file, node)):
        return Split(file.text(node), None)
    if not stem and _is_called_folder(node):
        return Split(file.text(node), None, guessed=True)
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
    folder = _joined(file, node)
    return Split(folder, posixpath.splitext(last.value)[0] if stem else last.value)


def _put_together(file: File, node: ast.expr) -> Split | None:
    """The split of a path whose name is put together of texts and values."""
    if isinstance(node, ast.JoinedStr):
        return _cut(file, node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        last = node.right
        if isinstance(last, ast.Constant) and isinstance(last.value, str):
            before, found, last_part = last.value.partition("/")
            if found and not before and "/" not in last_part and _is_name(last_part, stem=False):
                return Split(file.text(node.left), last_part)
        return None
    if not isinstance(node, ast.Call) or file.canonical(node.func) != "os.path.join":
        return None
    if len(node.args) < _JOINED or node.keywords:
        return None
    name = node.args[-1]
    values = [name] if isinstance(name, ast.JoinedStr) else _values(file, name)
    if len(values) != 1 or not isinstance(values[0], ast.JoinedStr):
        return None
    texts = _texts(values[0])
    if not any("{" in text for text in texts) or any("/" in text for text in texts):
        return None
    return Split(_joined(file, node), "", file.text(name))


def _joined(file: File, node: ast.Call) -> str:
    """``os.path.join`` of all but the last argument."""
    before = [file.text(a) for a in node.args[:-1]]
    return before[0] if len(before) == 1 else f"{file.text(node.func)}({', '.join(before)})"


def _cut(file: File, node: ast.JoinedStr) -> Split | None:
    """An f-string in two, at its last slash."""
    text = file.text(node)
    at = text.rfind("/")
    opening = text[: len(text) - len(text.lstrip("fFrR"))]
    quote = text[len(opening) : len(opening) + 1]
    folder, name = text[:at], text[at + 1 :]
    whole = bool(opening) and text.count(quote) == 2 and "\\" not in text  # noqa: PLR2004  its own
    if at < 0 or not whole or "{{" not in name or not any("/" in t for t in _texts(node)):
        return None
    if _is_open(name):
        return None
    plain = folder[len(opening) + 1 :]
    alone = plain.startswith("{") and plain.endswith("}") and plain.count("{") == 1
    if alone and not any(mark in plain for mark in "!:"):
        directory = plain[1:-1]
    else:
        directory = f"{folder}{quote}" if len(plain) else ""
    return Split(directory, "", f"{opening}{quote}{name}")


def _is_open(name: str) -> bool:
    """Whether the slash that a text was cut at stood inside of a value."""
    rest = name.replace("{{", "").replace("}}", "")
    return rest.count("{") != rest.count("}")


def _texts(node: ast.JoinedStr) -> list[str]:
    """The plain texts in an f-string."""
    return [
        part.value
        for part in node.values
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


def _is_made(file: File, node: ast.expr) -> bool:
    """Whether the same function has made a folder of the path."""
    text = file.text(node)
    scope = file.tree.scope_of(node)
    made = [
        folder
        for call in file.tree.calls
        if file.tree.scope_of(call) is scope and file.span(call).end <= file.span(node).start
        for folder in _made(file, call)
    ]
    return any(text in {file.text(n) for n in (folder, *_values(file, folder))} for folder in made)


def _made(file: File, call: ast.Call) -> list[ast.expr]:
    """The path that a call makes a folder of: ``os.makedirs(path)``, ``path.mkdir()``."""
    if call.args and file.canonical(call.func) in _MAKING:
        return call.args[:1]
    by_path = isinstance(call.func, ast.Attribute) and call.func.attr == "mkdir"
    if not by_path or file.canonical(call.func) in _MAKING:
        return []
    assert isinstance(call.func, ast.Attribute)
    return [call.func.value]


def _is_called_folder(node: ast.expr) -> bool:
    """Whether the last part of a path is a word, or a variable's name has one, for a folder."""
    if isinstance(node, ast.Call) and len(node.args) >= _JOINED and not node.keywords:
        joins = isinstance(node.func, ast.Attribute) and node.func.attr == "join"
        return joins and not isinstance(node.args[-1], ast.Starred) and _is_word(node.args[-1])
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return _is_word(node.right)
    return _is_word(node)


def _is_word(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return posixpath.basename(node.value).lower() in _WORDS
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return any(part in _CALLED for part in name.lower().split("_"))


def _values(file: File, node: ast.expr) -> list[ast.expr]:
    return reached_values(file, node) if isinstance(node, ast.Name) else []


def _is_folder(file: File, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.endswith("/")
    return isinstance(node, ast.Call) and file.canonical(node.func) in _FOLDERS


def _is_name(name: str, *, stem: bool) -> bool:
    return bool(name) and (stem or "{" in name) and "\\" not in name
