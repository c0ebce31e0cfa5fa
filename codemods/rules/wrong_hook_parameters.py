"""A hook takes other parameters than Lightning hands over.

What it does
    Compares every hook of modules, datamodules and callbacks, and the methods that Lightning calls
    of strategies and precision plugins, in subclasses of any depth and in mixins, with what
    Lightning 2.6.6 calls it with, and writes the parameters as they arrive:
    missing ones are added, gone ones are dropped, swapped ones are put in order. Uses in the
    body, `super()` calls and direct calls in the project follow.

Why
    Lightning hands arguments over by position. A parameter too many or too few is a `TypeError`
    in the first batch; `batch` and `outputs` swapped raise nothing and hand the wrong objects
    over. With a single dataloader no `dataloader_idx` is passed, so it needs a default.

Example
    ```python
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx):
    ```
    becomes
    ```python
    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
    ```

Fix safety
    Safe where the number of parameters is that of an older release, or where every name says what
    it stands for; names that say nothing are taken by their place. A parameter that is gone and
    still read keeps its value (`dataloader_idx` of training was always 0; `using_lbfgs`, `on_tpu`
    and `using_native_amp` are asked of the optimizer and the Trainer); where there is no such
    value, as for `optimizer_idx` with several optimizers, the hook is told. Unsafe under a
    decorator that may change the arguments, and where a hook that should give the batch back does
    nothing at all and goes away. Other names in the right places are left alone.

References
    https://lightning.ai/docs/pytorch/2.6.1/common/lightning_module.html#hooks
    lightning/pytorch/core/hooks.py, callbacks/callback.py, loops/utilities.py (2.6.6),
    `_verify_dataloader_idx_requirement`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.hooks import hook_names
from ..model import Edit, Fix, Safety
from ._hook_body import insert_first
from ._hook_merge import whole
from ._hook_owner import name_span
from ._hook_plan import edits_of
from ._hook_planner import TRANSFERS, Planner
from ._hook_removed import called_by_name
from ._steps import is_abstract
from ._turn_heirs import index_of
from ._turn_settings import takes_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.scopes import Function
    from ..engine.settings import Settings
    from ..model import Finding, Span
    from ._hook_calls import Reached
    from ._hook_plan import Plan

#: Names that programs without Lightning use as well; a definition has to be there.
_IDLE = "it does nothing and returns nothing, which every batch would become"
_COMMON = ("setup", "teardown", "backward", "state_dict", "load_state_dict", "prepare_data")


@rule(
    "LF201",
    triggers=(
        *sorted(hook_names().difference(_COMMON)),
        "def setup(",
        "def teardown(",
        "def backward(self",
        "optimizer_idx",
    ),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the definitions of hooks, and at calls of hooks elsewhere."""
    planner = Planner(settings.target)
    plans = {
        function: plan
        for cls in file.classes
        for function in cls.methods.values()
        if (plan := planner.plan(cls, function)) is not None
    }
    edits: dict[Function, list[Edit]] = {f: [] for f, p in plans.items() if p.reason is None}
    unfollowed: dict[Function, int] = {}
    for call, reached in planner.calls(file):
        followed = planner.follow(file, call, reached)
        home = reached.function if reached.function in plans else _planned_around(file, call, plans)
        if followed is None:
            if home is not None:
                unfollowed.setdefault(home, call.lineno)
            else:
                yield _told_call(rule, file, call, reached)
        elif followed.edits and home in edits:
            edits[home] += followed.edits
        elif followed.edits and home is None:
            yield _call_finding(rule, file, call, reached, followed.edits, planner.safety(reached))
    for function, plan in plans.items():
        if plan.hook.name == "training_step" and _takes_turns(file, function):
            # Several optimizers, or pieces of a sequence, are a matter of the whole step.
            continue
        yield _finding(rule, file, planner, plan, edits.get(function, []), unfollowed.get(function))


def _takes_turns(file: File, function: Function) -> bool:
    owner = file.tree.method_class(function)
    if owner is None or is_abstract(function):
        return False
    cls = file.cls(owner)
    return index_of(cls, function) is not None or takes_pieces(cls, function)


def _planned_around(file: File, call: ast.Call, plans: dict[Function, Plan]) -> Function | None:
    for parent in file.tree.ancestors(call):
        for function in plans:
            if parent is function:
                return function
    return None


def _finding(
    rule: Rule, file: File, planner: Planner, plan: Plan, calls: list[Edit], unfollowed: int | None
) -> Finding:
    function = plan.function
    if unfollowed is not None:
        plan = plan.told(f"rewrite the call in line {unfollowed} by hand")
    place = name_span(file, function)
    idle = _idle(file, function) if unfollowed is None else None
    if idle is not None:
        fix = Fix("remove it", (Edit(idle, ""),), Safety.UNSAFE)
        return file.finding(rule, place, plan.message, fix=fix, reason=_IDLE)
    if plan.reason is not None:
        return file.finding(rule, place, plan.message, reason=plan.reason, severity=plan.severity)
    edits = [*edits_of(file, plan), *calls]
    if plan.first:
        lines = "\n".join(f"{name} = {value}" for name, value in plan.first.items())
        edit = insert_first(file, function, lines)
        assert edit is not None
        edits.append(edit)
    fix = Fix(
        f"write the parameters of {plan.hook.name} as they are passed",
        tuple(edits),
        plan.safety,
        planner.needs.get(function, ()),
        _drops(file, plan),
    )
    reason = "a decorator may change the arguments" if plan.safety is Safety.UNSAFE else None
    return file.finding(rule, place, plan.message, fix=fix, reason=reason, severity=plan.severity)


def _idle(file: File, function: Function) -> Span | None:
    """The lines of a hook that should give the batch back and does nothing at all."""
    owner = file.tree.method_class(function)
    if owner is None or function.name not in TRANSFERS or function.decorator_list:
        return None
    cls = file.cls(owner)
    raises = any(isinstance(s, ast.Raise) for s in function.body)
    inherited = any(function.name in c.methods for c in cls.mro if c is not cls)
    alone = len(owner.body) == 1
    if raises or alone or inherited or not is_abstract(function):
        return None
    return None if called_by_name(cls, function.name) else whole(file, function)


def _drops(file: File, plan: Plan) -> tuple[str, ...]:
    """What the annotations of parameters that go away name."""
    names = {
        name
        for index in plan.removed
        for node in ast.walk(plan.shape.args[index])
        if isinstance(node, (ast.Name, ast.Attribute)) and (name := file.canonical(node))
    }
    return tuple(sorted(names))


def _call_finding(
    rule: Rule,
    file: File,
    call: ast.Call,
    reached: Reached,
    edits: tuple[Edit, ...],
    safety: Safety,
) -> Finding:
    fix = Fix("hand over what the hook takes", edits, safety)
    reason = "the hook itself is under a decorator" if safety is Safety.UNSAFE else None
    return file.finding(rule, call, _call_message(reached), fix=fix, reason=reason)


def _told_call(rule: Rule, file: File, call: ast.Call, reached: Reached) -> Finding:
    wanted = ", ".join(reached.hook.parameters)
    return file.finding(rule, call, _call_message(reached), reason=f"hand over ({wanted})")


def _call_message(reached: Reached) -> str:
    given = ", ".join(reached.hook.parameters) or "nothing"
    return f"{reached.hook.name} takes ({given}); this call hands over something else"
