"""Which variable of a training step is the loss.

Evidence is what the step says: it logs the variable under a name with "loss" in it, computes it by
a loss function, or calls it a loss. A candidate that another one is computed from is a part of it.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.scopes import FUNCTIONS
from ..engine.values import infer, own_nodes
from ._detached import uncut
from ._loss_values import (
    OTHER,
    is_loss_name,
    is_loss_value,
    is_super_step,
    literal_text,
    logged,
    words,
)
from ._paths import variable
from ._steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._paths import Definition

_WHOLE = frozenset({"total", "all", "final", "sum", "combined", "full", "overall", "joint"})
_NO_GRAD = ("torch.no_grad", "torch.inference_mode", "torch.autograd.no_grad")
_COLLECTING = frozenset({"append", "extend", "add", "update", "insert", "setdefault"})
_PLAIN_VALUES = (
    ast.Constant, ast.List, ast.Tuple, ast.Set, ast.Dict, ast.ListComp, ast.SetComp, ast.DictComp,
    ast.GeneratorExp, ast.Lambda, ast.JoinedStr, ast.Compare,
)  # fmt: skip
_NOT_TENSORS = frozenset({"tuple", "list", "dict", "class", "function", "constant", "none"})


@dataclass(frozen=True)
class Verdict:
    """How the loss of a step is written and on which variable it hangs, or why it is not known."""

    text: str | None = None
    root: str = ""
    reason: str = ""


class Losses:
    """The candidates for the loss of one step."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.definitions: dict[str, list[Definition]] = {}
        for definition in step.paths.definitions:
            self.definitions.setdefault(definition.name, []).append(definition)
        self.roots: dict[str, str] = {}

    # candidates -----------------------------------------------------------------------------

    @cached_property
    def verdict(self) -> Verdict:
        """Which variable is the loss, for certain; else what is in the way."""
        found = self.candidates
        sinks = [
            c
            for c in found
            if self._is_left_over(c) or not any(c in self._parts(o) for o in found if o != c)
        ]
        if not sinks:
            return Verdict(reason="no variable of the step can be told to be the loss")
        if len(sinks) > 1:
            listed = " and ".join(f"`{s}`" for s in sorted(sinks))
            return Verdict(reason=f"{listed} may each be the loss")
        whole = sinks[0]
        if "loss" in found and whole != "loss" and not words(whole) & _WHOLE:
            return Verdict(reason=f"`loss` and `{whole}` may each be the loss")
        return Verdict(whole, self.roots[whole])

    @cached_property
    def candidates(self) -> list[str]:
        """Variables, and parts of variables, for which something speaks."""
        found: list[str] = []
        for name, definitions in self.definitions.items():
            last = name.rpartition(".")[2]
            named = is_loss_name(last) and any(d.value for d in definitions)
            computed = not words(last) & OTHER and any(map(self._is_computed, definitions))
            if named or computed:
                self.roots[name] = name
                found.append(name)
        for value in self._labelled():
            part = self._part(uncut(value) or value)
            if part is not None and part not in found:
                found.append(part)
        return [
            c for c in found if self._may_be_tensor(self.roots[c], c) and not self._is_called(c)
        ]

    def _is_computed(self, definition: Definition) -> bool:
        value = definition.value
        return value is not None and not definition.path and is_loss_value(self.step, value)

    def _may_be_tensor(self, root: str, candidate: str) -> bool:
        definitions = self.definitions[root]
        if candidate != root:
            return any(not isinstance(d.node, FUNCTIONS) for d in definitions)
        return any(self._makes_tensor(d) for d in definitions)

    def _makes_tensor(self, definition: Definition) -> bool:
        node, value = definition.node, definition.value
        if isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.ExceptHandler)):
            return False
        if self._is_without_graph(node):
            return False
        if value is None or isinstance(node, ast.AugAssign):
            return True
        if not definition.path and (isinstance(value, _PLAIN_VALUES) or uncut(value) is not None):
            return False
        types = infer(self.step.file, value)
        for index in definition.path:
            types = frozenset(t for owner in types for t in owner.at(index))
        return not types or not all(t.kind in _NOT_TENSORS for t in types)

    def _is_without_graph(self, node: ast.AST) -> bool:
        file = self.step.file
        for parent in file.tree.ancestors(node):
            if parent is self.step.function:
                return False
            if isinstance(parent, (ast.With, ast.AsyncWith)):
                for item in parent.items:
                    context = item.context_expr
                    func = context.func if isinstance(context, ast.Call) else context
                    if file.canonical(func) in _NO_GRAD:
                        return True
        return False

    def _is_called(self, name: str) -> bool:
        return any(
            isinstance(n, ast.Call) and variable(n.func) == name
            for n in ast.walk(self.step.function)
        )

    # what is said about values --------------------------------------------------------------

    def _labelled(self) -> Iterator[ast.expr]:
        """Values that stand under a key with "loss" in it, in a log or a dict."""
        for node in self.step.nodes:
            if isinstance(node, ast.Call):
                pair = logged(node)
                if pair is not None and is_loss_name(literal_text(pair[0])):
                    yield pair[1]
                if isinstance(node.func, ast.Name) and node.func.id == "dict":
                    yield from (k.value for k in node.keywords if k.arg and is_loss_name(k.arg))
            elif isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if key is not None and is_loss_name(literal_text(key)):
                        yield value

    def _part(self, node: ast.expr) -> str | None:
        """The text of a variable, or of a fixed part of one (``out["loss"]``, ``out.loss``)."""
        name = variable(node)
        if name is not None and name in self.definitions:
            self.roots[name] = name
            return name
        inner = node
        while isinstance(inner, (ast.Attribute, ast.Subscript)):
            if isinstance(inner, ast.Subscript) and not isinstance(inner.slice, ast.Constant):
                return None
            inner = inner.value
            root = variable(inner)
            if root is not None and root in self.definitions:
                text = self.step.file.text(node)
                self.roots[text] = root
                return text
        return None

    # what flows where -----------------------------------------------------------------------

    @cached_property
    def _flows(self) -> dict[str, set[str]]:
        """For each variable the variables, and parts, that it is computed from."""
        flows: dict[str, set[str]] = {}
        for definition in self.step.paths.definitions:
            if definition.value is not None:
                flows.setdefault(definition.name, set()).update(self._mentions(definition.value))
        for node in self.step.nodes:
            for target, source in _feeds(node):
                name = variable(target)
                if name is not None:
                    flows.setdefault(name, set()).update(self._mentions(source))
        for part, root in self.roots.items():
            if part != root:
                flows.setdefault(part, set()).add(root)
        return flows

    @cached_property
    def _used(self) -> set[Definition]:
        """The assignments whose values go into other variables."""
        sources = [(d.node, d.value) for d in self.step.paths.definitions if d.value is not None]
        sources += [(node, source) for node in self.step.nodes for _, source in _feeds(node)]
        used: set[Definition] = set()
        for node, source in sources:
            env = self.step.paths.before.get(self.step.file.tree.statement(node), {})
            for name in self._mentions(source):
                used.update(d for d in env.get(name, ()) if d is not None)
        return used

    def _is_left_over(self, candidate: str) -> bool:
        """Whether a value that a variable may have in the end has gone into no other one.

        The same name may be used twice: for a part of the loss, and for another loss later.
        """
        root = self.roots[candidate]
        return any(not end.definitions(root) <= self._used for end in self.step.paths.ends)

    def _mentions(self, node: ast.expr) -> set[str]:
        if uncut(node) is not None:
            return set()
        found = (
            {self.step.file.text(node)}
            if isinstance(node, (ast.Attribute, ast.Subscript))
            else set()
        )
        name = variable(node)
        if name is not None:
            found.add(name)
        for child in ast.iter_child_nodes(node):
            for inner in _expressions(child):
                found |= self._mentions(inner)
        return found

    def _parts(self, name: str) -> set[str]:
        """Everything that flows into a variable."""
        found: set[str] = set()
        pending = [name]
        while pending:
            for part in self._flows.get(pending.pop(), ()):
                if part not in found:
                    found.add(part)
                    pending.append(part)
        return found


