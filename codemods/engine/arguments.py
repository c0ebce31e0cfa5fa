"""One view on arguments, however they are handed over: a call's keywords or a dict's entries.

A rule about the Trainer's arguments is written once against this and works on ``Trainer(gpus=1)``,
``partial(Trainer, gpus=1)``, ``dict(gpus=1)`` and ``{"gpus": 1}`` alike.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from .rewrite import respace, rewrite_expression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..model import Edit
    from .file import File


@dataclass(frozen=True, eq=False)
class Argument:
    """A named argument: ``node`` is what a finding points at, ``index`` its place in the list."""

    name: str
    value: ast.expr
    node: ast.AST
    index: int


class Arguments:
    """The named arguments of a call or a dict literal in one file."""

    def __init__(self, file: File, node: ast.Call | ast.Dict) -> None:
        self.file = file
        self.node = node
        self.splat = False
        self.named: dict[str, Argument] = {}
        if isinstance(node, ast.Call):
            self._from_call(node)
        else:
            self._from_dict(node)

    def _from_call(self, node: ast.Call) -> None:
        given: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
        ordered = sorted(given, key=lambda a: (a.lineno, a.col_offset))
        for index, argument in enumerate(ordered):
            if isinstance(argument, ast.keyword):
                if argument.arg is None:
                    self.splat = True
                else:
                    self.named[argument.arg] = Argument(
                        argument.arg, argument.value, argument, index
                    )

    def _from_dict(self, node: ast.Dict) -> None:
        for index, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            if key is None:
                self.splat = True
            elif isinstance(key, ast.Constant) and isinstance(key.value, str):
                self.named[key.value] = Argument(key.value, value, key, index)

    def __contains__(self, name: str) -> bool:
        return name in self.named

    def get(self, name: str) -> Argument | None:
        """The argument of a name."""
        return self.named.get(name)

    def value(self, name: str) -> ast.expr | None:
        """The value given for a name."""
        argument = self.named.get(name)
        return argument.value if argument else None

    def text(self, name: str) -> str:
        """The source text of a value."""
        return self.file.text(self.named[name].value)

    def change(self, changes: Mapping[str, Sequence[tuple[str, str]]]) -> tuple[Edit, ...]:
        """Edits that replace each argument named in ``changes`` by new ``(name, value text)`` pairs.

        An empty sequence removes the argument. The key ``""`` adds at the end.
        """
        if isinstance(self.node, ast.Call):
            return rewrite_expression(self.file, self.node, lambda n: self._call(n, changes))
        return rewrite_expression(self.file, self.node, lambda n: self._dict(n, changes))

    def _call(
        self, node: cst.BaseExpression, changes: Mapping[str, Sequence[tuple[str, str]]]
    ) -> cst.BaseExpression:
        call = cst.ensure_type(node, cst.Call)
        slots = list(call.args)
        wanted: list[cst.Arg | int] = []
        for index, arg in enumerate(call.args):
            name = arg.keyword.value if arg.keyword else None
            if name is None or name not in changes:
                wanted.append(index)
                continue
            pairs = changes[name]
            for position, (new, text) in enumerate(pairs):
                replaced = arg.with_changes(keyword=cst.Name(new), value=cst.parse_expression(text))
                if position == 0:
                    slots[index] = replaced
                wanted.append(replaced if position else index)
        plain = cst.SimpleWhitespace("")
        model = next((a for a in call.args if a.keyword), None)
        for new, text in changes.get("", ()):
            equal = (
                model.equal
                if model is not None
                else cst.AssignEqual(whitespace_before=plain, whitespace_after=plain)
            )
            wanted.append(cst.Arg(cst.parse_expression(text), keyword=cst.Name(new), equal=equal))
        return call.with_changes(args=respace(slots, wanted))

    def _dict(
        self, node: cst.BaseExpression, changes: Mapping[str, Sequence[tuple[str, str]]]
    ) -> cst.BaseExpression:
        literal = cst.ensure_type(node, cst.Dict)
        wanted: list[cst.DictElement | int] = []
        quote = '"'
        slots = list(literal.elements)
        for index, element in enumerate(literal.elements):
            key = element.key if isinstance(element, cst.DictElement) else None
            name = key.raw_value if isinstance(key, cst.SimpleString) else None
            if isinstance(key, cst.SimpleString):
                quote = key.quote
            if name is None or name not in changes:
                wanted.append(index)
                continue
            assert isinstance(element, cst.DictElement)
            for position, (new, text) in enumerate(changes[name]):
                replaced = element.with_changes(
                    key=cst.SimpleString(f"{quote}{new}{quote}"), value=cst.parse_expression(text)
                )
                if position == 0:
                    slots[index] = replaced
                wanted.append(replaced if position else index)
        for new, text in changes.get("", ()):
            wanted.append(
                cst.DictElement(
                    cst.SimpleString(f"{quote}{new}{quote}"), cst.parse_expression(text)
                )
            )
        return literal.with_changes(elements=respace(slots, wanted))
