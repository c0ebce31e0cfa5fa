"""What the old device counts (``gpus=…``, ``tpu_cores=…``) become: an accelerator and devices."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ._options import is_text_option
from ._variables import UNKNOWN, literal, on_its_own

if TYPE_CHECKING:
    from ..engine.file import File

_PURE_CALLS = frozenset({"len", "int", "bool", "min", "max", "torch.device"})
_AVAILABLE = "torch.cuda.is_available"
_COUNT = "torch.cuda.device_count"


@dataclass(frozen=True)
class Count:
    """An old device count.

    ``state``: on, off, or open (known only when it runs). ``accelerator`` and ``devices`` are the
    new arguments' texts where nothing else decides on them, with the names of devices still
    unquoted; ``value`` is the text of the count itself. ``doubt`` says why this may be wrong.
    """

    state: str
    value: str
    accelerator: str
    devices: str | None
    doubt: str | None = None
    refusal: str | None = None


def index(node: ast.expr, device: str, quote: str) -> Count | None:
    """What a number in a string asks for in code of 1.4 and before: the device of that index."""
    value = literal(node)
    if device != "gpu" or not isinstance(value, str) or not value.strip().isdigit():
        return None
    text = f"[{int(value)}]"
    return Count("on", text, f"{quote}{device}{quote}", text)


def count(file: File, node: ast.expr, device: str, *, modern: bool, quote: str = '"') -> Count:
    """What ``gpus=<node>`` (``device`` "gpu") asks for.

    ``modern`` tells that the code uses arguments of 1.5 or later, where ``"2"`` means two devices.
    """
    node = _without_off(node)
    text = on_its_own(file.text(node))
    on, off, auto = (f"{quote}{name}{quote}" for name in (device, "cpu", "auto"))
    value = literal(node)
    behind = file.assigned(node) if isinstance(node, ast.Name) else None
    if behind is not None:
        value = literal(behind)
        if value is not UNKNOWN and is_off(value):
            return _open(text, on, off)
    if isinstance(value, (bool, float)):
        return Count("open", text, on, None, refusal=f"{text} is no number of devices")
    if value is not UNKNOWN:
        if is_off(value):
            return Count("off", text, off, None, _zero_doubt(value, modern=modern))
        return Count("on", text, on, text, _string_doubt(value, modern=modern))
    test = _tests_for_one(file, node)
    if test is not None:
        return Count("open", text, _either(on, file.text(test), off), "1")
    test = _tests_for_all(file, node)
    if test is not None:
        return Count("open", text, _either(on, file.text(test), off), auto)
    if isinstance(node, ast.IfExp):
        made = _conditional(file, node, on, off, modern=modern)
        return made if made.doubt else _with_text_doubt(file, made, node.body, node.orelse)
    listed = _listed(file, node, text, on)
    if listed is not None:
        return listed
    if is_pure(file, node):
        return _with_text_doubt(file, _open(text, on, off), node)
    made = _open(text if isinstance(node, ast.Call) else f"({text})", on, off)
    return Count(*_fields(made), "it is evaluated twice")


def _without_off(node: ast.expr) -> ast.expr:
    """``count`` of ``count or None``: what it asks for without devices is said otherwise."""
    if not isinstance(node, ast.BoolOp) or not isinstance(node.op, ast.Or):
        return node
    first, *rest = node.values
    return first if all(literal(n) is not UNKNOWN and is_off(literal(n)) for n in rest) else node


def _listed(file: File, node: ast.expr, text: str, on: str) -> Count | None:
    """GPUs by index, in a list or a string that is put together when it runs."""
    if isinstance(node, (ast.List, ast.Tuple)) and node.elts:
        return Count("on", text, on, text)
    if isinstance(node, ast.ListComp):
        split = isinstance(node.generators[0].iter, ast.Call) and ".split(" in text
        doubt = None if split else "an empty list meant the CPU in 1.x"
        return Count("on", text, on, text, doubt)
    made = isinstance(node, ast.Call) and file.canonical(node.func) == "str"
    if made or isinstance(node, ast.JoinedStr):
        return Count("on", text, on, text, 'an empty string and "0" asked for no GPU')
    return None


def _fields(made: Count) -> tuple[str, str, str, str | None]:
    return made.state, made.value, made.accelerator, made.devices


def _open(text: str, on: str, off: str) -> Count:
    return Count("open", text, _either(on, text, off), f"{text} or 1")


def _either(one: str, test: str, other: str) -> str:
    return one if one == other else f"{one} if {test} else {other}"


def grouped(text: str) -> str:
    """The text of a count, to stand in a larger expression."""
    return f"({text})" if " if " in text and not text.startswith("(") else text


def is_off(value: object) -> bool:
    """Whether a literal count asks for no device."""
    return value in (None, 0, "", "0", [], ()) and not isinstance(value, float)


def _zero_doubt(value: object, *, modern: bool) -> str | None:
    if value == "0" and not modern:
        return '"0" meant GPU 0 before 1.5 and no GPU since'
    return None


def _string_doubt(value: object, *, modern: bool) -> str | None:
    if isinstance(value, str) and value.strip().isdigit() and not modern:
        return f'"{value}" meant GPU {value.strip()} before 1.5 and a number of GPUs since'
    return None


def _with_text_doubt(file: File, made: Count, *values: ast.expr) -> Count:
    """A count that may come from the command line as a string."""
    text = next((file.text(v) for v in values if is_text_option(file, v)), None)
    if text is None:
        return made
    doubt = f'{text} is a string: "0" asked for no GPU, or for GPU 0 before 1.5, and is refused now'
    return replace(made, doubt=doubt)


def _conditional(file: File, node: ast.IfExp, on: str, off: str, *, modern: bool) -> Count:
    text = on_its_own(file.text(node))
    body, other = literal(node.body), literal(node.orelse)
    test = on_its_own(file.text(node.test))
    pure = is_pure(file, node.test)
    doubt = None if pure else "its condition is evaluated twice"
    if isinstance(node.test, ast.BoolOp) or not pure:
        grouped = f"({test})" if not test.startswith("(") else test
    else:
        grouped = test
    for value in (body, other):
        doubt = doubt or _zero_doubt(value, modern=modern) or _string_doubt(value, modern=modern)
    yes, no = _is_on(node.body), _is_on(node.orelse)
    if yes is not None and no is not None:
        if not yes and not no:
            return Count("off", text, off, None)
        if yes and no:
            return Count("on", text, on, text, doubt)
        first, second = (on, off) if yes else (off, on)
        one = on_its_own(file.text(node.body)) if yes else "1"
        two = on_its_own(file.text(node.orelse)) if no else "1"
        devices = f"{one} if {test} else {two}" if one != two else one
        return Count("open", text, _either(first, test, second), devices, doubt)
    if no is False and is_pure(file, node.body):
        inner = on_its_own(file.text(node.body))
        both = test if _asks_for(file, node.test, node.body) else f"{grouped} and {inner}"
        return Count("open", text, _either(on, both, off), f"{inner} if {both} else 1", doubt)
    made = _open(f"({text})", on, off)
    known = is_pure(file, node.test) and is_pure(file, node.body) and is_pure(file, node.orelse)
    return Count(*_fields(made), None if known else "it is evaluated twice")


def _asks_for(file: File, test: ast.expr, body: ast.expr) -> bool:
    """Whether a test holds only where the count that it guards is above zero."""
    if file.text(test) == file.text(body):
        return True
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return False
    least = {ast.Gt: 0, ast.GtE: 1}.get(type(test.ops[0]))
    bound = literal(test.comparators[0])
    same = file.text(test.left) == file.text(body)
    return same and least is not None and isinstance(bound, int) and bound >= least


def _is_on(node: ast.expr) -> bool | None:
    """Whether a value surely asks for devices, or surely for none; None where it is not known."""
    value = literal(node)
    if value is not UNKNOWN:
        return not is_off(value)
    return True if isinstance(node, (ast.List, ast.Tuple)) and node.elts else None


def _tests_for_one(file: File, node: ast.expr) -> ast.expr | None:
    """The test in "one GPU if there is one": ``int(torch.cuda.is_available())`` and its like."""
    if not isinstance(node, ast.Call) or node.keywords:
        return None
    name = file.canonical(node.func)
    if name == "int" and len(node.args) == 1 and _is_available(file, node.args[0]):
        return node.args[0]
    if name == "min" and 1 in [literal(a) for a in node.args]:
        return next((a for a in node.args if _called(file, a) == _COUNT), None)
    return None


def _tests_for_all(file: File, node: ast.expr) -> ast.expr | None:
    """The test in "all GPUs if there are any": ``torch.cuda.device_count()`` and its like."""
    if isinstance(node, ast.IfExp) and _is_available(file, node.test):
        every = literal(node.body) in (-1, "-1") or _called(file, node.body) == _COUNT
        return node.test if every and is_off(literal(node.orelse)) else None
    return node if _called(file, node) == _COUNT else None


def _is_available(file: File, node: ast.expr) -> bool:
    return _called(file, node) == _AVAILABLE


def _called(file: File, node: ast.expr) -> str | None:
    return file.canonical(node.func) if isinstance(node, ast.Call) and not node.args else None


def is_pure(file: File, node: ast.expr) -> bool:
    """Whether evaluating an expression twice is as good as once, and cheap."""
    if isinstance(node, (ast.Name, ast.Constant)):
        return True
    if isinstance(node, ast.Attribute):
        return is_pure(file, node.value)
    if isinstance(node, ast.Subscript):
        return is_pure(file, node.value) and is_pure(file, node.slice)
    if isinstance(node, ast.UnaryOp):
        return is_pure(file, node.operand)
    if isinstance(node, ast.Compare):
        return is_pure(file, node.left) and all(is_pure(file, c) for c in node.comparators)
    if isinstance(node, ast.BinOp):
        return is_pure(file, node.left) and is_pure(file, node.right)
    if isinstance(node, ast.BoolOp):
        return all(is_pure(file, v) for v in node.values)
    if (
        isinstance(node, ast.Call)
        and not node.keywords
        and all(is_pure(file, a) for a in node.args)
    ):
        name = file.canonical(node.func)
        if name in _PURE_CALLS or name in (_AVAILABLE, _COUNT):
            return True
        return (
            isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and is_pure(file, node.func.value)
        )
    return False
