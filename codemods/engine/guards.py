"""Branches for other releases: what the code asks of a version, answered for the target."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from packaging.version import Version

    from ..model import Span
    from .file import File

_WORD = b"version"
#: Functions that give the version of the distribution that they are called with.
_ASKING = (
    "importlib.metadata.version",
    "importlib_metadata.version",
    "pkg_resources.get_distribution",
)
_LIGHTNING = ("lightning", "pytorch_lightning", "pytorch-lightning")
#: What is installed beside Lightning at the target is new.
_BESIDE = ("torch", "torchmetrics")
_NEW = "9999"
_LONGEST_CHAIN = 4
_OPERATORS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def for_other_releases(file: File, target: str) -> list[Span]:
    """The places of a file that run under other releases than the target only.

    They are branches of an ``if`` that compares the version of Lightning, torch or torchmetrics.
    """
    if _WORD not in file.source.data.lower():
        return []
    dead: list[ast.expr | ast.stmt] = []
    for fork in (*file.tree.all(ast.If), *file.tree.all(ast.IfExp)):
        assert isinstance(fork, (ast.If, ast.IfExp))
        answer = _answer(file, fork.test, target)
        if answer is not None:
            branch = fork.orelse if answer else fork.body
            dead += branch if isinstance(branch, list) else [branch]
    return [file.span(node) for node in dead]


def _answer(file: File, test: ast.expr, target: str, depth: int = 0) -> bool | None:
    """What a condition says at the target; None where it asks for anything else."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _answer(file, test.operand, target, depth)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        answers = [_answer(file, value, target, depth) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in answers:
            return decisive
        return None if None in answers else not decisive
    if isinstance(test, ast.Name) and depth < _LONGEST_CHAIN:
        value = file.assigned(test)
        return _answer(file, value, target, depth + 1) if value is not None else None
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(file, test.left, test.ops[0], test.comparators[0], target)
    return _begins(file, test, target) if isinstance(test, ast.Call) else None


def _compared(
    file: File, left: ast.expr, op: ast.cmpop, right: ast.expr, target: str
) -> bool | None:
    installed, flipped = _installed(file, left, target), False
    if installed is None:
        installed, flipped = _installed(file, right, target), True
    bound = left if flipped else right
    other, compare = _bound(bound), _OPERATORS.get(type(op))
    if installed is None or other is None or compare is None:
        return None
    held: Any = installed
    least: Any = other
    if not _is_text(bound):
        # Numbers are compared with as many numbers.
        held, least = (*installed.release, 0, 0)[: len(other.release)], other.release
    return compare(least, held) if flipped else compare(held, least)


def _begins(file: File, call: ast.Call, target: str) -> bool | None:
    """The answer of ``pl.__version__.startswith("1.")``."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "startswith" or len(call.args) != 1:
        return None
    installed = _installed(file, func.value, target)
    start = call.args[0]
    if installed is None or not isinstance(start, ast.Constant) or not isinstance(start.value, str):
        return None
    return str(installed).startswith(start.value)


def _installed(file: File, node: ast.expr, target: str) -> Version | None:
    """The version that is asked for, as it is at the target."""
    from packaging.version import Version

    for name in _packages(file, node):
        if name in _LIGHTNING:
            return Version(target)
        if name in _BESIDE:
            return Version(_NEW)
    return None


def _packages(file: File, node: ast.expr) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, (ast.Name, ast.Attribute)):
            name = file.canonical(part) or ""
            if name.endswith(".__version__"):
                yield name.partition(".")[0]
        elif isinstance(part, ast.Call) and file.canonical(part.func) in _ASKING and part.args:
            asked = part.args[0]
            if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
                yield asked.value


def _bound(node: ast.expr) -> Version | None:
    """The version that it is compared with: a text in it, a number, or a tuple of numbers."""
    from packaging.version import InvalidVersion, Version

    if _is_text(node):
        texts = [n.value for n in ast.walk(node) if isinstance(n, ast.Constant)]
        text = str(texts[0]) if len(texts) == 1 else ""
    else:
        items = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
        numbers = [n.value for n in items if isinstance(n, ast.Constant)]
        is_whole = len(numbers) == len(items) and all(type(n) is int for n in numbers)
        text = ".".join(map(str, numbers)) if is_whole else ""
    try:
        return Version(text)
    except InvalidVersion:
        return None


def _is_text(node: ast.expr) -> bool:
    """Whether it is a version as a whole: a text, or what a function makes of anything."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.Call)
