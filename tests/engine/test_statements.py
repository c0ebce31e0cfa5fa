from __future__ import annotations

import ast

import pytest
from lfix.codemods.engine.statements import (
    append_to,
    insert_after,
    insert_before,
    remove,
    stands_alone,
)

from .code import edited, of_text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a()\ngo()\nb()\n", "a()\nb()\n"),
        ("a()\ngo()", "a()\n"),
        ("def f():\n    go()\n", "def f():\n    pass\n"),
        ("def f():\n    go()\n    go()\n", "def f():\n    pass\n"),
        ("if x:\n    go()\nelse:\n    b()\n", "if x:\n    pass\nelse:\n    b()\n"),
        ("a(); go(); b()\n", "a(); pass; b()\n"),
        ("if x: go()\n", "if x: pass\n"),
        ("a()\ngo(\n    1,\n)\nb()\n", "a()\nb()\n"),
        ("def f():\n\ta()\n\tgo()\n", "def f():\n\ta()\n"),
        ("a()\ngo() ;\nb()\n", "a()\npass ;\nb()\n"),
        ("try:\n    go()\nexcept E:\n    go()\n", "try:\n    pass\nexcept E:\n    pass\n"),
    ],
)
def test_removing(before: str, after: str) -> None:
    file = of_text(before)
    going = [
        file.tree.statement(c)
        for c in file.tree.calls
        if isinstance(c.func, ast.Name) and c.func.id == "go"
    ]
    assert edited(file, remove(file, going)) == after


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("here()\n", "x = 1\nhere()\n", "here()\nx = 1\n"),
        ("here()", "x = 1\nhere()", "here()\nx = 1"),
        ("def f():\n\there()  # c\n", "def f():\n\tx = 1\n\there()  # c\n", "def f():\n\there()  # c\n\tx = 1\n"),
        ("here(\n  1)\nb()\n", "x = 1\nhere(\n  1)\nb()\n", "here(\n  1)\nx = 1\nb()\n"),
        ("\fhere()\n", None, "\fhere()\nx = 1\n"),
        ("a(); here()\n", None, None),
        ("here(); a()\n", None, None),
        ("if x: here()\n", None, None),
    ],
)  # fmt: skip
def test_inserting(text: str, before: str | None, after: str | None) -> None:
    file = of_text(text)
    (here,) = (
        file.tree.statement(c)
        for c in file.tree.calls
        if isinstance(c.func, ast.Name) and c.func.id == "here"
    )
    first, second = insert_before(file, here, "x = 1"), insert_after(file, here, "x = 1")
    assert (second is None) == (after is None)
    if after is not None:
        assert edited(file, second) == after
    if before is not None:
        assert edited(file, first) == before
    assert stands_alone(file, here) == (after is not None)


def test_lines_keep_their_own_indentation_and_the_files_line_end() -> None:
    file = of_text("class A:\r\n    def f(self):\r\n        a()\r\n")
    body = file.tree.functions[0].body
    assert edited(file, append_to(file, body, "if x:\n    y()\n\nz()")) == (
        "class A:\r\n    def f(self):\r\n        a()\r\n"
        "        if x:\r\n            y()\r\n\r\n        z()\r\n"
    )
