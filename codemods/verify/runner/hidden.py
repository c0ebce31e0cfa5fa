"""The exception that was on its way when clean-up code raised another one.

``trainer`` in a ``finally`` block is unbound where the ``try`` has failed to make one: the second
exception is what Python shows last, and says nothing of the fault.
"""

from __future__ import annotations

import ast
import re
from types import FrameType, TracebackType
from typing import Any, Iterator, Optional, Tuple

_UNBOUND = re.compile(r"name '(\w+)' is not defined|variable '?(\w+)'? .*(referenced|associated)")


def first_of(error: BaseException) -> BaseException:
    """The first of the exceptions that led to ``error``: what its clean-up code was run for."""
    seen = {id(error)}
    while True:
        earlier = error.__context__
        if not isinstance(earlier, Exception) or error.__cause__ is not None:
            return error
        if id(earlier) in seen or not _hides(error, earlier):
            return error
        seen.add(id(earlier))
        error = earlier


def _hides(later: BaseException, earlier: BaseException) -> bool:
    """Whether ``later`` comes from the ``finally`` of the ``try`` that ``earlier`` came from.

    A handler is code of its own, unless it uses a name that the failed ``try`` would have bound.
    """
    shared = _shared(later.__traceback__, earlier.__traceback__)
    if shared is None:
        return False
    frame, line, first_line = shared
    for node in _tries(frame.f_code.co_filename):
        guarded = [*node.body, *node.handlers, *node.orelse]
        if _holds(node.finalbody, line) and _holds(guarded, first_line):
            return True
        if _holds(node.handlers, line) and _holds(node.body, first_line):
            name = _unbound(later)
            return name is not None and name in _bound(node.body)
    return False


def _shared(
    later: Optional[TracebackType], earlier: Optional[TracebackType]
) -> Optional[Tuple[FrameType, int, int]]:
    """The innermost frame that both came through, and the lines where each left it."""
    lines = {id(step.tb_frame): step.tb_lineno for step in _steps(earlier)}
    shared = [step for step in _steps(later) if id(step.tb_frame) in lines]
    if not shared:
        return None
    frame = shared[-1].tb_frame
    return frame, shared[-1].tb_lineno, lines[id(frame)]


def _steps(traceback: Optional[TracebackType]) -> Iterator[TracebackType]:
    while traceback is not None:
        yield traceback
        traceback = traceback.tb_next


def _tries(path: str) -> Iterator[Any]:
    """The ``try`` statements of a file, the innermost first."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, ValueError):
        return
    yield from reversed([node for node in ast.walk(tree) if hasattr(node, "finalbody")])


def _holds(body: Any, line: int) -> bool:
    # The last lines of statements are known since 3.8 only.
    lines = [getattr(inner, "lineno", 0) for node in body for inner in ast.walk(node)]
    lines = [found for found in lines if found]
    return bool(lines) and min(lines) <= line <= max(lines)


def _unbound(error: BaseException) -> Optional[str]:
    found = _UNBOUND.search(str(error)) if isinstance(error, NameError) else None
    return next(filter(None, found.groups()), None) if found is not None else None


def _bound(body: Any) -> Iterator[str]:
    for node in body:
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
                yield inner.id
