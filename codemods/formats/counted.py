"""``gpus`` of a Trainer's block where the project's Python reads it: both are changed together.

In the config files it becomes ``accelerator`` and ``devices``. Code that asks whether there are
GPUs asks for the accelerator, code that counts them for the devices. That is certain where every
config file gives a plain number, and no other one gives the new keys; a number on a command line
is another matter, so the fixes are not safe.
"""

from __future__ import annotations

import ast
import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from .places import Place, Taken

OLD = "gpus"
#: What a comparison with a constant says of how many there are.
_COMPARES: dict[type[ast.cmpop], Callable[[int, int], bool]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_OVERRIDE = re.compile(r"(\+{0,2}(?:\w+\.)*)gpus=(\d+)")
_IS_GPU, _IS_NONE = '{} == "gpu"', '{} != "gpu"'


@dataclass(frozen=True)
class Counts:
    """The numbers that the config files give; None is one of them where a file says ``null``."""

    numbers: frozenset[int | None]

    @property
    def all_positive(self) -> bool:
        """Whether there is no config without GPUs."""
        return all(number for number in self.numbers)


def counts(pairs: list[tuple[dict[str, str], dict[str, str]]]) -> Counts | None:
    """What the arguments of all blocks, before and after their fixes, give as numbers of GPUs.

    None where one is no plain number, or does not become an accelerator and a number of devices.
    """
    numbers: set[int | None] = set()
    for before, after in pairs:
        old = _value(before.get(OLD))
        if isinstance(old, bool) or not (old is None or (isinstance(old, int) and old >= 0)):
            return None
        new = (_value(after.get("accelerator")), _value(after.get("devices")))
        if OLD in after or new != (("gpu", old) if old else ("cpu", 1)):
            return None
        numbers.add(old)
    return Counts(frozenset(numbers)) if numbers else None


def with_devices(before: str, after: str) -> str:
    """A program that says how many devices the CPU is, where ``gpus`` said that it is none.

    Under a file that says so no other file's number shows.
    """
    call = next((n for n in ast.walk(ast.parse(after)) if isinstance(n, ast.Call)), None)
    given = {k.arg: k.value for k in call.keywords} if call is not None else {}
    device = given.get("accelerator")
    if f"{OLD}=" not in before or OLD in given or "devices" in given:
        return after
    if not isinstance(device, ast.Constant) or device.value != "cpu":
        return after
    lines = after.splitlines(keepends=True)
    assert device.end_lineno is not None
    line = lines[device.end_lineno - 1].encode()
    start, rest = line[: device.end_col_offset], line[device.end_col_offset :]
    lines[device.end_lineno - 1] = (start + b", devices=1" + rest).decode()
    return "".join(lines)


def _value(text: str | None) -> object:
    try:
        return ast.literal_eval(text or "")
    except (ValueError, SyntaxError):
        return text or "nothing"


def is_override(place: Place) -> bool:
    """Whether a place is a word of a list such as ``["train.py", "trainer.gpus=1"]``."""
    return isinstance(place.node, ast.Constant) and isinstance(
        place.parent(), (ast.List, ast.Tuple)
    )


def edits(place: Place, found: Taken | None, known: Counts) -> tuple[Edit, ...] | None:
    """The edits of a place that reads or sets the number of GPUs; None where none is certain."""
    if found is None:
        return _override(place) if is_override(place) else None
    file, node = place.file, place.node
    if any(isinstance(above, ast.JoinedStr) for above in file.tree.ancestors(node)):
        return None
    if found.is_membership:
        assert found.key is not None
        quote = file.text(found.key)[0]
        return (file.replace(found.key, f"{quote}devices{quote}"),)
    context = getattr(node, "ctx", None)
    if isinstance(context, ast.Store):
        return _assigned(place, found)
    if isinstance(context, ast.Del):
        return None
    return _asked(place, found) or _compared(place, found, known) or _counted(found, known)


def _override(place: Place) -> tuple[Edit, ...] | None:
    file, node = place.file, place.node
    assert isinstance(node, ast.Constant)
    match = _OVERRIDE.fullmatch(str(node.value))
    written = file.text(node)
    if match is None or written[1:-1] != node.value:
        return None
    quote, way, number = written[0], match[1], int(match[2])
    new = _words(number)
    words = [f"{quote}{way}{key}={value}{quote}" for key, value in new.items()]
    return (file.replace(node, ", ".join(words)),)


def _words(number: int) -> dict[str, object]:
    return {"accelerator": "gpu" if number else "cpu", "devices": number or 1}


def _assigned(place: Place, found: Taken) -> tuple[Edit, ...] | None:
    """``config.trainer.gpus = 0`` as two statements."""
    file, statement = place.file, place.parent()
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    value = statement.value
    if not isinstance(value, ast.Constant) or type(value.value) is not int or value.value < 0:
        return None
    span = file.span(statement)
    line = file.source.data.rfind(b"\n", 0, span.start) + 1
    lead = file.source.slice(Span(line, span.start))
    if lead.strip():
        return None
    new = _words(value.value)
    lines = [
        f'{found.spelled("accelerator")} = "{new["accelerator"]}"',
        f"{found.spelled('devices')} = {new['devices']}",
    ]
    return (Edit(span, f"\n{lead}".join(lines)),)


def _asked(place: Place, found: Taken) -> tuple[Edit, ...] | None:
    """A question whether there are GPUs, by the truth of their number."""
    if found.default is not None and not _is_falsy(found.default):
        return None
    file, node, parent = place.file, place.node, place.parent()
    accelerator = found.spelled("accelerator")
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return (file.replace(parent, _IS_NONE.format(accelerator)),)
    if isinstance(parent, ast.Call) and ast.unparse(parent.func) == "bool":
        return (file.replace(parent, f"({_IS_GPU.format(accelerator)})"),)
    above, below = parent, node
    while isinstance(above, ast.BoolOp):
        above, below = file.tree.parents[above], above
    if isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not):
        return (file.replace(node, _IS_GPU.format(accelerator)),)
    if isinstance(above, (ast.If, ast.While, ast.IfExp)) and above.test is below:
        return (file.replace(node, _IS_GPU.format(accelerator)),)
    return None


