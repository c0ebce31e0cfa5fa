"""Expressions that cut a tensor off from the graph that made it."""

from __future__ import annotations

import ast

_CUTS = frozenset({"item", "detach", "tolist", "numpy", "detach_"})
#: Methods that change neither the value nor the graph, so they may stand around a cut.
_NEUTRAL = frozenset({"cpu", "cuda", "to", "clone", "float", "double", "half", "squeeze"})


def uncut(node: ast.expr) -> ast.expr | None:
    """The tensor in ``loss.item()``, ``loss.detach().cpu()``, ``float(loss)``; None if not cut."""
    cut = False
    while True:
        if isinstance(node, ast.Attribute) and node.attr == "data":
            cut, node = True, node.value
        elif not isinstance(node, ast.Call):
            break
        elif isinstance(node.func, ast.Name):
            if node.func.id not in ("float", "int") or len(node.args) != 1 or node.keywords:
                break
            cut, node = True, node.args[0]
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _CUTS | _NEUTRAL:
            cut, node = cut or node.func.attr in _CUTS, node.func.value
        else:
            break
    return node if cut else None
