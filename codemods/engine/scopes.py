"""Scopes and bindings: which names a file gives meanings, and where Python would look them up."""

from __future__ import annotations

import ast
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False, slots=True)
class Binding:
    """One place where a name gets a meaning.

    ``value`` is the bound expression where there is one; ``path`` says which part of it after
    unpacking: indices from the outside in. ``kind`` is one of: import, class, function, parameter,
    assign, annotation, loop, with, except, delete, augmented, match, global.
    """

    name: str
    kind: str
    node: ast.AST
    value: ast.expr | None = None
    path: tuple[int, ...] = ()
    target: str | None = None
    annotation: ast.expr | None = None


@dataclass(eq=False, slots=True)
class Scope:
    """A name space of Python: module, class, function, lambda or comprehension."""

    node: ast.AST
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: dict[str, str] = field(default_factory=dict)
    stars: list[ast.ImportFrom] = field(default_factory=list)

    @property
    def is_class(self) -> bool:
        """Whether functions inside this scope do not see its names."""
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_module(self) -> bool:
        """Whether this is the outermost scope."""
        return self.parent is None

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """The scope that a name read here belongs to, with its bindings (Python's own lookup)."""
        scope: Scope | None = self
        first = True
        while scope is not None:
            declared = scope.outer.get(name)
            if declared == "global":
                scope = scope.root
                found = scope.bindings.get(name)
                return (scope, found) if found else None
            if declared is None and (first or not scope.is_class):
                found = scope.bindings.get(name)
                if found:
                    return scope, found
            first = False
            scope = scope.parent
        return None

    @property
    def root(self) -> Scope:
        """The module scope."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope


@dataclass(frozen=True)
class Walked:
    """What one walk over a module gives: parents, scopes, nodes by class in source order."""

    root: Scope
    parents: dict[ast.AST, ast.AST]
    scopes: dict[ast.AST, Scope]
    nodes: dict[type[ast.AST], list[ast.AST]]


def walk(module: ast.Module) -> Walked:
    """Everything about a module that takes a look at each of its nodes."""
    root = Scope(module, None)
    walked = Walked(root, {}, {module: root}, {})
    _Builder(walked).run(module)
    return walked


def evaluated_outside(parent: ast.AST, child: ast.AST) -> bool:
    """Whether a child of a scope node belongs to the scope around it: a decorator, a default."""
    if isinstance(parent, FUNCTIONS):
        return not any(child is s for s in parent.body) and not isinstance(child, ast.arg)
    if isinstance(parent, ast.ClassDef):
        return not any(child is s for s in parent.body)
    if isinstance(parent, ast.Lambda):
        return child is not parent.body
    return False


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """The statements below a node, those of nested functions too, in the order of ``ast.walk``.

    Expressions, which are most of a tree, are not entered.
    """
    pending: deque[ast.AST] = deque([node])
    while pending:
        parent = pending.popleft()
        for name in _BLOCKS:
            block = getattr(parent, name, None)
            if isinstance(block, list):
                pending += block
                yield from (s for s in block if isinstance(s, ast.stmt))


class _Builder:
    """Fills a Walked."""

    def __init__(self, walked: Walked) -> None:
        self.walked = walked

    def run(self, module: ast.Module) -> None:
        # Every node of every file passes here, so nothing is called for most of them. An explicit
        # stack, since user code nests deeper than Python's recursion limit allows; a scope on it
        # says that what comes next is evaluated there.
        stack: list[Any] = [module]
        parents: dict[Any, ast.AST] = self.walked.parents
        nodes: dict[Any, list[ast.AST]] = self.walked.nodes
        scope = self.walked.root
        pop, find = stack.pop, _SHAPES.get
        while stack:
            node = pop()
            kind = node.__class__
            shape = find(kind)
            if shape is None:
                if kind is Scope:
                    scope = node
                    continue
                shape = _shape_of(kind)
            try:
                nodes[kind].append(node)
            except KeyError:
                nodes[kind] = [node]
            children_of, binder, is_scope = shape
            if binder is not None:
                binder(self, node, scope)
            if children_of is None:
                continue
            children = []
            for value in children_of(node):
                if value.__class__ is list:
                    children += value
                elif value is not None:
                    children.append(value)
            for child in children:
                parents[child] = node
            if is_scope:
                children = self._in_scopes(node, scope, children)
            children.reverse()
            stack += children
        # An unpacked dict has None for a key, a parameter without a default None for that.
        nodes.pop(type(None), None)
        parents.pop(None, None)

    def _in_scopes(self, node: Any, scope: Scope, children: list[Any]) -> list[Any]:
        """The children of what makes a scope, each behind the scope that it is evaluated in."""
        inner = self.walked.scopes[node] = Scope(node, scope)
        if isinstance(node, COMPREHENSIONS):
            return [inner, *children, scope]
        if not isinstance(node, ast.ClassDef):
            self._parameters(node.args, inner)
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        first = children.index(body[0])
        behind = first + len(body)
        return [*children[:first], inner, *body, scope, *children[behind:]]

    @staticmethod
    def _parameters(arguments: ast.arguments, scope: Scope) -> None:
        found = scope.bindings
        positional = [*arguments.posonlyargs, *arguments.args]
        first = len(positional) - len(arguments.defaults)
        for index, arg in enumerate(positional):
            default = arguments.defaults[index - first] if index >= first else None
            own = Binding(arg.arg, "parameter", arg, default, annotation=arg.annotation)
            found.setdefault(arg.arg, []).append(own)
        for arg, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            own = Binding(arg.arg, "parameter", arg, value, annotation=arg.annotation)
            found.setdefault(arg.arg, []).append(own)
        for rest in (arguments.vararg, arguments.kwarg):
            if rest is not None:
                own = Binding(rest.arg, "parameter", rest, annotation=rest.annotation)
                found.setdefault(rest.arg, []).append(own)

    def on_import(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Import)
        for alias in node.names:
            if alias.asname:
                bind(scope, Binding(alias.asname, "import", node, target=alias.name))
            else:
                top = alias.name.partition(".")[0]
                bind(scope, Binding(top, "import", node, target=top))

    def on_import_from(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.ImportFrom)
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                scope.stars.append(node)
                continue
            joined = module + alias.name if module.endswith(".") else f"{module}.{alias.name}"
            bind(scope, Binding(alias.asname or alias.name, "import", node, target=joined))

    def on_definition(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, (*FUNCTIONS, ast.ClassDef))
        kind = "class" if isinstance(node, ast.ClassDef) else "function"
        bind(scope, Binding(node.name, kind, node))

    def on_assign(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Assign)
        for target in node.targets:
            self._target(target, node, scope, "assign", node.value)

    def on_annotated(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.AnnAssign)
        if isinstance(node.target, ast.Name):
            kind = "assign" if node.value is not None else "annotation"
            bind(
                scope,
                Binding(node.target.id, kind, node, node.value, annotation=node.annotation),
            )

    def on_augmented(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.AugAssign)
        self._target(node.target, node, scope, "augmented", None)

    def on_loop(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, (ast.For, ast.AsyncFor))
        self._target(node.target, node, scope, "loop", node.iter)

    def on_comprehension(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.comprehension)
        self._target(node.target, node, scope, "loop", node.iter)

    def on_with(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, (ast.With, ast.AsyncWith))
        for item in node.items:
            if item.optional_vars is not None:
                self._target(item.optional_vars, node, scope, "with", item.context_expr)

    def on_except(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.ExceptHandler)
        if node.name:
            bind(scope, Binding(node.name, "except", node))

    def on_walrus(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.NamedExpr)
        while isinstance(scope.node, COMPREHENSIONS) and scope.parent:
            scope = scope.parent
        self._target(node.target, node, scope, "assign", node.value)

    def on_outer(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, (ast.Global, ast.Nonlocal))
        kind = "global" if isinstance(node, ast.Global) else "nonlocal"
        for name in node.names:
            scope.outer[name] = kind

    def on_delete(self, node: ast.AST, scope: Scope) -> None:
        assert isinstance(node, ast.Delete)
        for target in node.targets:
            if isinstance(target, ast.Name):
                bind(scope, Binding(target.id, "delete", node))

    def on_match(self, node: ast.AST, scope: Scope) -> None:
        name = getattr(node, "name", None) or getattr(node, "rest", None)
        if name:
            bind(scope, Binding(name, "match", node))

    def _target(
        self,
        target: ast.expr,
        node: ast.AST,
        scope: Scope,
        kind: str,
        value: ast.expr | None,
        path: tuple[int, ...] = (),
    ) -> None:
        if isinstance(target, ast.Name):
            bind(scope, Binding(target.id, kind, node, value, path))
        elif isinstance(target, ast.Starred):
            self._target(target.value, node, scope, kind, None, path)
        elif isinstance(target, (ast.Tuple, ast.List)):
            starred = False
            for index, element in enumerate(target.elts):
                starred = starred or isinstance(element, ast.Starred)
                inner = None if starred else value
                self._target(element, node, scope, kind, inner, (*path, index))


def bind(scope: Scope, binding: Binding) -> None:
    """Record a binding where Python would put it: ``global`` and ``nonlocal`` respected."""
    if scope.outer:
        declared = scope.outer.get(binding.name)
        if declared == "global":
            scope = scope.root
        elif declared == "nonlocal":
            found = scope.parent.find(binding.name) if scope.parent else None
            scope = found[0] if found else scope
    known = scope.bindings.get(binding.name)
    if known is None:
        scope.bindings[binding.name] = [binding]
    else:
        known.append(binding)


_SCOPES = frozenset({*FUNCTIONS, ast.ClassDef, ast.Lambda, *COMPREHENSIONS})
_BINDERS = {
    ast.Import: _Builder.on_import,
    ast.ImportFrom: _Builder.on_import_from,
    ast.FunctionDef: _Builder.on_definition,
    ast.AsyncFunctionDef: _Builder.on_definition,
    ast.ClassDef: _Builder.on_definition,
    ast.Assign: _Builder.on_assign,
    ast.AnnAssign: _Builder.on_annotated,
    ast.AugAssign: _Builder.on_augmented,
    ast.For: _Builder.on_loop,
    ast.AsyncFor: _Builder.on_loop,
    ast.comprehension: _Builder.on_comprehension,
    ast.With: _Builder.on_with,
    ast.AsyncWith: _Builder.on_with,
    ast.ExceptHandler: _Builder.on_except,
    ast.NamedExpr: _Builder.on_walrus,
    ast.Global: _Builder.on_outer,
    ast.Nonlocal: _Builder.on_outer,
    ast.Delete: _Builder.on_delete,
    ast.MatchAs: _Builder.on_match,
    ast.MatchStar: _Builder.on_match,
    ast.MatchMapping: _Builder.on_match,
}

#: Fields that hold statements, or what holds statements, in the order of the source.
_BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
#: Fields that hold text, numbers, or the shared objects for contexts and operators.
_PLAIN = frozenset(
    {
        "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "kwd_attrs",
        "level", "lineno", "module", "name", "op", "ops", "rest", "simple", "str", "tag",
        "type_comment", "type_ignores",
    }
)  # fmt: skip
#: Classes of which no field holds a node, though the name of one says otherwise elsewhere.
_CHILDLESS = frozenset({ast.Constant, ast.Global, ast.Nonlocal, ast.MatchSingleton})
_Shape = tuple[Callable[[Any], Any] | None, Callable[[Any, Any, Scope], None] | None, bool]


def _shape_of(kind: type) -> _Shape:
    """How to get at the children of a class of nodes, what it binds, whether it makes a scope."""
    names = [n for n in getattr(kind, "_fields", ()) if n not in _PLAIN]
    if kind.__name__ == "TypeAlias":
        names.insert(0, "name")
    children: Callable[[Any], Any] | None = None
    if names and kind not in _CHILDLESS:
        # With two names or more it gives a tuple.
        children = attrgetter(*names) if len(names) > 1 else _alone(attrgetter(*names))
    return children, _BINDERS.get(kind), kind in _SCOPES


def _alone(get: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda node: (get(node),)


_SHAPES: dict[type, _Shape] = {
    kind: _shape_of(kind)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
