"""Scopes and bindings: which names a file gives meanings, and where Python would look them up."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(eq=False)
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


@dataclass(eq=False)
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


class _Builder:
    """Fills a Walked."""

    def __init__(self, walked: Walked) -> None:
        self.walked = walked

    def run(self, module: ast.Module) -> None:
        # An explicit stack: user code nests deeper than Python's recursion limit allows.
        stack: list[tuple[ast.AST, Scope]] = [(module, self.walked.root)]
        parents, nodes = self.walked.parents, self.walked.nodes
        binders = _BINDERS
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            nodes.setdefault(kind, []).append(node)
            if kind in _CHILDLESS:
                continue
            binder = binders.get(kind)
            if binder is not None:
                binder(self, node, scope)
            inner = self._inner_scope(node, scope) if kind in _SCOPES else scope
            children = []
            for name in kind._fields:
                value = getattr(node, name, None)
                if isinstance(value, list):
                    children += [item for item in value if isinstance(item, ast.AST)]
                elif isinstance(value, ast.AST):
                    children.append(value)
            for child in reversed(children):
                if type(child) in _MARKS:
                    continue
                parents[child] = node
                outside = inner is not scope and evaluated_outside(node, child)
                stack.append((child, scope if outside else inner))

    def _inner_scope(self, node: ast.AST, scope: Scope) -> Scope:
        inner = self.walked.scopes[node] = Scope(node, scope)
        if isinstance(node, (*FUNCTIONS, ast.Lambda)):
            self._parameters(node.args, inner)
        return inner

    @staticmethod
    def _parameters(arguments: ast.arguments, scope: Scope) -> None:
        positional = [*arguments.posonlyargs, *arguments.args]
        padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        pairs: list[tuple[ast.arg, ast.expr | None]] = list(
            zip(positional, [*padding, *arguments.defaults], strict=True)
        )
        pairs += list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))
        pairs += [(a, None) for a in (arguments.vararg, arguments.kwarg) if a is not None]
        for arg, default in pairs:
            bind(scope, Binding(arg.arg, "parameter", arg, default, annotation=arg.annotation))

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
    declared = scope.outer.get(binding.name)
    if declared == "global":
        scope = scope.root
    elif declared == "nonlocal":
        found = scope.parent.find(binding.name) if scope.parent else None
        scope = found[0] if found else scope
    scope.bindings.setdefault(binding.name, []).append(binding)


_SCOPES = frozenset({*FUNCTIONS, ast.ClassDef, ast.Lambda, *COMPREHENSIONS})
_CHILDLESS = frozenset({ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue})
#: Contexts and operators: shared objects without a place in the text.
_MARKS = frozenset(
    kind
    for family in (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
    for kind in family.__subclasses__()
)
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