def _feeds(node: ast.AST) -> Iterator[tuple[ast.AST, ast.expr]]:
    """What goes into what beside plain assignment: loops, ``x.append(y)``, ``x[i] = y``."""
    if isinstance(node, ast.For):
        yield from ((target, node.iter) for target in ast.walk(node.target))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in _COLLECTING:
            values = (*node.args, *(k.value for k in node.keywords))
            yield from ((node.func.value, value) for value in values)
    elif isinstance(node, ast.Assign):
        yield from ((t.value, node.value) for t in node.targets if isinstance(t, ast.Subscript))


def _expressions(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.expr):
        yield node
    else:
        for child in ast.iter_child_nodes(node):
            yield from _expressions(child)


def gives_loss(step: Step, call: ast.Call, depth: int = 3) -> bool:
    """Whether a call of one of the step's own methods returns the loss on every way."""
    func = call.func
    if not isinstance(func, ast.Attribute) or depth == 0:
        return False
    if is_super_step(func):
        above = next((c for c in step.cls.mro[1:] if "training_step" in c.methods), None)
        return above is not None and any(
            isinstance(n, ast.Return) and n.value is not None
            for n in own_nodes(above.methods["training_step"])
        )
    found = step.cls.method(func.attr) if step.is_self(func.value) else None
    if found is None:
        return False
    owner, function = found
    own = self_name(function)
    if own is None or not isinstance(function, ast.FunctionDef) or function.decorator_list:
        return False
    helper = Step(owner.file, owner, function, own)
    if any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in helper.nodes):
        return False
    if helper.paths.fall is not None or not helper.paths.returns:
        return False
    values = [e.node.value for e in helper.paths.returns if e.node is not None]
    return all(v is not None and _is_loss_of(helper, v, depth - 1) for v in values)


def _is_loss_of(helper: Step, value: ast.expr, depth: int) -> bool:
    if is_loss_value(helper, value):
        return True
    if isinstance(value, ast.Call):
        return gives_loss(helper, value, depth)
    verdict = Losses(helper).verdict
    return verdict.text is not None and helper.file.text(value) == verdict.text
