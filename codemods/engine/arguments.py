"""One view on arguments, however they are handed over: a call's keywords or a dict's entries.

A rule about the Trainer's arguments is written once against this and works on ``Trainer(gpus=1)``,
``partial(Trainer, gpus=1)``, ``dict(gpus=1)`` and ``{"gpus": 1}`` alike.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from .rewrite import Slot, respace, rewrite_expression

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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
        """Edits that replace each argument in ``changes`` by new ``(name, value text)`` pairs.

        An empty sequence removes the argument. The key ``""`` adds at the end.
        """
        if isinstance(self.node, ast.Call):
            return rewrite_expression(self.file, self.node, lambda n: self._call(n, changes))
        return rewrite_expression(self.file, self.node, lambda n: self._dict(n, changes))

    def _call(
        self, node: cst.BaseExpression, changes: Mapping[str, Sequence[tuple[str, str]]]
    ) -> cst.BaseExpression:
        call = cst.ensure_type(node, cst.Call)
        plain = cst.SimpleWhitespace("")
        tight = cst.AssignEqual(whitespace_before=plain, whitespace_after=plain)
        model = next((a for a in call.args if a.keyword), None)
        names = [a.keyword.value if a.keyword else None for a in call.args]

        def made(index: int | None, name: str, text: str) -> cst.Arg:
            keyword, value = cst.Name(name), cst.parse_expression(text)
            if index is not None:
                return call.args[index].with_changes(keyword=keyword, value=value)
            return cst.Arg(value, keyword=keyword, equal=model.equal if model else tight)

        args = _changed(list(call.args), names, changes, made, call.whitespace_before_args)
        changed = call.with_changes(args=args)
        if args or "#" in cst.Module(body=[]).code_for_node(call.whitespace_before_args):
            return changed
        return changed.with_changes(whitespace_before_args=plain)

    def _dict(
        self, node: cst.BaseExpression, changes: Mapping[str, Sequence[tuple[str, str]]]
    ) -> cst.BaseExpression:
        literal = cst.ensure_type(node, cst.Dict)
        elements = [e for e in literal.elements if isinstance(e, cst.DictElement)]
        keys = [e.key for e in elements if isinstance(e.key, cst.SimpleString)]
        quote = keys[-1].quote if keys else '"'
        names = [_key(element) for element in literal.elements]

        def made(index: int | None, name: str, text: str) -> cst.BaseDictElement:
            key, value = cst.SimpleString(f"{quote}{name}{quote}"), cst.parse_expression(text)
            if index is not None:
                return literal.elements[index].with_changes(key=key, value=value)
            return cst.DictElement(key, value)

        return literal.with_changes(
            elements=_changed(
                list(literal.elements), names, changes, made, literal.lbrace.whitespace_after
            )
        )


def _key(element: cst.BaseDictElement) -> str | None:
    key = element.key if isinstance(element, cst.DictElement) else None
    if not isinstance(key, (cst.SimpleString, cst.ConcatenatedString)):
        return None
    value = key.evaluated_value
    return value if isinstance(value, str) else None


def _changed(
    slots: list[Slot],
    names: list[str | None],
    changes: Mapping[str, Sequence[tuple[str, str]]],
    made: Callable[[int | None, str, str], Slot],
    opening: cst.BaseParenthesizableWhitespace,
) -> list[Slot]:
    """The entries after ``changes``; ``made`` builds one, on the model of an old one if given.

    Of several that replace one, the last takes its place, and with it the comment behind it.
    """
    wanted: list[Slot | int] = []
    for index, name in enumerate(names):
        pairs = changes.get(name) if name is not None else None
        if pairs is None:
            wanted.append(index)
            continue
        wanted += [made(index, new, text) for new, text in pairs[:-1]]
        if pairs:
            slots[index] = made(index, *pairs[-1])
            wanted.append(index)
    wanted += [made(None, new, text) for new, text in changes.get("", ())]
    return respace(slots, wanted, opening)
