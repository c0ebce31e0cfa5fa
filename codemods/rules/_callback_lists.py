"""Adding callbacks to the ``callbacks=`` of a Trainer."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import libcst as cst

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rewrite import code
from ..engine.values import infer
from ._variables import on_its_own

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._trainer_calls import TrainerCall


def with_callbacks(call: TrainerCall, added: Sequence[str]) -> tuple[str, str | None]:
    """The text of ``callbacks=`` with more callbacks in it, and why that may be wrong."""
    node = call.value("callbacks")
    joined = ", ".join(added)
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        alone = len(added) == 1 and joined.startswith("*(")
        return joined[2:-1] if alone else f"[{joined}]", None
    file = call.home("callbacks")
    text = on_its_own(file.text(node))
    if isinstance(node, ast.List):
        parsed = cst.ensure_type(cst.parse_expression(text), cst.List)
        new = [cst.Element(cst.parse_expression(a)) for a in added]
        return code(_extended(parsed, new)), None
    types = infer(file, node)
    if is_surely(types, Role.CALLBACK.value) and all(t.kind != "none" for t in types):
        return f"[{text}, {joined}]", None
    simple = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    star = text if simple else f"({text})"
    certain = bool(types) and all(t.kind in ("list", "tuple") for t in types)
    return f"[*{star}, {joined}]", None if certain else f"{text} must be a list"


def _extended(parsed: cst.List, new: Sequence[cst.Element]) -> cst.List:
    """A list with more elements, laid out as those that are there."""
    old = list(parsed.elements)
    if not old:
        return parsed.with_changes(elements=new)
    comma = old[0].comma if len(old) > 1 else None
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else _space_inside(parsed)
    if isinstance(space, cst.ParenthesizedWhitespace):
        plain = space.first_line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
        space = space.with_changes(first_line=plain, empty_lines=[])
    separator = cst.Comma(whitespace_after=space)
    elements = [*old[:-1], *(e.with_changes(comma=separator) for e in (old[-1], *new))]
    elements[-1] = elements[-1].with_changes(comma=old[-1].comma)
    return _with_comment_in_place(parsed, len(old) - 1, elements)


def _with_comment_in_place(
    parsed: cst.List, last: int, elements: list[cst.BaseElement]
) -> cst.List:
    """The list with new elements; a comment behind the old last one, before the bracket, stays."""
    end, comma = parsed.rbracket.whitespace_before, elements[last].comma
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    if not isinstance(end, cst.ParenthesizedWhitespace) or end.first_line.comment is None:
        return parsed.with_changes(elements=elements)
    if not isinstance(space, cst.ParenthesizedWhitespace) or not isinstance(comma, cst.Comma):
        return parsed.with_changes(elements=elements)
    line = end.first_line
    moved = comma.with_changes(whitespace_after=space.with_changes(first_line=line))
    elements[last] = elements[last].with_changes(comma=moved)
    plain = line.with_changes(comment=None, whitespace=cst.SimpleWhitespace(""))
    bracket = parsed.rbracket.with_changes(whitespace_before=end.with_changes(first_line=plain))
    return parsed.with_changes(elements=elements, rbracket=bracket)


def _space_inside(parsed: cst.List) -> cst.BaseParenthesizableWhitespace:
    """How a single element is set off: on a line of its own, or not at all."""
    space = parsed.lbracket.whitespace_after
    one_line = not isinstance(space, cst.ParenthesizedWhitespace)
    return cst.SimpleWhitespace(" ") if one_line else space


def members(call: TrainerCall) -> list[ast.expr] | None:
    """The callbacks that are passed, as far as they can be listed; None where they cannot."""
    node = call.value("callbacks")
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return []
    if isinstance(node, (ast.List, ast.Tuple)):
        return list(node.elts)
    file = call.home("callbacks")
    return [node] if is_surely(infer(file, node), Role.CALLBACK.value) else None


def without(call: TrainerCall, kept: Sequence[ast.expr], name: str = "callbacks") -> str | None:
    """The text of a list argument with only some of its elements; None where none is left."""
    node, file = call.value(name), call.home(name)
    if not kept or not isinstance(node, (ast.List, ast.Tuple)):
        return None
    parsed = cst.parse_expression(on_its_own(file.text(node)))
    if not isinstance(parsed, (cst.List, cst.Tuple)):
        return None
    pairs = zip(node.elts, parsed.elements, strict=True)
    elements = [element for at, element in pairs if any(at is k for k in kept)]
    elements[-1] = elements[-1].with_changes(comma=parsed.elements[-1].comma)
    return code(parsed.with_changes(elements=elements))


def holds(call: TrainerCall, last_names: Sequence[str], alone: ast.expr | None = None) -> bool:
    """Whether a callback of one of some classes (by last name, subclasses too) is passed.

    With ``alone``, whether that one is such a callback.
    """
    file = call.home("callbacks")
    for member in [alone] if alone is not None else members(call) or ():
        for made in infer(file, member):
            names = [made.name or ""]
            if made.cls is not None:
                names = [made.cls.name, *(c.name for c in made.cls.mro), *made.cls.foreign_bases]
            if any(n.rpartition(".")[2] in last_names for n in names):
                return True
    return False
