"""The walk over a tree: nothing is left out, nothing is out of order, nothing stays behind."""

from __future__ import annotations

import ast
import gc
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from lfix.codemods.engine.scopes import FUNCTIONS, statements
from lfix.codemods.engine.source import Source
from lfix.codemods.engine.tree import Tree

from .code import lay

_MARKS = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)

EVERYTHING = """
import a, b.c as d
from e import *
@f(lambda x, *y, z=1: x)
class G(H, metaclass=I):
    j: int = 1
    async def k(self, l: str = "m", /, *n, o=None, **p) -> None:
        global q
        async with r as (s, *t):
            yield {**u, "v": w}
        return [x async for x in y if (z := x)]
try:
    match aa:
        case BB(cc, dd=[*ee]) | {"ff": gg, **hh} if ii: pass
        case None | -1: del jj, kk.ll
except* MM as nn:
    for oo, (pp, qq) in rr: continue
    else: ss += f"{tt!r:>{uu}}"
finally:
    while not vv: assert ww, xx; break
"""


def preorder(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, _MARKS):
            yield from preorder(child)


def texts() -> list[str]:
    spec = importlib.util.find_spec("lightning")
    assert spec is not None
    assert spec.origin is not None
    paths = sorted(Path(spec.origin).parent.rglob("*.py"))
    if hasattr(ast, "TryStar"):
        return [EVERYTHING, *(p.read_text(encoding="utf-8") for p in paths[::9])]
    return [EVERYTHING.replace("except*", "except"), *(p.read_text("utf-8") for p in paths[::9])]


@pytest.fixture(scope="module")
def trees() -> list[Tree]:
    return [Tree(Source.of(Path("case.py"), text.encode())) for text in texts()]


def test_every_node_has_its_place(trees: list[Tree]) -> None:
    for tree in trees:
        by_kind: dict[type, list[ast.AST]] = {}
        for node in preorder(tree.module):
            by_kind.setdefault(type(node), []).append(node)
        assert tree.nodes == by_kind
        for node in preorder(tree.module):
            for child in ast.iter_child_nodes(node):
                assert isinstance(child, _MARKS) or tree.parents[child] is node


def test_statements_come_as_ast_walk_gives_them(trees: list[Tree]) -> None:
    for tree in trees:
        for function in tree.functions:
            walked = [n for n in ast.walk(function) if isinstance(n, ast.stmt)]
            assert list(statements(function)) == walked[1:]


def test_the_function_around_a_node_is_the_nearest(trees: list[Tree]) -> None:
    for tree in trees:
        for node in preorder(tree.module):
            above = (a for a in tree.ancestors(node) if isinstance(a, FUNCTIONS))
            assert tree.enclosing_function(node) is next(above, None)


def test_a_name_is_evaluated_where_python_does_it() -> None:
    text = """
def outer(a=default):
    class Inner(base):
        own = field
        def method(self, b: annotation = preset) -> result:
            return [inner for x in first if x for y in second]
    return lambda c=value: body
"""
    tree = Tree(Source.of(Path("case.py"), text.encode()))
    outer, method = tree.functions
    (inner,) = tree.classes
    where = {n.id: tree.scope_of(n).node for n in tree.all(ast.Name) if isinstance(n, ast.Name)}
    assert where["default"] is tree.module
    assert where["base"] is where["value"] is outer
    assert where["field"] is where["annotation"] is where["preset"] is where["result"] is inner
    assert where["first"] is method
    assert isinstance(where["inner"], ast.ListComp)
    assert where["second"] is where["inner"]
    assert isinstance(where["body"], ast.Lambda)


def test_trees_go_without_a_search_for_cycles(tmp_path: Path) -> None:
    text = "class LetGo:\n    def method(self):\n        self.value = LetGo()\n"
    project = lay(tmp_path, {"case.py": text})
    gc.collect()
    gc.disable()
    try:
        file = project.file(tmp_path / "case.py")
        assert file is not None
        assert file.classes[0].mro
        assert list(file.classes[0].self_assignments("value"))
        del file
        project.close()
        left = [o for o in gc.get_objects() if isinstance(o, ast.ClassDef) and o.name == "LetGo"]
    finally:
        gc.enable()
    assert left == []
