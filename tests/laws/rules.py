"""Rules of our own for a test, to see what becomes of a rule that misbehaves."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

import pytest
from lfix.codemods.engine import rule as rules
from lfix.codemods.engine.file import File
from lfix.codemods.engine.rule import Rule, registry
from lfix.codemods.engine.settings import Settings
from lfix.codemods.model import Edit, Finding, Fix, Safety

CODE, NAME = "LF901", "misbehaving"
Find = Callable[[Rule, File, Settings], Iterable[Finding]]


def register(patch: pytest.MonkeyPatch, find: Find, code: str = CODE, name: str = NAME) -> None:
    """Put a rule beside the real ones; it wants files that hold ``x =``."""
    registry()
    patch.setitem(rules._RULES, code, Rule(code, name, (b"x =",), find, __name__))
    registry.cache_clear()


def edits(make: Callable[[File, ast.Assign], list[Edit]], safety: Safety = Safety.SAFE) -> Find:
    """A rule that finds each ``x = …`` and fixes it by the edits that ``make`` gives."""

    def find(rule: Rule, file: File, _settings: Settings) -> Iterator[Finding]:
        for node in file.tree.all(ast.Assign):
            assert isinstance(node, ast.Assign)
            if file.text(node.targets[0]) == "x":
                made = make(file, node)
                if made:
                    fix = Fix("do it", tuple(made), safety)
                    yield file.finding(rule, node, "x is assigned", fix=fix)

    return find


def replaces_value(text: str, safety: Safety = Safety.SAFE) -> Find:
    """A rule that writes ``text`` for the value of each ``x = …`` that is not that text already."""
    return edits(
        lambda file, node: (
            [file.replace(node.value, text)] if file.text(node.value) != text else []
        ),
        safety,
    )
