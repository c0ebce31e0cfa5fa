"""From a program before and after its repair to the changes of the file that it stands for."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from .entries import Change, Gap, Mapping, New, sequence
from .nodes import Kind, Node
from .objects import made_by
from .pieces import InexpressibleError, Maker, Raw, Scalar, flow, tail
from .scalars import Style, is_open
from .virtual import Call, Program, call_of

if TYPE_CHECKING:
    from .objects import Shape

_ELSEWHERE = "what replaces it is code beside the Trainer's arguments"


@dataclass(frozen=True)
class Text:
    """A config file's text and how it is written."""

    text: str
    style: Style
    shape: Shape | None


def changes(file: Text, root: Call | Node, program: Program, after: str) -> list[Change]:
    """The changes of the file that make of it what a repair made of the program.

    Raises InexpressibleError where the file cannot say the same.
    """
    old, new = ast.parse(program.text), ast.parse(after)
    comparison = _Comparison(file, program, _imports(old), _imports(new))
    return _joined(comparison.of(root, _only(old), _only(new)))


def _joined(found: list[Change]) -> list[Change]:
    """Several insertions at one place as one, in their order."""
    joined: dict[tuple[int, int], str] = {}
    for start, end, text in found:
        if start < end and (start, end) in joined:
            raise InexpressibleError("two changes would meet in one place")
        joined[start, end] = joined.get((start, end), "") + text
    return sorted((start, end, text) for (start, end), text in joined.items())


def _imports(tree: ast.Module) -> dict[str, str]:
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.name if alias.asname else alias.name.partition(".")[0]
                found[alias.asname or name] = name
    return found


def _only(tree: ast.Module) -> ast.expr:
    rest = [n for n in tree.body if not isinstance(n, (ast.Import, ast.ImportFrom))]
    if len(rest) != 1 or not isinstance(rest[0], ast.Expr):
        raise InexpressibleError(_ELSEWHERE)
    return rest[0].value


