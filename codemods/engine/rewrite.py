"""From a node and what it should become to the smallest text edits.

libcst parses only the node's own text. Lists (arguments, parameters, import names, dict entries)
are re-rendered slot by slot, so that commas, line breaks and comments stay where they were.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import libcst as cst

from ..model import Edit, Span
from .scopes import FUNCTIONS, Function

if TYPE_CHECKING:
    from .file import File

_TOKEN = re.compile(r"\w+|[^\S\r\n]+|\r\n|.", re.DOTALL)
#: A header that is broken over lines and gets shorter is joined up to this length.
_JOINED = 79
#: An entry of a list: an argument, a parameter, an imported name, an element of a dict.
Slot = TypeVar("Slot", bound=cst.CSTNode)


def edits_between(old: str, new: str, start: int) -> tuple[Edit, ...]:
    """The edits that turn ``old``, which begins at byte ``start``, into ``new``; by tokens."""
    if old == new:
        return ()
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    offsets = [start]
    for token in a:
        offsets.append(offsets[-1] + len(token.encode()))
    matcher = difflib.SequenceMatcher(None, a, b, autojunk=False)
    return tuple(
        Edit(Span(offsets[i1], offsets[i2]), "".join(b[j1:j2]))
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
    )


def code(node: cst.CSTNode) -> str:
    """The text of a libcst node."""
    return cst.Module([]).code_for_node(node)


def rewrite_expression(
    file: File, node: ast.expr, transform: Callable[[cst.BaseExpression], cst.BaseExpression]
) -> tuple[Edit, ...]:
    """Edits that put ``transform(node)`` in the place of an expression."""
    span = file.span(node)
    old = file.source.slice(span)
    # In parentheses of its own, an expression may span lines whatever stands around it.
    wrapped = cst.parse_expression(f"({old}\n)")
    inner = wrapped.with_changes(lpar=wrapped.lpar[1:], rpar=wrapped.rpar[1:])
    return edits_between(old, code(transform(inner)), span.start)


def rewrite_import(
    file: File,
    node: ast.ImportFrom | ast.Import,
    wanted: Callable[[list[cst.ImportAlias]], list[cst.ImportAlias | int]],
) -> tuple[Edit, ...]:
    """Edits that put the ``wanted`` names (old ones by index) in the place of an import's."""
    span = file.span(node)
    old = file.source.slice(span)
    line = cst.ensure_type(cst.parse_statement(old), cst.SimpleStatementLine)
    statement = line.body[0]
    assert isinstance(statement, (cst.Import, cst.ImportFrom))
    assert not isinstance(statement.names, cst.ImportStar)
    slots = list(statement.names)
    lpar = statement.lpar if isinstance(statement, cst.ImportFrom) else None
    opening = lpar.whitespace_after if isinstance(lpar, cst.LeftParen) else None
    names = respace(slots, wanted(slots), opening)
    return edits_between(old, code(statement.with_changes(names=names)), span.start)


def respace(
    slots: Sequence[Slot],
    wanted: Sequence[Slot | int],
    opening: cst.BaseParenthesizableWhitespace | None = None,
) -> list[Slot]:
    """A list of ``wanted`` entries (old ones by index) in the layout of ``slots``.

    An old entry keeps its comma with the white space and the comment behind it, a new one gets the
    usual separator, and the last one ends as the old list ended; a line that loses its last entry
    still ends. ``opening`` is the white space in front of the first entry: where there is only one,
    it tells whether each has its own line.
    """
    if not slots or not wanted:
        return [entry for entry in wanted if not isinstance(entry, int)]
    last = len(slots) - 1
    separator = _separator(slots, opening)
    result: list[Slot] = []
    for position, entry in enumerate(wanted):
        following = wanted[position + 1] if position + 1 < len(wanted) else None
        if not isinstance(entry, int):
            result.append(_with_end(entry, separator, None))
        elif entry == last:
            result.append(_with_end(slots[entry], separator, None))
        elif isinstance(following, int):
            result.append(_with_line_end(slots[entry], slots[entry + 1 : following]))
        elif following is None:
            result.append(_with_line_end(slots[entry], slots[entry + 1 : last]))
        else:
            result.append(slots[entry])
    end = _with_comment(_comma(slots[last]), _comma(result[-1]))
    result[-1] = _with_end(result[-1], end, slots[last])
    return result


def _with_line_end(slot: Slot, gone: Sequence[Slot]) -> Slot:
    """An entry that ends its line where one of those that went from behind it did.

    Comments on lines of their own, which stand above what follows, stay there.
    """
    commas = [_comma(s) for s in (slot, *gone)]
    ends = [c for c in commas if isinstance(c, cst.Comma) and _breaks(c)]
    if not ends:
        return slot
    comma = ends[0] if ends[0] is commas[0] else _without_comment(ends[0])
    spaces = [c.whitespace_after for c in ends if c is not commas[0]]
    lines = [
        line
        for space in spaces
        if isinstance(space, cst.ParenthesizedWhitespace)
        for line in space.empty_lines
        if line.comment is not None
    ]
    own = comma.whitespace_after
    if isinstance(own, cst.ParenthesizedWhitespace) and lines:
        comma = comma.with_changes(
            whitespace_after=own.with_changes(empty_lines=[*own.empty_lines, *lines])
        )
    return slot if comma is commas[0] else slot.with_changes(comma=comma)