def _compared(place: Place, found: Taken, known: Counts) -> tuple[Edit, ...] | None:
    file, parent = place.file, place.parent()
    if not isinstance(parent, ast.Compare) or parent.left is not place.node:
        return None
    other, number = parent.comparators[0], type(parent.ops[0])
    if len(parent.ops) != 1 or not isinstance(other, ast.Constant):
        return None
    if other.value is None and number in (ast.Is, ast.IsNot) and 0 not in known.numbers:
        form = _IS_NONE if number is ast.Is else _IS_GPU
        known_default = found.default is None or _is_none(found.default)
        accelerator = found.spelled("accelerator")
        return (file.replace(parent, form.format(accelerator)),) if known_default else None
    compare = _COMPARES.get(number)
    if compare is None or type(other.value) is not int:
        return None
    if compare(0, other.value) == compare(1, other.value):
        return _counted_in(found)
    several = [compare(count, other.value) for count in range(1, max(other.value, 0) + 3)]
    if len(set(several)) == 1 and (found.default is None or _is_falsy(found.default)):
        form = _IS_GPU if several[0] else _IS_NONE
        return (file.replace(parent, form.format(found.spelled("accelerator"))),)
    return None


def _counted(found: Taken, known: Counts) -> tuple[Edit, ...] | None:
    """The number itself, which is that of the devices where there is no config without GPUs."""
    return _counted_in(found) if known.all_positive else None


def _counted_in(found: Taken) -> tuple[Edit, ...]:
    file, node = found.place.file, found.place.node
    if found.key is not None:
        quote = file.text(found.key)[0]
        return (file.replace(found.key, f"{quote}devices{quote}"),)
    return (file.replace(node, found.spelled("devices")),)


def _is_falsy(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
