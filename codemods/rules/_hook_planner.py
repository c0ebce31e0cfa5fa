"""Plans for all hooks of a project, each with the calls and the body that go with it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from ..engine.classes import Class, self_name
from ..engine.imports import spell
from ..engine.scopes import FUNCTIONS
from ..engine.values import own_nodes
from ..lightning import api
from ..lightning.hooks import CALLBACK, hook_names
from ..lightning.names import is_lightning
from ..model import Need, Safety
from ._hook_body import has_head
from ._hook_callback_state import takes_state
from ._hook_calls import Followed, Reached, hook_calls
from ._hook_follow import Around, follow
from ._hook_optimizers import Count, declares_manual, optimizer_count
from ._hook_owner import hook_of, is_plain_method, unknown_decorator
from ._hook_plan import Plan, draft, is_last, keep_at_end, value_of
from ._hook_shape import STEPS, is_copied, shape_of

if TYPE_CHECKING:
    from ..engine.file import File
    from ..engine.scopes import Function

#: The rule on epoch ends owns these, where they take more than they are given.
_EPOCH_ENDS = frozenset(
    f"on_{stage}_epoch_end" for stage in ("train", "validation", "test", "predict")
)
#: What these return is the batch.
TRANSFERS = frozenset(
    {"transfer_batch_to_device", "on_before_batch_transfer", "on_after_batch_transfer"}
)
#: Where the optimizer that is handed over is one of ``trainer.optimizers``.
_BARE_OPTIMIZER = frozenset(
    {
        "on_before_optimizer_step",
        "optimizer_zero_grad",
        "configure_gradient_clipping",
        "finetune_function",
    }
)
#: Flags that can be asked of an object: of which one (else the optimizer), and its class.
_ASKED = {
    "using_lbfgs": ("", "torch.optim.LBFGS"),
    "on_tpu": ("{}.trainer.accelerator", "lightning.pytorch.accelerators.XLAAccelerator"),
    "using_native_amp": (
        "{}.trainer.precision_plugin",
        "lightning.pytorch.plugins.MixedPrecision",
    ),
}
_WAYS_OUT = {
    "optimizer_idx": (
        "several optimizers take manual optimization: set self.automatic_optimization = False and "
        "step each of self.optimizers() in training_step"
    ),
    "hiddens": (
        "truncated backpropagation is gone: with manual optimization, loop over chunks of the "
        "sequence in training_step and carry the hidden state in a variable"
    ),
    "new_format": "the outputs of one step arrive now, as they did with a single optimizer",
    "optimizer": "the optimizer is no longer passed: take it from self.optimizers()",
}


@dataclass
class Planner:
    """Plans by method, made on demand; one planner serves one look at one file.

    ``target`` is the release whose classes a repair may name.
    """

    target: str
    _plans: dict[ast.AST, Plan | None] = field(default_factory=dict)
    _calls: dict[int, list[tuple[ast.Call, Reached]]] = field(default_factory=dict)
    needs: dict[ast.AST, tuple[Need, ...]] = field(default_factory=dict)

    def plan(self, cls: Class, function: Function) -> Plan | None:
        """The plan of a method; None where it is no hook or right as it is."""
        if function not in self._plans:
            # A class that inherits from itself through a cycle of names asks again.
            self._plans[function] = None
            self._plans[function] = self._make(cls, function)
        return self._plans[function]

    def calls(self, file: File) -> list[tuple[ast.Call, Reached]]:
        """The calls of hooks in a file that lead somewhere."""
        if id(file) not in self._calls:
            self._calls[id(file)] = list(hook_calls(file))
        return self._calls[id(file)]

    def _make(self, cls: Class, function: Function) -> Plan | None:
        name = function.name
        if name not in hook_names() or not is_plain_method(function):
            return None
        hook, shape = hook_of(cls, name), shape_of(function)
        if hook is None or shape is None or (name in STEPS and not shape.args):
            return None
        takes_more = shape.starred or len(shape.args) > len(hook.parameters)
        if name in _EPOCH_ENDS and takes_more and not is_copied(hook, shape):
            return None
        if name in STEPS and shape.names[0] == "dataloader_iter":
            # A step that draws its batches itself is given nothing else; another rule looks at it.
            return None
        if CALLBACK in hook.owners and name == "on_load_checkpoint" and takes_state(cls, function):
            return None
        plan = draft(hook, shape, function)
        if plan is None:
            return None
        if plan.reason is not None:
            return plan
        if name in TRANSFERS and not _returns(function):
            return plan.told(
                "it returns nothing, and every batch would be lost: return the batch, or remove it"
            )
        plan = self._with_parents(cls, plan)
        plan = self._with_body(cls, plan)
        decorator = unknown_decorator(cls.file, function)
        if decorator is not None:
            plan = replace(plan, safety=Safety.UNSAFE)
        return plan

    def _with_parents(self, cls: Class, plan: Plan) -> Plan:
        """A plan can only hold if the calls of the method that it overrides follow."""
        around = Around.of_plan(plan)
        for call, reached in self.super_calls(cls.file, plan.function):
            parent = self._plan_of(reached)
            if parent is not None:
                if parent.reason is not None or not _is_member(cls, reached):
                    return plan.told(f"{_where(reached)} has to be repaired first")
                if parent.safety is Safety.UNSAFE:
                    plan = replace(plan, safety=Safety.UNSAFE)
            if follow(cls.file, call, reached, parent, around) is None:
                return plan.told(f"rewrite the call in line {call.lineno} by hand")
        return plan

    def super_calls(self, file: File, function: Function) -> list[tuple[ast.Call, Reached]]:
        """The calls inside a method that lead to a parent's hook."""
        span = file.span(function)
        return [
            (call, reached)
            for call, reached in self.calls(file)
            if reached.through_super and span.contains(file.span(call))
        ]

    def safety(self, reached: Reached) -> Safety:
        """How far a call can trust that what it reaches is repaired."""
        plan = self._plan_of(reached)
        return plan.safety if plan is not None else Safety.SAFE

    def _plan_of(self, reached: Reached) -> Plan | None:
        if reached.cls is None or reached.function is None:
            return None
        return self.plan(reached.cls, reached.function)

    def follow(self, file: File, call: ast.Call, reached: Reached) -> Followed | None:
        """How a call anywhere follows what it reaches; None where it cannot be rewritten."""
        return follow(
            file, call, reached, self._plan_of(reached), self._around(file, call, reached)
        )

    def _around(self, file: File, call: ast.Call, reached: Reached) -> Around:
        """The method that holds a call, if it is the same hook and hands its parameters on."""
        for function in (a for a in file.tree.ancestors(call) if isinstance(a, FUNCTIONS)):
            owner = file.tree.method_class(function)
            if owner is None:
                continue
            if function.name != reached.hook.name:
                return Around()
            plan = self.plan(file.cls(owner), function)
            shape = shape_of(function)
            if plan is not None:
                return Around.of_plan(plan)
            return Around.of_shape(reached.hook, shape) if shape is not None else Around()
        return Around()

    def _with_body(self, cls: Class, plan: Plan) -> Plan:
        """What the body still reads of parameters that are gone keeps its value."""
        around = Around.of_plan(plan)
        follows = [
            follow(cls.file, call, reached, self._plan_of(reached), around)
            for call, reached in self.super_calls(cls.file, plan.function)
        ]
        ignored = {id(n) for f in follows if f for a in f.dropped for n in ast.walk(a)}
        for index in plan.removed:
            plan = self._settle(cls, plan, index, ignored)
        return plan

    def _has(self, name: str) -> bool:
        release = ".".join(self.target.split(".")[:2])
        return not is_lightning(name) or api.state(name, release) <= api.State.DEPRECATED

    def _settle(self, cls: Class, plan: Plan, index: int, ignored: set[int]) -> Plan:
        name, slot = plan.shape.names[index], plan.slots[index]
        several = optimizer_count(cls) is Count.SEVERAL and not declares_manual(cls)
        if slot == "optimizer_idx" and plan.hook.name == "training_step" and several:
            return plan.told(_WAYS_OUT["optimizer_idx"])
        if not is_read(cls.file, plan.function, name, ignored):
            return plan
        value = value_of(plan, index)
        if slot == "optimizer_idx":
            value = _optimizer_index(cls, plan, index)
        if slot in _ASKED and not self._has(_ASKED[slot][1]):
            return plan.told(f"the body reads {name}: ask {_ASKED[slot][1]} instead, from 2.1 on")
        if slot in _ASKED:
            held, asked = _ASKED[slot]
            spelled = spell(cls.file, plan.function.body[0], asked)
            self.needs[plan.function] = (*self.needs.get(plan.function, ()), *spelled.needs)
            thing = held.format(self_name(plan.function)) if held else plan.name_of("optimizer")
            value = f"isinstance({thing}, {spelled.text})"
        if value is None:
            return plan.told(f"the body reads {name}: {_WAYS_OUT.get(slot or '', 'it is gone')}")
        # Lightning refuses a step that so much as names an ``optimizer_idx``.
        may_stay = is_last(plan, index) and name != "optimizer_idx"
        if may_stay and (value in ("None", "True", "False") or value.isdigit()):
            return keep_at_end(plan, index, value)
        if not has_head(cls.file, plan.function):
            return plan.told(f"the body reads {name}, which is {value} now")
        return replace(plan, first={**plan.first, name: value})


