"""Values behind expressions: literals, conditional ones, and variables that hold just one."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from ..engine.flow import reaching
from ..engine.scopes import FUNCTIONS, Scope
from ..model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..engine.file import File


class _Unknown:
    """The value of an expression that is no literal."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass(frozen=True, eq=False)
class Leaf:
    """One value that an expression may have, and the node to replace for another value.

    ``within`` tells whether the node is inside the expression itself; else it is the literal that
    a variable is set to.
    """

    node: ast.expr
    value: object
    within: bool = True


def literal(node: ast.expr | None) -> object:
    """The Python value of a literal expression, else ``UNKNOWN``."""
    if node is None:
        return UNKNOWN
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return UNKNOWN


def loads(file: File, scope: Scope, name: str) -> list[ast.Name]:
    """All places of a file that read a variable of a scope."""
    found = []
    for node in file.tree.all(ast.Name):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            home = file.tree.scope_of(node).find(name)
            if home is not None and home[0] is scope:
                found.append(node)
    return found


def used_in_other_files(file: File, name: str) -> bool:
    """Whether another file of the run may read a module-level variable."""
    word, stem = name.encode(), file.path.stem.encode()
    others = file.project.holding(word, file.path, beside=(stem,))
    return any(other is not file for other in others)


def leaves(file: File, node: ast.expr) -> list[Leaf]:
    """Every value that an expression may have: through ``if``/``else``, ``or`` and variables."""
    if isinstance(node, ast.IfExp):
        return leaves(file, node.body) + leaves(file, node.orelse)
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        *first, last = [leaves(file, value) for value in node.values]
        # A value that counts as false never gets through ``or``.
        through = [leaf for part in first for leaf in part if leaf.value is UNKNOWN or leaf.value]
        return through + last
    if isinstance(node, ast.Name):
        return _of_variable(file, node)
    return [Leaf(node, literal(node))]


def _of_variable(file: File, node: ast.Name) -> list[Leaf]:
    found = file.tree.scope_of(node).find(node.id)
    values = reached_values(file, node)
    if found is None or not values:
        return [Leaf(node, UNKNOWN)]
    behind = [
        leaf
        for value in values
        for leaf in ([Leaf(value, UNKNOWN)] if isinstance(value, ast.Name) else leaves(file, value))
    ]
    shared = len(loads(file, found[0], node.id)) > 1 or (
        found[0].is_module and used_in_other_files(file, node.id)
    )
    if not shared:
        return [Leaf(leaf.node, leaf.value, within=False) for leaf in behind]
    if len(behind) == 1:
        return [Leaf(node, behind[0].value)]
    return [Leaf(node, UNKNOWN)]


def reached_values(file: File, name: ast.Name) -> list[ast.expr]:
    """The expressions that a variable may be set to where it is read; none where one is unknown."""
    found = file.tree.scope_of(name).find(name.id)
    if found is None:
        return []
    values = []
    for binding in reaching(file.tree, name, found):
        if binding.kind != "assign" or binding.path or binding.value is None:
            return []
        values.append(binding.value)
    return values


def may_be_none(file: File, node: ast.expr, depth: int = 4) -> bool:
    """Whether a variable is set to ``None`` on a way to an expression that no test guards."""
    if isinstance(node, ast.Constant):
        return node.value is None
    if isinstance(node, ast.IfExp):
        return any(may_be_none(file, part, depth) for part in (node.body, node.orelse))
    if not isinstance(node, ast.Name) or not depth or is_tested(file, node, of_type=False):
        return False
    found = file.tree.scope_of(node).find(node.id)
    return found is not None and any(
        binding.value is not None and may_be_none(file, binding.value, depth - 1)
        for binding in reaching(file.tree, node, found)
        if binding.kind == "assign" and not binding.path
    )


def put(file: File, node: ast.expr, replaced: Mapping[Leaf, str]) -> tuple[str, tuple[Edit, ...]]:
    """The text of an expression with leaves replaced, and the edits of variables elsewhere."""
    span = file.span(node)
    data = file.source.data[span.start : span.end]
    inside = [(file.span(leaf.node), text) for leaf, text in replaced.items() if leaf.within]
    for place, text in sorted(inside, key=lambda pair: pair[0], reverse=True):
        start, end = place.start - span.start, place.end - span.start
        data = data[:start] + text.encode() + data[end:]
    edits = [file.replace(leaf.node, text) for leaf, text in replaced.items() if not leaf.within]
    return on_its_own(data.decode()), tuple(edits)


def on_its_own(text: str) -> str:
    """Text of an expression, in parentheses where it needs them to stand alone."""
    try:
        cst.parse_expression(text)
    except cst.ParserSyntaxError:
        return f"({text})"
    return text


def quoted(file: File, near: ast.AST, text: str) -> str:
    """A string literal in the quotes that the code around a node uses."""
    for candidate in (near, file.tree.module):
        counts = {"'": 0, '"': 0}
        for node in _strings(candidate):
            first = file.text(node)[:1]
            if first in counts:
                counts[first] += 1
        if sum(counts.values()):
            mark = "'" if counts["'"] > counts['"'] else '"'
            return f"{mark}{text}{mark}"
    return f'"{text}"'


def _strings(node: ast.AST) -> Iterator[ast.Constant]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner


def default_of(file: File, node: ast.expr) -> ast.expr | None:
    """The default of the parameter or the command-line option that an expression reads.

    None where there is none, where the value is set or tested in between, or where it is known.
    """
    if isinstance(node, ast.Name):
        found = file.tree.scope_of(node).find(node.id)
        if found is None or len(found[1]) != 1 or found[1][0].kind != "parameter":
            return None
        if not isinstance(found[0].node, FUNCTIONS) or is_tested(file, node):
            return None
        return found[1][0].value
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return None
    if is_tested(file, node) or is_set(file, node.attr):
        return None
    return option_default(file, node.attr)


def option_default(file: File, dest: str) -> ast.expr | None:
    """The ``default=`` of the ``add_argument`` call that makes an option of a file."""
    for call in file.tree.calls:
        if not isinstance(call.func, ast.Attribute) or call.func.attr != "add_argument":
            continue
        named = {k.arg: k.value for k in call.keywords}
        texts = [a.value for a in call.args if isinstance(a, ast.Constant)]
        long = next((t for t in texts if isinstance(t, str) and t.startswith("--")), "")
        given = literal(named.get("dest"))
        name = given if isinstance(given, str) else long.lstrip("-").replace("-", "_")
        if name == dest and "default" in named:
            return named["default"]
    return None


def is_tested(file: File, node: ast.expr, *, of_type: bool = True) -> bool:
    """Whether a condition around a node, or a statement in its function, asks for its value.

    Without ``of_type`` one that only asks which class it is of does not count.
    """
    text = file.text(node)
    function = file.tree.enclosing_function(node) or file.tree.module
    for test in ast.walk(function):
        if isinstance(test, (ast.If, ast.IfExp, ast.While, ast.Assert)):
            if not of_type and _is_isinstance(test.test):
                continue
            for part in ast.walk(test.test):
                if isinstance(part, type(node)) and file.text(part) == text:
                    return True
    return False


def _is_isinstance(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "isinstance"
    )


def is_set(file: File, attribute: str) -> bool:
    """Whether a file assigns to an attribute of that name, of any object."""
    return any(
        isinstance(n, ast.Attribute) and n.attr == attribute and isinstance(n.ctx, ast.Store)
        for n in file.tree.all(ast.Attribute)
    )