class _Comparison:
    def __init__(
        self, file: Text, program: Program, before: dict[str, str], after: dict[str, str]
    ) -> None:
        self._file = file
        self._maker = Maker(file.text, after, program.opaque, file.shape)
        self._before = before
        self._after = after

    def of(self, root: Call | Node, old: ast.expr, new: ast.expr) -> list[Change]:
        if isinstance(root, Call):
            return self._call(root, old, new)
        return self._path(root, new)

    def _path(self, node: Node, new: ast.expr) -> list[Change]:
        path = self._maker.path(new)
        if path is None:
            raise InexpressibleError(f"{ast.unparse(new)} is code, which this file cannot hold")
        if path == node.text:
            return []
        style = self._file.style
        return [(node.start, node.end, style.string(path, node.style))]

    def _shown(self, node: ast.expr, imports: dict[str, str]) -> str:
        return ast.unparse(_Spelled(imports).visit(ast.parse(ast.unparse(node), mode="eval")))

    def _same(self, old: ast.expr, new: ast.expr) -> bool:
        return self._shown(old, self._before) == self._shown(new, self._after)

    def _call(self, call: Call, old: ast.expr, new: ast.expr) -> list[Change]:
        if not isinstance(old, ast.Call) or not isinstance(new, ast.Call) or new.args:
            raise InexpressibleError(_ELSEWHERE)
        found: list[Change] = []
        if call.made is not None:
            found += self._path(call.made.path, new.func)
        elif self._maker.path(new.func) is None:
            raise InexpressibleError(_ELSEWHERE)
        splats = [[k for k in c.keywords if k.arg is None] for c in (old, new)]
        if len(splats[0]) != len(splats[1]):
            raise InexpressibleError(_ELSEWHERE)
        olds = {k.arg: k.value for k in old.keywords if k.arg}
        news = {k.arg: k.value for k in new.keywords if k.arg}
        if call.arguments is None:
            return found + self._first(call, news)
        return found + self._entries(call.arguments, call.entries(), olds, news)

    def _first(self, call: Call, news: dict[str, ast.expr]) -> list[Change]:
        """The arguments of an object that had none."""
        if not news:
            return []
        if call.made is None or not call.made.shape.arguments:
            raise InexpressibleError(_ELSEWHERE)
        arguments = {name: self._maker.piece(value) for name, value in news.items()}
        new = New(call.made.shape.arguments, dict(arguments))
        mapping = Mapping(self._file.text, call.node, self._file.style)
        at = next(i for i, (_, v) in enumerate(call.node.entries) if v is call.made.path)
        return mapping.change([Gap((), (new,), at)])

    def _entries(
        self,
        node: Node,
        entries: list[tuple[Node, Node]],
        olds: dict[str, ast.expr],
        news: dict[str, ast.expr],
    ) -> list[Change]:
        index = {key.text: node.entries.index((key, value)) for key, value in entries}
        values = {key.text: value for key, value in entries}
        news = _in_place(olds, news)
        gaps: list[Gap] = []
        found: list[Change] = []
        matcher = SequenceMatcher(None, list(olds), list(news), autojunk=False)
        for verb, first, last, other, end in matcher.get_opcodes():
            names, added = list(olds)[first:last], list(news)[other:end]
            if verb == "equal":
                for name in names:
                    found += self._value(values[name], olds[name], news[name])
                continue
            before = index[list(olds)[first - 1]] if first else -1
            here = {name: olds[name] for name in names}
            gone = here | {name: olds[name] for name in olds if name not in news}
            made = tuple(self._new(name, news[name], gone, values) for name in added)
            gaps.append(Gap(tuple(index[name] for name in names), made, before))
        return found + (
            Mapping(self._file.text, node, self._file.style).change(gaps) if gaps else []
        )

    def _new(
        self,
        name: str,
        value: ast.expr,
        gone: dict[str, ast.expr],
        values: dict[str, Node],
    ) -> New:
        same_value = [values[old] for old, held in gone.items() if self._same(held, value)]
        if same_value:
            return New(name, None, next(filter(is_open, same_value), same_value[0]))
        text = _held(value)
        same = [node for node in values.values() if node.text == text]
        others = [values[old] for old in gone if isinstance(_held(gone[old]), str)]
        quotes = {node.style for node in same or others if node.style not in ("|", ">")}
        quote = next(iter(quotes)) if len(quotes) == 1 else None
        return New(name, self._maker.piece(value), None, quote)

    def _value(self, node: Node, old: ast.expr, new: ast.expr) -> list[Change]:
        if self._same(old, new):
            return []
        if node.marked:
            raise InexpressibleError("an anchor or tag stands at its value")
        made = made_by(node)
        if made is not None and isinstance(new, ast.Call) and isinstance(old, ast.Call):
            return self._call(call_of(made, node), old, new)
        if node.kind is Kind.SEQUENCE and isinstance(old, ast.List) and isinstance(new, ast.List):
            return self._items(node, old.elts, new.elts)
        if isinstance(old, ast.Dict) and isinstance(new, ast.Dict) and node.kind is Kind.MAPPING:
            return self._entries(node, node.entries, _dict(old), _dict(new))
        return [self._replaced(node, new)]

    def _replaced(self, node: Node, new: ast.expr) -> Change:
        piece, style, text = self._maker.piece(new), self._file.style, self._file.text
        if node.kind is Kind.SCALAR and is_open(node):
            raise InexpressibleError("its value is filled in later")
        if node.holds_marks():
            raise InexpressibleError("an anchor or tag stands at its value")
        if node.style in ("|", ">") or (node.kind is not Kind.SCALAR and not node.flow):
            raise InexpressibleError("its value goes over several lines")
        if isinstance(piece, (Raw, Scalar)) or style.json or style.toml:
            quote = node.style if node.style or not style.json else None
            quote = quote if isinstance(piece, Scalar) and node.text and node.style else None
            shown = flow(piece, style, quote)
            return (node.start, node.end, shown if node.end > node.start else f" {shown}")
        line = text[: node.start].rstrip(" ")
        if not line.endswith(":"):
            return (node.start, node.end, flow(piece, style))
        start = max(line.rfind("\n"), line.rfind("\r")) + 1
        lead = line[start:]
        indent = " " * (len(lead) - len(lead.lstrip(" -")))
        return (len(line), node.end, tail(piece, style, indent))

    def _items(self, node: Node, old: list[ast.expr], new: list[ast.expr]) -> list[Change]:
        before = [self._shown(item, self._before) for item in old]
        after = [self._shown(item, self._after) for item in new]
        found: list[Change] = []
        removed: list[int] = []
        added: list[ast.expr] = []
        for verb, first, last, other, end in SequenceMatcher(
            None, before, after, autojunk=False
        ).get_opcodes():
            if verb == "replace" and last - first == end - other:
                for i, j in zip(range(first, last), range(other, end), strict=True):
                    found += self._value(node.items[i], old[i], new[j])
            elif verb in ("insert", "replace"):
                if last != len(old):
                    raise InexpressibleError("an item would come to stand amid the others")
                removed += range(first, last)
                added += new[other:end]
            elif verb == "delete":
                removed += range(first, last)
        if not removed and not added:
            return found
        pieces = [self._maker.piece(item) for item in added]
        return found + sequence(self._file.text, node, self._file.style, removed, pieces)


def _in_place(olds: dict[str, ast.expr], news: dict[str, ast.expr]) -> dict[str, ast.expr]:
    """The new arguments, those that were there before in the order in which they stood."""
    kept = [name for name in olds if name in news]
    if kept == [name for name in news if name in olds]:
        return news
    order = list(kept)
    before: str | None = None
    for name in news:
        if name not in olds:
            order.insert(order.index(before) + 1 if before else 0, name)
        before = name
    return {name: news[name] for name in order}


def _held(node: ast.expr) -> object:
    """The value of a constant; None for anything else."""
    return node.value if isinstance(node, ast.Constant) else None


def _dict(node: ast.Dict) -> dict[str, ast.expr]:
    pairs = zip(node.keys, node.values, strict=True)
    found = {str(k.value): v for k, v in pairs if isinstance(k, ast.Constant)}
    if len(found) < len(node.keys):
        raise InexpressibleError(_ELSEWHERE)
    return found


class _Spelled(ast.NodeTransformer):
    def __init__(self, imports: dict[str, str]) -> None:
        self._imports = imports

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name(self._imports.get(node.id, node.id), node.ctx)
