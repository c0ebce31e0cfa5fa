"""Which assignments can reach the use of a name.

Structured code only (Python has no goto): walk backwards from the use through the statements
before it, then through those before the enclosing statement, and so on outwards.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .scopes import FUNCTIONS, Binding, Scope

if TYPE_CHECKING:
    from .tree import Tree

_NEW_SCOPES = (*FUNCTIONS, ast.ClassDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_COMPOUND = (*_LOOPS, ast.Match)


def reaching(tree: Tree, use: ast.Name, found: tuple[Scope, list[Binding]]) -> list[Binding]:
    """The bindings of ``use.id`` in the scope where it was found that may hold at the use.

    A use in another scope than the binding's (a closure, a global) may see any of them.
    """
    scope, bindings = found
    if len(bindings) == 1 or tree.scope_of(use) is not scope:
        return bindings
    if any(b.kind == "import" for b in bindings) and scope.is_module:
        assigned = [b for b in bindings if b.kind != "import"]
        if not assigned:
            return bindings
    # ``global`` and ``nonlocal`` assignments of other functions happen when those are called.
    elsewhere = [b for b in bindings if _is_elsewhere(tree, b, scope)]
    by_node: dict[ast.AST, list[Binding]] = {}
    for binding in (b for b in bindings if b not in elsewhere):
        by_node.setdefault(_anchor(tree, binding), []).append(binding)
    reached: list[Binding] = []
    complete = _backwards(tree, tree.statement(use), scope, by_node, reached, use)
    if not complete:
        reached += [b for b in bindings if b.kind == "parameter" and b not in reached]
    return [*reached, *elsewhere] if reached else bindings


def _is_elsewhere(tree: Tree, binding: Binding, scope: Scope) -> bool:
    if binding.kind == "parameter":
        return False
    function = tree.enclosing_function(binding.node)
    return function is not None and any(a is scope.node for a in tree.ancestors(function))


def _anchor(tree: Tree, binding: Binding) -> ast.AST:
    node = binding.node
    if isinstance(node, (ast.stmt, ast.ExceptHandler)):
        return node
    if isinstance(node, ast.arg):
        return node
    return tree.statement(node)


def _backwards(
    tree: Tree,
    statement: ast.stmt,
    scope: Scope,
    by_node: dict[ast.AST, list[Binding]],
    reached: list[Binding],
    use: ast.Name,
) -> bool:
    """Collect into ``reached``; True when every path to the use has met a binding."""
    inside = _inside(statement, use, by_node)
    if inside:
        reached += inside
        return True
    here: ast.AST = statement
    while True:
        block = _block_of(tree, here)
        if block is not None:
            index = next(i for i, s in enumerate(block) if s is here)
            for before in reversed(block[:index]):
                if _collect(tree, before, by_node, reached):
                    return True
        parent = tree.parents[here]
        if parent is scope.node:
            return False
        if isinstance(parent, _LOOPS):
            # The end of the loop body flows back to its start.
            _collect_all(tree, parent, by_node, reached)
        if isinstance(parent, (ast.ExceptHandler, ast.With, ast.AsyncWith)):
            own = by_node.get(parent)
            if own:
                reached += own
                return True
        if isinstance(parent, ast.Try):
            _collect_tried(tree, parent, here, by_node, reached)
        here = parent
        if isinstance(here, (*FUNCTIONS, ast.ClassDef, ast.Module)):
            return False


def _collect_tried(
    tree: Tree,
    parent: ast.Try,
    here: ast.AST,
    by_node: dict[ast.AST, list[Binding]],
    reached: list[Binding],
) -> None:
    """From a handler or what follows it: any part of the tried block may have run."""
    if not any(here is s for s in parent.body):
        for tried in parent.body:
            _collect_all(tree, tried, by_node, reached)


def _inside(
    statement: ast.stmt, use: ast.Name, by_node: dict[ast.AST, list[Binding]]
) -> list[Binding]:
    """The binding of a walrus in the statement of the use, or of the use itself."""
    own = by_node.get(statement, [])
    if isinstance(use.ctx, ast.Store):
        return own
    return [b for b in own if b.kind == "assign" and isinstance(b.node, ast.NamedExpr)]


def _block_of(tree: Tree, node: ast.AST) -> list[ast.stmt] | None:
    if not isinstance(node, ast.stmt) or isinstance(node, ast.Module):
        return None
    return tree.block(node)


def _collect(
    tree: Tree, statement: ast.stmt, by_node: dict[ast.AST, list[Binding]], reached: list[Binding]
) -> bool:
    """Add what a statement binds; True when it surely binds."""
    own = by_node.get(statement)
    if own and not isinstance(statement, (*_LOOPS, ast.If, ast.Try)):
        augmented = all(b.kind == "augmented" for b in own)
        reached += own
        return not augmented
    if isinstance(statement, _NEW_SCOPES):
        return False
    if isinstance(statement, ast.If):
        if own:
            reached += own
            return True
        then = _returns(statement.body) or _collect_block(tree, statement.body, by_node, reached)
        other = _returns(statement.orelse) or _collect_block(
            tree, statement.orelse, by_node, reached
        )
        return (then or _leaves(statement.body)) and (
            other or (bool(statement.orelse) and _leaves(statement.orelse))
        )
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return _collect_block(tree, statement.body, by_node, reached)
    if isinstance(statement, ast.Try):
        if _collect_block(tree, statement.finalbody, by_node, reached):
            return True
        handlers = [
            _collect_block(tree, h.body, by_node, reached) or _leaves(h.body)
            for h in statement.handlers
        ]
        body = _collect_block(tree, statement.body + statement.orelse, by_node, reached)
        return body and all(handlers)
    if isinstance(statement, _COMPOUND):
        _collect_all(tree, statement, by_node, reached)
    return False


def _collect_block(
    tree: Tree,
    block: list[ast.stmt],
    by_node: dict[ast.AST, list[Binding]],
    reached: list[Binding],
) -> bool:
    return any(_collect(tree, s, by_node, reached) for s in reversed(block))


def _collect_all(
    tree: Tree, statement: ast.AST, by_node: dict[ast.AST, list[Binding]], reached: list[Binding]
) -> None:
    """Add every binding inside a statement, whichever path is taken."""
    span = tree.span(statement)
    for node, bindings in by_node.items():
        if isinstance(node, ast.arg):
            continue
        if node is statement or span.contains(tree.span(node)):
            reached += [b for b in bindings if b not in reached]


def _returns(block: list[ast.stmt]) -> bool:
    """Whether nothing that a block binds can be seen behind it."""
    return bool(block) and isinstance(block[-1], ast.Return)


def _leaves(block: list[ast.stmt]) -> bool:
    """Whether control never runs off the end of a block."""
    return bool(block) and isinstance(block[-1], (ast.Return, ast.Raise, ast.Continue, ast.Break))
