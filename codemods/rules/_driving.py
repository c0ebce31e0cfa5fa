"""Calls by which a training step drives its optimizers itself."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.kinds import is_surely, may_be
from ..engine.values import infer
from ._optimizers import OPTIMIZER, SCHEDULER, Held, held
from ._paths import variable
from ._steps import Step, family

if TYPE_CHECKING:
    from ..engine.scopes import Function

ZERO = "zero_grad"
STEP = "step"
BACKWARD = "backward"
MANUAL_BACKWARD = "manual_backward"
SCHEDULE = "scheduler"
TOGGLE = "toggle"
CLIP = "clip"
SCALER = "scaler"

_CLIPPING = (
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_value_",
    "torch.nn.utils.clip_grad.clip_grad_norm_",
    "torch.nn.utils.clip_grad.clip_grad_value_",
)
_TOGGLES = ("toggle_optimizer", "untoggle_optimizer", "toggle_model", "toggled_optimizer")


@dataclass(frozen=True, eq=False)
class HandCall:
    """One such call: its kind, and where it is made.

    ``straight`` calls are made once, on every way that comes by; ``nested`` ones stand in a
    function inside the step. ``home`` is the method that holds the call.
    """

    kind: str
    node: ast.Call
    home: Step
    on: Held | None = None
    straight: bool = True
    nested: bool = False

    @property
    def tensor(self) -> ast.expr | None:
        """What a backward call runs on."""
        if self.kind == BACKWARD:
            assert isinstance(self.node.func, ast.Attribute)
            return self.node.func.value
        return self.node.args[0] if self.node.args else None


@dataclass
class Driving:
    """All hand-made calls of a step, in source order, those in its helper methods too."""

    step: Step
    calls: list[HandCall] = field(default_factory=list)
    #: Helper methods that only the step uses: the method and the call of it.
    helpers: list[tuple[Step, ast.Call]] = field(default_factory=list)
    #: Optimizers of somebody else: made in the step, or not known to Lightning.
    strangers: list[ast.Call] = field(default_factory=list)
    inner: bool = False

    def of(self, *kinds: str) -> list[HandCall]:
        """The calls of some kinds."""
        return [c for c in self.calls if c.kind in kinds]

    @property
    def reads_gradients(self) -> bool:
        """Whether the step looks at ``.grad``."""
        return any(
            isinstance(n, ast.Attribute) and n.attr == "grad" for n in ast.walk(self.step.function)
        )


@lru_cache(maxsize=4)
def driving(step: Step) -> Driving:
    """What a step does to its optimizers."""
    found = Driving(step)
    _collect(step, found, straight=True)
    for helper, call in _helpers(step):
        before = len(found.calls)
        _collect(helper, found, straight=_is_straight(step, call))
        if len(found.calls) > before:
            found.helpers.append((helper, call))
    _attribute(found)
    return found


def drives(step: Step) -> bool:
    """Whether a step runs backward on its loss itself."""
    return bool(driving(step).of(BACKWARD, MANUAL_BACKWARD, SCALER))


def _collect(home: Step, into: Driving, *, straight: bool) -> None:
    own = {id(n) for n in home.nodes}
    for node in sorted(
        (n for n in ast.walk(home.function) if isinstance(n, ast.Call)),
        key=lambda n: (n.end_lineno or 0, n.end_col_offset or 0),
    ):
        kind, on = _kind(home, node)
        if kind is None:
            if _is_stranger(home, node):
                into.strangers.append(node)
            continue
        nested = id(node) not in own
        is_straight = straight and not nested and _is_straight(home, node)
        into.calls.append(HandCall(kind, node, home, on, is_straight, nested))
    into.inner = into.inner or any(
        isinstance(n, ast.Call)
        and is_surely(infer(home.file, n), OPTIMIZER)
        and held(home, n) is None
        for n in home.nodes
    )


def _kind(home: Step, node: ast.Call) -> tuple[str | None, Held | None]:
    func = node.func
    if home.file.canonical(func) in _CLIPPING:
        return CLIP, None
    if not isinstance(func, ast.Attribute):
        return None, None
    if func.attr == MANUAL_BACKWARD and home.is_self(func.value):
        return MANUAL_BACKWARD, None
    if func.attr == "clip_gradients" and home.is_self(func.value):
        return CLIP, None
    if func.attr in _TOGGLES and (home.is_self(func.value) or held(home, func.value)):
        return TOGGLE, None
    if func.attr == ZERO and home.is_self(func.value):
        return ZERO, None
    if func.attr == BACKWARD:
        return _backward_kind(home, func.value), None
    if func.attr not in (ZERO, STEP):
        return None, None
    if _is_scaler(home, func.value):
        return SCALER, None
    on = held(home, func.value)
    if on is None:
        return None, None
    if on.kind == SCHEDULER:
        return (SCHEDULE if func.attr == STEP else None), on
    return func.attr, on


def _backward_kind(home: Step, receiver: ast.expr) -> str | None:
    if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Attribute):
        if receiver.func.attr == "scale" or _is_scaler(home, receiver.func.value):
            return SCALER
        if isinstance(receiver.func.value, ast.Name) and receiver.func.value.id == "super":
            return None
    if home.is_self(receiver) or (isinstance(receiver, ast.Call) and _is_super(receiver)):
        return None
    name = home.file.canonical(receiver)
    if name is not None and "." in name:
        # torch.autograd.backward(...) and the like
        return None
    return BACKWARD


def _is_super(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == "super"


def _is_scaler(home: Step, receiver: ast.expr) -> bool:
    name = variable(receiver) or ""
    if name.rpartition(".")[2].lower().endswith("scaler") and "grad" in name.lower():
        return True
    return any((t.name or "").endswith("GradScaler") for t in infer(home.file, receiver))


def _is_stranger(home: Step, node: ast.Call) -> bool:
    """``something.step()`` where something is an optimizer, or may be one by its name."""
    func = node.func
    if not isinstance(func, ast.Attribute) or func.attr not in (STEP, ZERO):
        return False
    if may_be(infer(home.file, func.value), OPTIMIZER):
        return True
    name = home.file.text(func.value).rpartition(".")[2].lower()
    return "opt" in name


def _is_straight(home: Step, node: ast.AST) -> bool:
    """Whether nothing but ``with`` stands between a node and the body of its method."""
    for parent in home.file.tree.ancestors(node):
        if parent is home.function:
            return True
        if isinstance(parent, (ast.stmt, ast.ExceptHandler)) and not isinstance(
            parent, (ast.With, ast.AsyncWith, ast.Expr, ast.Assign)
        ):
            return False
        if isinstance(parent, (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension)):
            return False
    return False


def _helpers(step: Step) -> list[tuple[Step, ast.Call]]:
    """The methods of the same file that the step calls and nothing else does."""
    found = []
    for node in step.nodes:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if not step.is_self(node.func.value):
            continue
        method = step.cls.method(node.func.attr)
        if method is None or method[0].file is not step.file or method[1] is step.function:
            continue
        owner, function = method
        own = self_name(function)
        if own is not None and _uses(step, function) == 1:
            found.append((Step(owner.file, owner, function, own), node))
    return found


def _uses(step: Step, function: Function) -> int:
    files = {cls.file for cls in family(step.cls)}
    return sum(
        isinstance(n, ast.Attribute) and n.attr == function.name
        for file in files
        for n in file.tree.all(ast.Attribute)
    )


def _attribute(found: Driving) -> None:
    """Leave out backward calls that are no training: adversarial inputs, inner loops, saliency."""
    own = bool(found.of(STEP, ZERO, MANUAL_BACKWARD))
    if own:
        return
    kept = []
    for call in found.calls:
        if call.kind == BACKWARD and (found.inner or not _is_of_loss(found, call)):
            continue
        if call.kind in (CLIP, TOGGLE) and found.inner:
            continue
        kept.append(call)
    found.calls = kept


def _is_of_loss(found: Driving, call: HandCall) -> bool:
    """Whether backward runs on what the step returns, or on the only thing it has."""
    step = found.step
    values = [
        e for e in step.paths.returns
        if e.node is not None and e.node.value is not None
        and not (isinstance(e.node.value, ast.Constant) and e.node.value.value is None)
    ]  # fmt: skip
    if not values:
        return True
    name = variable(call.tensor) if call.tensor is not None else None
    if name is None or call.home is not step:
        return False
    before = step.paths.before.get(step.file.tree.statement(call.node), {}).get(name)
    for end in values:
        assert end.node is not None
        mentioned = {variable(n) for n in ast.walk(end.node)}
        if name in mentioned and before == end.env.get(name):
            return True
    return False


__all__ = ["Driving", "HandCall", "drives", "driving"]
