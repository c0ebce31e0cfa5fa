"""Which assignments reach a use: asked through the constants that the name may hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.values import infer

from .code import asked, parsed


@pytest.mark.parametrize(
    ("code", "constants"),
    [
        ("x = 1\nx = 2\nask(x)", {2}),
        ("x = 1\nask(x)\nx = 2", {1}),
        ("x = 1\nif a:\n    x = 2\nask(x)", {1, 2}),
        ("x = 1\nif a:\n    x = 2\nelse:\n    x = 3\nask(x)", {2, 3}),
        ("x = 1\nif a:\n    x = 2\n    ask(x)", {2}),
        ("x = 1\nif a:\n    x = 2\nelse:\n    ask(x)", {1}),
        ("x = 1\nfor i in y:\n    ask(x)\n    x = 2", {1, 2}),
        ("x = 1\nwhile a:\n    x = 2\nask(x)", {1, 2}),
        ("x = 1\ntry:\n    x = 2\nexcept E:\n    pass\nask(x)", {1, 2}),
        ("x = 1\ntry:\n    f()\nexcept E:\n    x = 2\nask(x)", {1, 2}),
        ("x = 1\ntry:\n    x = 2\nfinally:\n    x = 3\nask(x)", {3}),
        ("x = 1\nwith a:\n    x = 2\nask(x)", {2}),
        ("def f():\n    x = 1\n    if a:\n        x = 2\n        return\n    ask(x)", {1}),
        ("def f():\n    if a:\n        x = 1\n    else:\n        raise E\n    ask(x)", {1}),
        ("x = 1\ndef f():\n    ask(x)\nx = 2", {1, 2}),
        (
            "def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    ask(x)",
            {1, 2},
        ),
        ("x = 1\ndef f():\n    global x\n    x = 2\nask(x)", {1, 2}),
        ("if (x := 1):\n    ask(x)", {1}),
        ("x = y = 1\nask(y)", {1}),
        ("x, y = 1, 2\nask(y)", {2}),
        ("(x, (y, z)) = 1, (2, 3)\nask(z)", {3}),
        ("class A:\n    x = 1\n    ask(x)", {1}),
        ("x = 0\nclass A:\n    x = 1\n    def f(self):\n        ask(x)", {0}),
        ("x = 1\n[x for x in y]\nask(x)", {1}),
    ],
)
def test_what_reaches_a_use(tmp_path: Path, code: str, constants: set[int]) -> None:
    file = parsed(tmp_path, code)
    types = infer(file, asked(file))
    assert {t.constant for t in types} == constants
    assert {t.kind for t in types} == {"constant"}


@pytest.mark.parametrize(
    "code",
    [
        "def f(x):\n    ask(x)",
        "x = 1\nx += 1\nask(x)",
        "for x in y:\n    ask(x)",
        "with a as x:\n    ask(x)",
        "x, *y = z\nask(y)",
        "try:\n    pass\nexcept E as x:\n    ask(x)",
        "def f(x=1):\n    ask(x)",
        "ask(x)",
    ],
)
def test_what_is_not_known_is_not_guessed(tmp_path: Path, code: str) -> None:
    file = parsed(tmp_path, code)
    assert "unknown" in {t.kind for t in infer(file, asked(file))}