def _breaks(comma: cst.Comma) -> bool:
    return isinstance(comma.whitespace_after, cst.ParenthesizedWhitespace)


def _comma(slot: cst.CSTNode) -> object:
    """What stands behind an entry: a comma, or that libcst chooses."""
    return getattr(slot, "comma", None)


def _with_comment(end: object, own: object) -> object:
    """The comma that a list ends with, and the comments behind the entry that is last now."""
    if end is own or not isinstance(end, cst.Comma) or not isinstance(own, cst.Comma):
        return end
    after, behind = end.whitespace_after, own.whitespace_after
    if not isinstance(after, cst.ParenthesizedWhitespace):
        return end
    if not isinstance(behind, cst.ParenthesizedWhitespace):
        return end
    lines = [line for line in behind.empty_lines if line.comment is not None]
    after = after.with_changes(empty_lines=[*lines, *after.empty_lines])
    if after.first_line.comment is None and behind.first_line.comment is not None:
        after = after.with_changes(first_line=behind.first_line)
    return end.with_changes(whitespace_after=after)


def _with_end(slot: Slot, comma: object, model: Slot | None) -> Slot:
    if isinstance(slot, cst.Arg):
        after = (
            model.whitespace_after_arg if isinstance(model, cst.Arg) else cst.SimpleWhitespace("")
        )
        return slot.with_changes(comma=comma, whitespace_after_arg=after)
    if isinstance(slot, cst.Param):
        after = (
            model.whitespace_after_param
            if isinstance(model, cst.Param)
            else cst.SimpleWhitespace("")
        )
        return slot.with_changes(comma=comma, whitespace_after_param=after)
    return slot.with_changes(comma=comma)


def _separator(
    slots: Sequence[Slot], opening: cst.BaseParenthesizableWhitespace | None
) -> cst.Comma:
    """How entries of a list are separated: as the first comma does it, without its comment."""
    for slot in slots[:-1]:
        comma = _comma(slot)
        if isinstance(comma, cst.Comma):
            return _without_comment(comma)
    if isinstance(opening, cst.ParenthesizedWhitespace):
        return _without_comment(cst.Comma(whitespace_after=opening))
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _without_comment(comma: cst.Comma) -> cst.Comma:
    space = comma.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace):
        first = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
        return comma.with_changes(
            whitespace_after=space.with_changes(first_line=first, empty_lines=[])
        )
    return comma


# functions ----------------------------------------------------------------------------------


def header_span(file: File, function: Function) -> Span:
    """From ``def`` to the first statement of the body."""
    start = file.source.offset(function.lineno, function.col_offset)
    return Span(start, file.span(function.body[0]).start)


def rewrite_parameters(
    file: File, function: Function, wanted: Sequence[int | str | tuple[int, str]]
) -> tuple[Edit, ...]:
    """Edits that give a function the positional parameters ``wanted``.

    An int keeps the parameter at that index, a pair keeps and renames it (annotation and default
    stay), a string is a new parameter's text. Star and keyword-only parameters are left alone.
    """
    span = header_span(file, function)
    old = file.source.slice(span)
    module = cst.parse_module(old + "pass\n")
    definition = cst.ensure_type(module.body[0], cst.FunctionDef)
    parameters = definition.params
    slots = [*parameters.posonly_params, *parameters.params]
    entries: list[cst.Param | int] = []
    for item in wanted:
        if isinstance(item, int):
            entries.append(item)
        elif isinstance(item, str):
            parsed = cst.ensure_type(cst.parse_expression(f"lambda {item}: 0"), cst.Lambda)
            entries.append(parsed.params.params[0].with_changes(comma=cst.MaybeSentinel.DEFAULT))
        else:
            index, name = item
            slots[index] = slots[index].with_changes(name=cst.Name(name))
            entries.append(index)
    params = _ordered(slots, entries, definition.whitespace_before_params)
    plain = parameters.with_changes(posonly_params=(), posonly_ind=cst.MaybeSentinel.DEFAULT)
    changed = definition.with_changes(params=plain.with_changes(params=params))
    new = module.with_changes(body=[changed]).code
    trailing = isinstance(slots[-1].comma, cst.Comma) if slots else False
    shorter = len(params) < len(slots) and (len(params) == 1 or not trailing)
    inside = module.code_for_node(changed.whitespace_before_params)
    inside += module.code_for_node(changed.params)
    if shorter and "\n" in inside and "#" not in inside and not _has_more(parameters):
        joined = changed.with_changes(
            whitespace_before_params=cst.SimpleWhitespace(""),
            params=plain.with_changes(params=_on_one_line(params)),
        )
        line = module.with_changes(body=[joined]).code
        head = file.source.indent_of(function.lineno) + line.partition("\n")[0]
        if "\n" not in module.code_for_node(joined.params) and len(head) <= _JOINED:
            new = line
    return edits_between(old, new.removesuffix("pass\n"), span.start)


