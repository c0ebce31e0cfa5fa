"""The syntax tree of one file: parents, byte spans, scopes and the bindings in them.

Analysis reads Python's own ``ast``, which parses five times faster than libcst; libcst is used
on the few small nodes that are rewritten.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import cached_property

from ..model import Span
from .scopes import COMPREHENSIONS, FUNCTIONS, Function, Scope, evaluated_outside, walk
from .source import Source


class UnparsableError(Exception):
    """The text is not Python that this interpreter can parse."""

    def __init__(self, message: str, line: int | None) -> None:
        super().__init__(message)
        self.line = line


class Tree:
    """A parsed file. Raises UnparsableError on construction."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.module = parse(source.text)
        walked = walk(self.module)
        self.root, self.parents = walked.root, walked.parents
        self.scopes, self.nodes = walked.scopes, walked.nodes
        self._functions: dict[ast.AST, Function | None] = {}
        self._homes: dict[ast.AST, Scope] = {}

    def close(self) -> None:
        """Take the tree apart, so that its nodes go without a search for cycles."""
        for part in (self.parents, self.scopes, self.nodes, self.root.bindings):
            part.clear()
        self._functions.clear()
        self._homes.clear()
        self.module = ast.Module([], [])

    def all(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        """All nodes of the given classes, in source order for each class."""
        for kind in kinds:
            yield from self.nodes.get(kind, ())

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls."""
        return [n for n in self.nodes.get(ast.Call, ()) if isinstance(n, ast.Call)]

    @cached_property
    def classes(self) -> list[ast.ClassDef]:
        """All class definitions, nested ones too."""
        return [n for n in self.nodes.get(ast.ClassDef, ()) if isinstance(n, ast.ClassDef)]

    @cached_property
    def functions(self) -> list[Function]:
        """All function definitions, methods too."""
        return [
            n for kind in FUNCTIONS for n in self.nodes.get(kind, ()) if isinstance(n, FUNCTIONS)
        ]

    def method_calls(self, *names: str) -> Iterator[tuple[ast.Call, ast.Attribute]]:
        """The calls ``x.name(…)`` of some names with what is called, in the order of the source."""
        places = sorted(i for name in names for i in self._attributes_called.get(name, ()))
        for call in (self.calls[i] for i in places):
            assert isinstance(call.func, ast.Attribute)
            yield call, call.func

    @cached_property
    def _attributes_called(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for i, call in enumerate(self.calls):
            if isinstance(call.func, ast.Attribute):
                found.setdefault(call.func.attr, []).append(i)
        return found

    def methods(self, *names: str) -> Iterator[tuple[ast.ClassDef, Function]]:
        """The methods of some names, of all without any, with the classes that define them."""
        for owner, function in self._methods:
            if not names or function.name in names:
                yield owner, function

    @cached_property
    def _methods(self) -> list[tuple[ast.ClassDef, Function]]:
        owners = ((self.method_class(function), function) for function in self.functions)
        return [(owner, function) for owner, function in owners if owner is not None]

    def span(self, node: ast.AST) -> Span:
        """Byte span of a node; decorators count to a definition."""
        first = node
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            first = decorators[0]
        start = self.source.offset(first.lineno, first.col_offset)  # type: ignore[attr-defined]
        if decorators:
            start = self.source.data.rindex(b"@", 0, start)
        end = self.source.offset(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
        return Span(start, end)

    def text(self, node: ast.AST) -> str:
        """The source text of a node."""
        return self.source.slice(self.span(node))

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The parents of a node from the inside out."""
        find = self.parents.get
        above = find(node)
        while above is not None:
            yield above
            above = find(above)

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that holds a node (or is it)."""
        if isinstance(node, ast.stmt):
            return node
        return next(a for a in self.ancestors(node) if isinstance(a, ast.stmt))

    def enclosing_function(self, node: ast.AST) -> Function | None:
        """The innermost ``def`` around a node, the node itself left out."""
        above = self.parents.get(node)
        while above is not None and not isinstance(above, ast.stmt):
            above = self.parents.get(above)
        if above is None or isinstance(above, FUNCTIONS):
            return above
        # Asked for most names of a file: what holds for a statement is kept.
        if above not in self._functions:
            self._functions[above] = self.enclosing_function(above)
        return self._functions[above]

    def enclosing_class(self, node: ast.AST) -> ast.ClassDef | None:
        """The innermost class around a node, the node itself left out."""
        return next((a for a in self.ancestors(node) if isinstance(a, ast.ClassDef)), None)

    def method_class(self, function: ast.AST) -> ast.ClassDef | None:
        """The class that a function is a method of (conditional definitions included)."""
        for parent in self.ancestors(function):
            if isinstance(parent, ast.ClassDef):
                return parent
            if isinstance(parent, (*FUNCTIONS, ast.Lambda)):
                return None
        return None

    def scope_of(self, node: ast.AST) -> Scope:
        """The scope in which a node is evaluated."""
        below, child = node, node
        while not isinstance(child, ast.stmt):
            parent = self.parents.get(child)
            if parent is None:
                return self.root
            scope = self.scopes.get(parent)
            if scope is not None and not (
                evaluated_outside(parent, child) or _runs_over(parent, child, below)
            ):
                return scope
            below, child = child, parent
        # Asked for most names of a file: what holds for a statement is kept.
        if child not in self._homes:
            parent = self.parents.get(child, self.module)
            self._homes[child] = self.scopes.get(parent) or self.scope_of(parent)
        return self._homes[child]

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statement list that holds a statement."""
        parent = self.parents[statement]
        for _, value in ast.iter_fields(parent):
            if isinstance(value, list) and any(item is statement for item in value):
                return value
        raise LookupError("a statement outside of every block")


def _runs_over(parent: ast.AST, child: ast.AST, below: ast.AST) -> bool:
    """Whether a comprehension is met from what it runs over first, which is evaluated outside."""
    if not isinstance(parent, COMPREHENSIONS) or child is not parent.generators[0]:
        return False
    return below is parent.generators[0].iter


def parse(text: str) -> ast.Module:
    """Parse text; raises UnparsableError with the line where Python stopped."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        raise UnparsableError(f"does not parse: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnparsableError(
            f"does not parse: {str(error) or type(error).__name__}", None
        ) from error