def _returns(function: Function) -> bool:
    """Whether a hook gives anything back."""
    return any(isinstance(n, ast.Return) and n.value is not None for n in own_nodes(function))


def _is_literal(node: ast.expr) -> bool:
    """Whether an expression is a constant, a sign in front of it included."""
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    return isinstance(inner, ast.Constant)


def _optimizer_index(cls: Class, plan: Plan, index: int) -> str | None:
    """The index of the optimizer that a hook is about; None where several optimizers may be."""
    default = plan.shape.defaults[index]
    if plan.hook.name == "training_step" and default is not None:
        # With one optimizer 1.x left the parameter to its default.
        one = declares_manual(cls) or optimizer_count(cls) is Count.ONE
        return cls.file.text(default) if one and _is_literal(default) else None
    if plan.hook.name == "training_step" and declares_manual(cls):
        return None
    if optimizer_count(cls) is Count.ONE:
        return "0"
    several = optimizer_count(cls) is Count.SEVERAL
    if several and plan.hook.name == "optimizer_step" and "optimizer" in plan.slots:
        # Several optimizers run by hand, and the step hands over one of these.
        return f"{self_name(plan.function)}.optimizers().index({plan.name_of('optimizer')})"
    if plan.hook.name not in _BARE_OPTIMIZER:
        return None
    owner = plan.name_of("pl_module") or self_name(plan.function)
    home = plan.name_of("trainer") or f"{owner}.trainer"
    return f"{home}.optimizers.index({plan.name_of('optimizer')})"


def is_read(file: File, function: Function, name: str, ignored: set[int]) -> bool:
    """Whether a body reads (or deletes) a parameter, in nested functions too."""
    scope = file.tree.scopes[function]
    for node in (n for statement in function.body for n in ast.walk(statement)):
        if not isinstance(node, ast.Name) or node.id != name or isinstance(node.ctx, ast.Store):
            continue
        found = file.tree.scope_of(node).find(name)
        if found is not None and found[0] is scope and id(node) not in ignored:
            return True
    return any(
        isinstance(node, ast.AugAssign)
        and isinstance(node.target, ast.Name)
        and node.target.id == name
        for node in ast.walk(function)
    )


def _is_member(cls: Class, reached: Reached) -> bool:
    assert reached.cls is not None
    file = reached.cls.file
    return file is cls.file or file.path in file.project.members


def _where(reached: Reached) -> str:
    assert reached.cls is not None
    assert reached.function is not None
    place = f"{reached.cls.file.path.name}:{reached.function.lineno}"
    return f"{reached.cls.name}.{reached.function.name} ({place})"
