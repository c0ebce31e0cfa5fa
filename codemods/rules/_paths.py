"""The ways through a function: where it ends, and which assignments hold there.

Structured code only: one abstract run over the statements, with the set of assignments that may
hold for each variable. Variables are plain names and attributes of names (``self.loss``).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.scopes import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.scopes import Function


#: Expressions whose inside runs another time, or any number of times.
_LATER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True, eq=False)
class Definition:
    """One assignment to a variable; ``path`` leads into ``value`` where it is unpacked."""

    name: str
    node: ast.AST
    value: ast.expr | None = None
    path: tuple[int, ...] = ()


#: For each variable what may hold; None among it: nothing was assigned on some way. A variable
#: that is not there was assigned on no way.
Env = dict[str, frozenset[Definition | None]]
_UNBOUND: frozenset[Definition | None] = frozenset({None})


@dataclass(frozen=True)
class End:
    """One end of a function: a return statement, or None for falling off its last line."""

    node: ast.Return | None
    env: Env

    def surely(self, name: str) -> bool:
        """Whether a variable is assigned on every way to this end."""
        return None not in self.env.get(name, _UNBOUND)

    def definitions(self, name: str) -> frozenset[Definition]:
        """The assignments of a variable that may hold here."""
        return frozenset(d for d in self.env.get(name, _UNBOUND) if d is not None)


@dataclass
class Paths:
    """What is known about the ways through a function.

    ``before`` holds the assignments in front of each reachable statement, ``after`` those behind
    each block (by the id of its list) that control can run out of.
    """

    ends: list[End] = field(default_factory=list)
    definitions: list[Definition] = field(default_factory=list)
    before: dict[ast.stmt, Env] = field(default_factory=dict)
    after: dict[int, Env] = field(default_factory=dict)

    @property
    def fall(self) -> End | None:
        """The end at the last line, None where no way leads there."""
        return next((e for e in self.ends if e.node is None), None)

    @property
    def returns(self) -> list[End]:
        """The ends at return statements."""
        return [e for e in self.ends if e.node is not None]


def paths(function: Function) -> Paths:
    """Follow every way through a function."""
    return _Follower().run(function)


def _always_run(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression that run whenever it does."""
    yield node
    children: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.BoolOp):
        children = [node.values[0]]
    elif isinstance(node, ast.IfExp):
        children = [node.test]
    elif isinstance(node, ast.Compare):
        children = [node.left, node.comparators[0]]
    elif isinstance(node, _LATER):
        children = []
    for child in children:
        yield from _always_run(child)


