from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lfix.codemods.engine.arguments import Arguments
from lfix.codemods.engine.rewrite import (
    edits_between,
    names_used,
    rename_local,
    rewrite_parameters,
)
from lfix.codemods.engine.source import Source

from .code import edited, of_text


@settings(max_examples=300)
@given(
    st.text("ab é(),\n\r \t", max_size=30), st.text("ab é(),\n\r \t", max_size=30), st.text("é\n")
)
def test_edits_between_two_texts_turn_one_into_the_other(old: str, new: str, before: str) -> None:
    data = f"{before}{old}{before}".encode()
    source = Source(of_text("").path, data, "utf-8", data)
    edits = edits_between(old, new, len(before.encode()))
    at = 0
    pieces = []
    for edit in edits:
        pieces += [data[at : edit.span.start], edit.text.encode()]
        at = edit.span.end
    assert b"".join([*pieces, data[at:]]).decode() == f"{before}{new}{before}"
    assert source.raw == data


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("def f(self, a, b): pass\n", [0, 2, 1], "def f(self, b, a): pass\n"),
        ("def f(self, a, b): pass\n", [0], "def f(self): pass\n"),
        ("def f(self): pass\n", [0, "batch"], "def f(self, batch): pass\n"),
        ("def f(self, a): pass\n", [0, (1, "b")], "def f(self, b): pass\n"),
        ("def f(self, a: int = 1): pass\n", [0, (1, "b")], "def f(self, b: int = 1): pass\n"),
        ("def f(self, a, i=0): pass\n", [0, 1, "d=0", 2], "def f(self, a, d=0, i=0): pass\n"),
        ("def f(self, a, *args, k=1): pass\n", [0], "def f(self, *args, k=1): pass\n"),
        ("def f(self, a, *, k=1): pass\n", [0, "b"], "def f(self, b, *, k=1): pass\n"),
        (
            "def f(\n    self,\n    a,  # first\n    b,\n): pass\n",
            [0, 1],
            "def f(\n    self,\n    a,  # first\n): pass\n",
        ),
        (
            "def f(\n    self,\n    a,  # first\n): pass\n",
            [0, 1, "b"],
            "def f(\n    self,\n    a,\n    b,  # first\n): pass\n",
        ),
        ("async def f(self, a) -> int: return 1\n", [0], "async def f(self) -> int: return 1\n"),
        ("@d(1)\ndef f(self,a): pass\n", [0, 1, "b"], "@d(1)\ndef f(self,a,b): pass\n"),
    ],
)
def test_parameters(before: str, wanted: list[int | str | tuple[int, str]], after: str) -> None:
    file = of_text(before)
    edits = rewrite_parameters(file, file.tree.functions[0], wanted)
    result = edited(file, edits)
    assert ast.dump(ast.parse(result)) == ast.dump(ast.parse(after))
    if "# first" not in before:
        assert result == after
    assert ("# first" in result) == ("# first" in before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(a):\n    return a + b.a + g(a=a)\n", "def f(a):\n    return x + b.a + g(a=x)\n"),
        ("def f(a):\n    a = a or 1\n", "def f(a):\n    x = x or 1\n"),
        ("def f(a):\n    return [a for i in a]\n", "def f(a):\n    return [x for i in x]\n"),
        ("def f(a):\n    return [a for a in a]\n", "def f(a):\n    return [a for a in x]\n"),
        ("def f(a):\n    return lambda: a\n", "def f(a):\n    return lambda: x\n"),
        ("def f(a):\n    return lambda a: a\n", "def f(a):\n    return lambda a: a\n"),
        ("def f(a):\n    return lambda b=a: b\n", "def f(a):\n    return lambda b=x: b\n"),
        (
            "def f(a):\n    def g():\n        nonlocal a, b\n        a = 1\n    b = 1\n",
            "def f(a):\n    def g():\n        nonlocal x, b\n        x = 1\n    b = 1\n",
        ),
        (
            "def f(a):\n    def g():\n        a = 1\n        return a\n    return a\n",
            "def f(a):\n    def g():\n        a = 1\n        return a\n    return x\n",
        ),
        (
            "def f(a):\n    return f'{a} a {a!r:>{a}}'\n",
            "def f(a):\n    return f'{x} a {x!r:>{x}}'\n",
        ),
        ("def f(a):\n    return f'{b.a} {g(a=a)}'\n", "def f(a):\n    return f'{b.a} {g(a=x)}'\n"),
        ("def f(a):\n    return 'é', a, f'é{a}'\n", "def f(a):\n    return 'é', x, f'é{x}'\n"),
        (
            "def f(a):\n    del a\n    print('a')  # a\n",
            "def f(a):\n    del x\n    print('a')  # a\n",
        ),
    ],
)
def test_renaming_a_local(before: str, after: str) -> None:
    file = of_text(before)
    result = edited(file, rename_local(file, file.tree.functions[0], "a", "x"))
    assert result == after


def test_the_names_of_a_function() -> None:
    file = of_text("def f(self, a, *b, c=d, **e):\n    return [g for h in i]\n")
    assert names_used(file.tree.functions[0]) == set("abceghi") | {"self", "d"}


@pytest.mark.parametrize(
    ("before", "changes", "after"),
    [
        ("T(a=1, b=2)", {"a": []}, "T(b=2)"),
        ("T(a=1, b=2)", {"b": []}, "T(a=1)"),
        ("T(a=1)", {"a": []}, "T()"),
        ("T(a=1)", {"a": [("x", "2"), ("y", "3")]}, "T(x=2, y=3)"),
        ("T(m, a = 1, **k)", {"a": [("x", "2")]}, "T(m, x = 2, **k)"),
        ("T()", {"": [("x", "1")]}, "T(x=1)"),
        ("T(a=1,)", {"": [("x", "1")]}, "T(a=1, x=1,)"),
        (
            "T(\n    a=1,  # one\n    b=2,\n)",
            {"b": [("c", "3")]},
            "T(\n    a=1,  # one\n    c=3,\n)",
        ),
        ("T(\n    a=1,  # one\n    b=2,\n)", {"": [("c", "3")]}, None),
        ("dict(a=1, b=2)", {"a": [("x", "'y'")]}, "dict(x='y', b=2)"),
        ("{'a': 1, **k, 'b': 2}", {"a": []}, "{**k, 'b': 2}"),
        ('{"a": 1}', {"a": [("x", "2"), ("y", "3")]}, '{"x": 2, "y": 3}'),
        ("{'é': 1, 'a': 2}", {"a": [("x", "3")]}, "{'é': 1, 'x': 3}"),
    ],
)
def test_arguments(
    before: str, changes: dict[str, list[tuple[str, str]]], after: str | None
) -> None:
    file = of_text(f"x = {before}\n")
    node = file.tree.module.body[0]
    assert isinstance(node, ast.Assign)
    assert isinstance(node.value, (ast.Call, ast.Dict))
    result = edited(file, Arguments(file, node.value).change(changes))
    if after is not None:
        assert result == f"x = {after}\n"
    else:
        assert "# one" in result
        assert ast.dump(ast.parse(result)) == ast.dump(ast.parse("x = T(a=1, b=2, c=3)"))