def _has_more(parameters: cst.Parameters) -> bool:
    """Whether there are starred or keyword-only parameters."""
    starred = isinstance(parameters.star_arg, (cst.Param, cst.ParamStar))
    return starred or bool(parameters.kwonly_params) or parameters.star_kwarg is not None


def _on_one_line(params: list[cst.Param]) -> list[cst.Param]:
    blank, last = cst.SimpleWhitespace(" "), len(params) - 1
    return [
        param.with_changes(
            comma=cst.MaybeSentinel.DEFAULT if i == last else cst.Comma(whitespace_after=blank),
            whitespace_after_param=cst.SimpleWhitespace(""),
        )
        for i, param in enumerate(params)
    ]


def _ordered(
    slots: list[cst.Param],
    entries: list[cst.Param | int],
    opening: cst.BaseParenthesizableWhitespace,
) -> list[cst.Param]:
    """The parameters in their new order; those that moved take the layout of their new place."""
    kept = [e for e in entries if isinstance(e, int)]
    if kept == sorted(kept):
        return respace(slots, entries, opening)
    laid_out = list(slots)
    wanted: list[cst.Param | int] = []
    for position, entry in enumerate(entries):
        param = slots[entry] if isinstance(entry, int) else entry
        if position < len(slots):
            laid_out[position] = param.with_changes(
                comma=slots[position].comma,
                whitespace_after_param=slots[position].whitespace_after_param,
            )
            wanted.append(position)
        else:
            wanted.append(param)
    return respace(laid_out, wanted, opening)


# names --------------------------------------------------------------------------------------


def rename_local(file: File, function: Function, old: str, new: str) -> tuple[Edit, ...]:
    """Edits that rename the uses of a function's own variable in its body.

    Closures, comprehensions, f-strings and ``nonlocal`` follow; shadowing names stay. The
    parameter itself is not touched.
    """
    tree = file.tree
    scope = tree.scopes[function]
    edits: list[Edit] = []
    strings: list[ast.JoinedStr] = []
    for node in (n for statement in function.body for n in ast.walk(statement)):
        if isinstance(node, ast.Name) and node.id == old:
            found = tree.scope_of(node).find(old)
            if found is None or found[0] is not scope:
                continue
            holder = next((a for a in tree.ancestors(node) if isinstance(a, ast.JoinedStr)), None)
            if holder is None:
                edits.append(file.replace(node, new))
            elif not any(holder is s for s in strings):
                strings.append(holder)
        elif isinstance(node, ast.Nonlocal) and old in node.names:
            outer = tree.scope_of(node).parent
            found = outer.find(old) if outer else None
            if found is not None and found[0] is scope:
                text = re.sub(rf"\b{re.escape(old)}\b", new, file.text(node))
                edits.append(file.replace(node, text))
    for string in strings:
        if not any(isinstance(a, ast.JoinedStr) for a in tree.ancestors(string)):
            edits += _rename_in_string(file, string, old, new)
    return tuple(edits)


class _Renamer(cst.CSTTransformer):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self.old, self.new = old, new

    def visit_Attribute_attr(self, node: cst.Attribute) -> None:
        self.skip = node.attr

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        if original_node.value == self.old and original_node is not getattr(self, "skip", None):
            return updated_node.with_changes(value=self.new)
        return updated_node

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        if original_node.keyword is not None:
            return updated_node.with_changes(keyword=original_node.keyword)
        return updated_node


def _rename_in_string(file: File, string: ast.JoinedStr, old: str, new: str) -> tuple[Edit, ...]:
    """Inside f-strings ``ast`` has no reliable positions before Python 3.12; libcst has."""
    span = file.span(string)
    text = file.source.slice(span)
    wrapped = cst.parse_expression(f"({text}\n)")
    renamed = wrapped.visit(_Renamer(old, new))
    assert isinstance(renamed, cst.BaseExpression)
    changed = code(renamed)
    return edits_between(text, changed[1:-2], span.start)


def names_used(function: Function) -> set[str]:
    """All plain names that occur in a function, its parameters included."""
    names = {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}
    return names | {n.arg for n in ast.walk(function) if isinstance(n, ast.arg)}


__all__ = [
    "FUNCTIONS",
    "code",
    "edits_between",
    "header_span",
    "names_used",
    "rename_local",
    "respace",
    "rewrite_expression",
    "rewrite_import",
    "rewrite_parameters",
]
