"""A step with a branch for each optimizer, written out as straight code."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.rewrite import names_used, rewrite_parameters
from ..engine.statements import indent, stands_alone
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._hand_manual import switched_off
from ._hook_body import fresh_name, has_head, head
from ._hook_removed import called_by_name
from ._optimizers import count
from ._turn_settings import STEPPING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.file import File
    from ..engine.scopes import Function
    from ._steps import Step
    from ._turns import Names, Turns

_MOST = 4
_OPTIMIZER = re.compile(r"(?<![.\w])optimizer\b")
_LOSS = re.compile(r"(?<![.\w])loss\b")


@dataclass(frozen=True)
class _Branch:
    """The lines of one optimizer in the old step: header, first and last of the body, return.

    ``header`` and ``returns`` are 0 where there is none of its own; ``extra`` is how much deeper
    than the step the body stands.
    """

    number: int
    header: int
    first: int
    last: int
    returns: int
    extra: int
    loss: ast.expr


class _TangledError(Exception):
    """A step that is no plain list of branches."""


def unfolded(step: Step, way: Turns, names: Names) -> list[Edit] | None:
    """The edits that write the turns one after the other; None where that would not be the same.

    What stands in front of the branches ran once for each optimizer; it may only take the batch
    apart. Every branch has to end in one return, with its loss.
    """
    plain = way.several and not (way.kept or way.entry or way.mixed)
    if not plain or STEPPING in way.overridden or (way.plan and way.plan.frequencies):
        return None
    number, switch = count(step.cls), switched_off(step)
    called = called_by_name(step.cls, "training_step") or step.decorators
    if number is None or not 1 < number <= _MOST or switch is None or called:
        return None
    try:
        # Every optimizer has its branch, so that the end of the old step was never reached.
        return [switch, *_rewritten(step, replace(way, skips=False), names, number)]
    except _TangledError:
        return None


def _rewritten(step: Step, way: Turns, names: Names, number: int) -> list[Edit]:
    file, function = step.file, step.function
    _demand(has_head(file, function))
    first = head(function)
    inner = indent(file, first)
    unit = inner[len(file.source.indent_of(function.lineno)) :]
    body = function.body[function.body.index(first) :]
    front = _front(body, names.batch)
    rest = body[len(front) :]
    branches = _branches(file, function, rest, names.index, number)
    _demand(not _shared(function, front, rest))
    _demand([b.number for b in branches] == list(range(number)))
    optimizers = _optimizers(step, number)
    page = _Page(file, inner, unit)
    given = f"{', '.join(optimizers)} = {names.own}.optimizers()"
    if front:
        line = front[-1].end_lineno or 0
        page.after(line, [given, ""] if page.text(line + 1) else [given])
    else:
        page.before(_top(file, rest[0].lineno), [given, ""])
    for optimizer, branch in zip(optimizers, branches, strict=True):
        loss, named = _named(step, branch.loss)
        turn = [_LOSS.sub(loss, _OPTIMIZER.sub(optimizer, line)) for line in way.turn(names)]
        turn = [*named, *turn, f"{names.own}.untoggle_optimizer({optimizer})"]
        toggle = [f"{names.own}.toggle_optimizer({optimizer})"]
        if branch.header:
            page.replace(branch.header, branch.header, toggle)
        else:
            page.before(_top(file, branch.first), toggle)
        page.shift(branch.header + 1 if branch.header else branch.first, branch.last, branch.extra)
        if branch is not branches[-1] and page.text(branch.last + (branch.returns > 0) + 1):
            turn.append("")
        if branch.returns:
            page.replace(branch.returns, branch.returns, turn)
        else:
            page.after(branch.last, turn)
    more = way.scheduled(names)
    end = max(branches[-1].returns, branches[-1].last)
    last = body[-1].end_lineno or end
    if last > end:
        page.replace(end + 1, last, ["", *more] if more else [])
    elif more:
        page.after(end, ["", *more])
    return [*rewrite_parameters(file, function, [0, 1, 2]), *page.edits()]


class _Page:
    """Edits of whole lines, each of which leaves the comments around it alone."""

    def __init__(self, file: File, inner: str, unit: str) -> None:
        self._file, self._inner, self._unit = file, inner, unit
        self._found: list[Edit] = []

    def text(self, line: int) -> str:
        """What a line holds, without the white space around it."""
        return self._file.source.slice(self._file.source.line_span(line)).strip()

    def edits(self) -> list[Edit]:
        """All edits."""
        return self._found

    def before(self, line: int, lines: list[str]) -> None:
        """Put lines in front of one."""
        start = self._file.source.line_span(line).start
        self._found.append(Edit(Span(start, start), self._written(lines)))

    def after(self, line: int, lines: list[str]) -> None:
        """Put lines behind one."""
        span = self._file.source.line_span(line)
        ended = self._file.source.slice(span).endswith("\n")
        text = self._written(lines)
        text = text if ended else "\n" + text.removesuffix("\n")
        self._found.append(Edit(Span(span.end, span.end), text))

    def replace(self, first: int, last: int, lines: list[str]) -> None:
        """Put lines in the place of some."""
        source = self._file.source
        span = Span(source.line_span(first).start, source.line_span(last).end)
        text = self._written(lines)
        if not source.slice(span).endswith("\n"):
            text = text.removesuffix("\n")
        self._found.append(Edit(span, text))

    def shift(self, first: int, last: int, extra: int) -> None:
        """Move lines to the left."""
        for line in range(first, last + 1) if extra else ():
            span = self._file.source.line_span(line)
            text = self._file.source.slice(span)
            if text.strip():
                _demand(not text[:extra].strip())
                self._found.append(Edit(Span(span.start, span.start + extra), ""))

    def _written(self, lines: list[str]) -> str:
        new = (line.replace("    ", self._unit) for line in lines)
        return "".join(f"{self._inner}{line}\n" if line else "\n" for line in new)


def _top(file: File, line: int) -> int:
    """The first of the comments right above a line."""
    while file.source.slice(file.source.line_span(line - 1)).strip().startswith("#"):
        line -= 1
    return line


def _demand(holds: object) -> None:
    if not holds:
        raise _TangledError


def _front(body: Sequence[ast.stmt], batch: str) -> list[ast.stmt]:
    """The statements in front of the branches, which only take the batch apart."""
    known = {batch}
    front: list[ast.stmt] = []
    for statement in body:
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            break
        value: ast.expr = statement.value
        while isinstance(value, (ast.Subscript, ast.Attribute)):
            _demand(isinstance(value, ast.Attribute) or isinstance(value.slice, ast.Constant))
            value = value.value
        target = statement.targets[0]
        targets = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
        _demand(isinstance(value, ast.Name) and value.id in known)
        for node in targets:
            _demand(isinstance(node, ast.Name))
            known.add(node.id if isinstance(node, ast.Name) else "")
        front.append(statement)
    return front


def _shared(function: Function, front: list[ast.stmt], rest: Sequence[ast.stmt]) -> bool:
    """Whether a branch gives a name another meaning that all of them read."""
    ours = {arg.arg for arg in function.args.args}
    ours |= {n.id for s in front for n in ast.walk(s) if isinstance(n, ast.Name)}
    theirs = (n for s in rest for n in ast.walk(s) if isinstance(n, ast.Name))
    return any(n.id in ours and not isinstance(n.ctx, ast.Load) for n in theirs)


def _branches(
    file: File, function: Function, rest: Sequence[ast.stmt], index: str, number: int
) -> list[_Branch]:
    """The branches in the order in which they stand."""
    parts: list[tuple[int | None, Sequence[ast.stmt], int]] = []
    place, tests, common = 0, 0, None
    while place < len(rest) and isinstance(rest[place], ast.If) and len(parts) < number:
        link: ast.stmt = rest[place]
        while isinstance(link, ast.If) and _index(link, index) is not None:
            _bare(file, link.lineno, link.body[0])
            parts.append((_index(link, index), link.body, link.lineno))
            tests += 1
            if len(link.orelse) == 1 and isinstance(link.orelse[0], ast.If):
                link = link.orelse[0]
                continue
            if link.orelse:
                _bare(file, _else_of(file, link), link.orelse[0])
                parts.append((None, link.orelse, _else_of(file, link)))
            break
        else:
            raise _TangledError
        place += 1
    rest = rest[place:]
    if len(rest) == 1 and len(parts) == number and isinstance(rest[0], ast.Raise):
        rest = []
    elif rest and len(parts) == number:
        common = rest[0]
        _demand(len(rest) == 1 and isinstance(common, ast.Return))
        _demand(isinstance(getattr(common, "value", None), ast.Name) and place == 1)
    elif rest:
        parts.append((None, rest, 0))
    loads = [n for n in own_nodes(function) if isinstance(n, ast.Name) and n.id == index]
    returns = [n for n in own_nodes(function) if isinstance(n, ast.Return)]
    _demand(len(loads) == tests and len(returns) == (1 if common else number))
    return _numbered(file, parts, number, common)


def _numbered(
    file: File,
    parts: list[tuple[int | None, Sequence[ast.stmt], int]],
    number: int,
    common: ast.stmt | None,
) -> list[_Branch]:
    """The branches as they stand, each with the number of its optimizer."""
    missing = set(range(number)) - {k for k, _, _ in parts}
    found: list[_Branch] = []
    for k, body, header in parts:
        _demand(k is not None or len(missing) == 1)
        found.append(_branch(file, body, common, k if k is not None else missing.pop(), header))
    return found


def _branch(
    file: File, body: Sequence[ast.stmt], common: ast.stmt | None, number: int, header: int
) -> _Branch:
    last = common if common is not None else body[-1]
    _demand(isinstance(last, ast.Return) and last.value is not None)
    assert isinstance(last, ast.Return)
    assert last.value is not None
    _demand(not isinstance(last.value, ast.Constant))
    _demand(all(stands_alone(file, s) for s in body) and not _spans_lines(body))
    extra = len(indent(file, body[0])) - len(file.source.indent_of(header)) if header else 0
    if common is not None:
        name = last.value.id if isinstance(last.value, ast.Name) else ""
        made = (t for s in body if isinstance(s, ast.Assign) for t in s.targets)
        _demand(any(isinstance(t, ast.Name) and t.id == name for t in made))
        end = body[-1].end_lineno or body[-1].lineno
        return _Branch(number, header, body[0].lineno, end, 0, extra, last.value)
    _demand("#" not in file.source.slice(file.source.line_span(last.lineno)))
    _demand(last.lineno == last.end_lineno)
    return _Branch(number, header, body[0].lineno, last.lineno - 1, last.lineno, extra, last.value)


def _index(test: ast.If, index: str) -> int | None:
    """The optimizer that a branch is about."""
    compare = test.test
    if not isinstance(compare, ast.Compare) or len(compare.ops) != 1:
        return None
    right = compare.comparators[0]
    named = isinstance(compare.left, ast.Name) and compare.left.id == index
    if not named or not isinstance(compare.ops[0], ast.Eq) or not isinstance(right, ast.Constant):
        return None
    return right.value if type(right.value) is int else None


def _else_of(file: File, test: ast.If) -> int:
    """The line of an ``else:``."""
    line = test.orelse[0].lineno - 1
    while file.source.slice(file.source.line_span(line)).strip() != "else:":
        line -= 1
        _demand(line > (test.body[-1].end_lineno or line))
    return line


def _bare(file: File, line: int, first: ast.stmt) -> None:
    """Nothing but the header stands in its line."""
    _demand("#" not in file.source.slice(file.source.line_span(line)) and first.lineno > line)


def _spans_lines(body: Sequence[ast.stmt]) -> bool:
    """Whether a text holds line ends, which another indentation would change."""
    return any(
        isinstance(n, (ast.Constant, ast.JoinedStr)) and n.lineno != n.end_lineno
        for s in body
        for n in ast.walk(s)
    )


def _named(step: Step, loss: ast.expr) -> tuple[str, list[str]]:
    """The name of a loss, with the line that gives it one where it has none."""
    if isinstance(loss, ast.Name):
        return loss.id, []
    name = fresh_name(step.function, "loss")
    return name, [f"{name} = {step.file.text(loss)}"]


def _optimizers(step: Step, number: int) -> list[str]:
    """What to call the optimizers: as ``configure_optimizers`` does, if it has names for them."""
    found = step.cls.method("configure_optimizers")
    used = names_used(step.function)
    names: list[str] = []
    for node in own_nodes(found[1]) if found is not None else ():
        if isinstance(node, ast.Return) and isinstance(node.value, (ast.Tuple, ast.List)):
            given = node.value.elts
            if given and isinstance(given[0], (ast.Tuple, ast.List)):
                given = given[0].elts
            names = [e.id for e in given if isinstance(e, ast.Name)]
    if len(set(names)) == number and not used.intersection(names):
        return names
    return [fresh_name(step.function, f"optimizer_{k}") for k in range(number)]