def variable(node: ast.AST) -> str | None:
    """The variable that an expression is: a name, or an attribute of a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return None


def join(left: Env | None, right: Env | None) -> Env | None:
    """What holds where two ways meet; None is a way that nothing takes."""
    if left is None or right is None:
        return right if left is None else left
    names = left.keys() | right.keys()
    return {n: left.get(n, _UNBOUND) | right.get(n, _UNBOUND) for n in names}


@dataclass
class _Loop:
    breaks: Env | None = None
    continues: Env | None = None


class _Follower:
    def __init__(self) -> None:
        self.paths = Paths()
        self.made: dict[tuple[ast.AST, str], Definition] = {}
        self.loops: list[_Loop] = []
        #: What holds wherever the body of each open ``try`` may break off.
        self.tries: list[Env | None] = []

    def run(self, function: Function) -> Paths:
        end = self.block(function.body, {})
        if end is not None:
            self.paths.ends.append(End(None, end))
        self.paths.definitions = list(self.made.values())
        return self.paths

    def block(self, statements: list[ast.stmt], env: Env | None) -> Env | None:
        for statement in statements:
            if env is None:
                return None
            self.paths.before[statement] = env
            self.tries = [join(t, env) for t in self.tries]
            env = self.statement(statement, env)
            self.tries = [join(t, env) for t in self.tries]
        if env is not None:
            self.paths.after[id(statements)] = env
        return env

    def statement(self, node: ast.stmt, env: Env) -> Env | None:
        if isinstance(node, ast.Return):
            self.paths.ends.append(End(node, env))
            return None
        if isinstance(node, ast.Raise):
            return None
        if isinstance(node, (ast.Break, ast.Continue)):
            self.leave_loop(node, env)
            return None
        env = self.walruses(node, env)
        if isinstance(node, ast.If):
            return join(self.block(node.body, env), self.block(node.orelse, env))
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            return self.loop(node, env)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return self.with_(node, env)
        if isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            return self.try_(node, env)  # type: ignore[arg-type]
        if isinstance(node, ast.Match):
            return self.match(node, env)
        return self.simple(node, env)

    def simple(self, node: ast.stmt, env: Env) -> Env:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                env = self.bind(target, node, node.value, env)
        elif isinstance(node, ast.AugAssign) or (isinstance(node, ast.AnnAssign) and node.value):
            env = self.bind(node.target, node, node.value, env)
        elif isinstance(node, ast.Delete):
            gone = {variable(t) for t in node.targets}
            env = {name: held for name, held in env.items() if name not in gone}
        elif isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            env = self.assign(node.name, node, None, (), env)
        return env

    def bind(
        self,
        target: ast.expr,
        node: ast.AST,
        value: ast.expr | None,
        env: Env,
        path: tuple[int, ...] = (),
    ) -> Env:
        if isinstance(target, ast.Starred):
            return self.bind(target.value, node, None, env, path)
        if isinstance(target, (ast.Tuple, ast.List)):
            for index, element in enumerate(target.elts):
                inner, rest = value, (*path, index)
                if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                    inner, rest = value.elts[index], path
                env = self.bind(element, node, inner, env, rest)
            return env
        name = variable(target)
        return self.assign(name, node, value, path, env) if name else env

    def assign(
        self, name: str, node: ast.AST, value: ast.expr | None, path: tuple[int, ...], env: Env
    ) -> Env:
        made = self.made.setdefault((node, name), Definition(name, node, value, path))
        return {**env, name: frozenset({made})}

    def walruses(self, node: ast.stmt, env: Env) -> Env:
        """Assignments inside expressions."""
        for part in _expressions(node):
            sure = set(_always_run(part))
            for inner in ast.walk(part):
                if isinstance(inner, ast.NamedExpr):
                    bound = self.assign(inner.target.id, inner, inner.value, (), env)
                    env = bound if inner in sure else join(env, bound) or env
        return env

    def leave_loop(self, node: ast.Break | ast.Continue, env: Env) -> None:
        if not self.loops:
            return
        loop = self.loops[-1]
        if isinstance(node, ast.Break):
            loop.breaks = join(loop.breaks, env)
        else:
            loop.continues = join(loop.continues, env)

    def loop(self, node: ast.For | ast.AsyncFor | ast.While, env: Env) -> Env | None:
        head: Env = env
        ends = len(self.paths.ends)
        while True:
            del self.paths.ends[ends:]
            self.loops.append(_Loop())
            inside = head
            if not isinstance(node, ast.While):
                inside = self.bind(node.target, node, None, head)
            end = self.block(node.body, inside)
            loop = self.loops.pop()
            again = join(end, loop.continues)
            wider = join(head, again) or head
            if wider == head:
                break
            head = wider
        left: Env | None = head
        if isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and node.test.value:
            left = None
        elif _runs_at_least_once(node):
            left = again
        if left is not None:
            left = self.block(node.orelse, left)
        return join(left, loop.breaks)

    def with_(self, node: ast.With | ast.AsyncWith, env: Env) -> Env | None:
        for item in node.items:
            if item.optional_vars is not None:
                env = self.bind(item.optional_vars, node, None, env)
        if not any(_swallows(item.context_expr) for item in node.items):
            return self.block(node.body, env)
        self.tries.append(env)
        end = self.block(node.body, env)
        return join(end, self.tries.pop())

    def try_(self, node: ast.Try, env: Env) -> Env | None:
        self.tries.append(env)
        end = self.block(node.body, env)
        broken = self.tries.pop() or env
        if end is not None:
            end = self.block(node.orelse, end)
        for handler in node.handlers:
            start = broken
            if handler.name:
                start = self.assign(handler.name, handler, None, (), start)
            end = join(end, self.block(handler.body, start))
        if not node.finalbody:
            return end
        if end is None:
            self.block(node.finalbody, broken)
            return None
        return self.block(node.finalbody, end)

    def match(self, node: ast.Match, env: Env) -> Env | None:
        end: Env | None = None
        whole = False
        for case in node.cases:
            start = env
            for pattern in ast.walk(case.pattern):
                name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
                if isinstance(name, str):
                    start = self.assign(name, pattern, None, (), start)
            end = join(end, self.block(case.body, start))
            anything = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            whole = whole or (anything and case.guard is None)
        return end if whole else join(end, env)


def _expressions(node: ast.stmt) -> Iterator[ast.AST]:
    """The expressions of a statement that run with it, those of its blocks left out."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.expr, ast.withitem)):
            yield child


def _runs_at_least_once(node: ast.For | ast.AsyncFor | ast.While) -> bool:
    """``for _ in range(3)`` and loops over a literal."""
    if isinstance(node, ast.While):
        return False
    source = node.iter
    if isinstance(source, (ast.Tuple, ast.List)):
        return any(not isinstance(e, ast.Starred) for e in source.elts)
    if not (isinstance(source, ast.Call) and isinstance(source.func, ast.Name)):
        return False
    count = source.args[0] if len(source.args) == 1 else None
    number = count.value if isinstance(count, ast.Constant) else None
    return source.func.id == "range" and isinstance(number, int) and number > 0


def _swallows(context: ast.expr) -> bool:
    """``contextlib.suppress(...)`` goes on behind the block wherever it broke off."""
    func = context.func if isinstance(context, ast.Call) else context
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    return name in ("suppress", "raises")
