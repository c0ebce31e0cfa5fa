"""Leaving the optimizer to Lightning: the hand-made calls go, and the loss is returned."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.values import infer
from ..model import Edit
from ._driving import BACKWARD, CLIP, MANUAL_BACKWARD, SCHEDULE, STEP, ZERO, Driving, HandCall
from ._optimizers import held, steps_each_batch
from ._paths import variable
from ._returning import Repair, find_places, returned_entry, wrong_return
from ._statement_runs import rewritten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._paths import Definition, End
    from ._steps import Step

#: Calls that neither see nor change the weights: they may run before or after the update.
_QUIET = frozenset({
    "log", "log_dict", "item", "detach", "cpu", "numpy", "tolist", "mean", "sum", "argmax",
    "max", "min", "float", "long", "int", "append", "print", "len", "str", "dict", "list",
    "round", "format", "keys", "values", "items", "info", "debug", "add_scalar",
    "log_metrics", "exp", "sqrt", "softmax", "sigmoid", "view", "size", "dim", "squeeze",
    "unsqueeze", "eq", "accuracy", "clone",
})  # fmt: skip


@dataclass
class _Plan:
    """What to do to the statements of a step, and what speaks against it."""

    changes: dict[ast.stmt, str | None] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    refusal: str | None = None


def removal(found: Driving, message: str, at: ast.AST) -> Repair:
    """The repair that takes the calls away; told where that cannot be done for certain."""
    plan = _Plan()
    _plan(found, plan)
    if plan.refusal is not None:
        return Repair(message, at, reason=plan.refusal)
    edits = (*rewritten(found.step.file, plan.changes), *plan.edits)
    return Repair(message, at, edits, tuple(plan.doubts))


def _plan(found: Driving, plan: _Plan) -> None:
    step = found.step
    clips = found.of(CLIP)
    if clips:
        plan.refusal = clipping(clips)
        return
    backward = next(iter(found.of(BACKWARD, MANUAL_BACKWARD)), None)
    if backward is not None and found.reads_gradients:
        plan.refusal = (
            "the step reads gradients; move that into on_after_backward or "
            "on_before_optimizer_step, then remove the calls and return the loss"
        )
        return
    for call in found.of(ZERO, STEP, BACKWARD, MANUAL_BACKWARD, SCHEDULE):
        statement = _statement(call)
        if statement is None:
            text = step.file.text(call.node)
            plan.refusal = f"`{text}` is part of a larger expression; remove it there"
            return
        plan.changes[statement] = None
    _remove_helpers(found, plan)
    if plan.refusal is not None:
        return
    if backward is not None:
        _return_loss(found, backward, plan)
    _remove_variables(found, plan)
    _check_blocks(step, plan)
    plan.doubts += _doubts(found, backward, plan)


def _statement(call: HandCall) -> ast.stmt | None:
    parent = call.home.file.tree.parents[call.node]
    return parent if isinstance(parent, ast.Expr) else None


def clipping(clips: list[HandCall]) -> str:
    """How to clip gradients under automatic optimization."""
    call = clips[0].node
    value = next(
        (
            k.value
            for k in call.keywords
            if k.arg in ("max_norm", "clip_value", "gradient_clip_val")
        ),
        None,
    )
    if value is None and len(call.args) > 1:
        value = call.args[1]
    text = clips[0].home.file.text(value) if value is not None else "…"
    by = ', gradient_clip_algorithm="value"' if "clip_grad_value_" in ast.unparse(call.func) else ""
    return (
        f"gradients are clipped by hand; pass gradient_clip_val={text}{by} to the Trainer, remove "
        "the calls and return the loss"
    )


# helpers ------------------------------------------------------------------------------------


def _remove_helpers(found: Driving, plan: _Plan) -> None:
    """A helper method that only drives the optimizer goes with its call; others only lose calls."""
    step = found.step
    for helper, call in found.helpers:
        own = [c for c in found.calls if c.home is helper]
        body = [s for s in helper.function.body if not _is_docstring(s)]
        idle = [s for s in body if s not in plan.changes and not _is_fetch(helper, s)]
        parent = step.file.tree.parents[call]
        if idle or not isinstance(parent, ast.Expr):
            if any(c.kind in (BACKWARD, MANUAL_BACKWARD) for c in own):
                plan.refusal = (
                    f"`{helper.function.name}` runs backward among other things; take backward and "
                    "the optimizer calls out of it and return the loss from training_step"
                )
                return
            continue
        for statement in body:
            plan.changes.pop(statement, None)
        plan.changes[helper.function] = None
        plan.changes[parent] = None


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _is_fetch(step: Step, statement: ast.stmt) -> bool:
    """``opt = self.optimizers()``."""
    return isinstance(statement, ast.Assign) and held(step, statement.value) is not None


# the loss -----------------------------------------------------------------------------------


def _return_loss(found: Driving, backward: HandCall, plan: _Plan) -> None:
    step = found.step
    tensor = _tensor_in_step(found, backward)
    if tensor is None or any(isinstance(n, ast.Call) for n in ast.walk(tensor)):
        plan.refusal = "remove the calls and return what backward ran on"
        return
    before = step.paths.before.get(_anchor(found, backward))
    if before is None:
        return
    text = step.file.text(tensor)
    text = f"({text})" if "\n" in text else text
    defined = {d.name for d in step.paths.definitions}
    names = {name for n in ast.walk(tensor) if (name := variable(n)) in defined and name}
    then = {n: before.get(n) for n in names}
    values = [e for e in step.paths.returns if _has_value(e)]
    for end in values:
        if not _hands_over(step, end, text, then, plan):
            plan.refusal = (
                f"backward runs on `{text}`, but the step returns something else; return `{text}` "
                "and remove the calls"
            )
            return
    last = step.function.body[-1]
    if step.paths.fall is not None:
        _at_the_end(step, text, then, plan)
    elif any(e.node is last for e in step.paths.returns) and not any(
        e.node is last for e in values
    ):
        plan.changes[last] = f"return {text}"


def _has_value(end: End) -> bool:
    value = end.node.value if end.node is not None else None
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def _tensor_in_step(found: Driving, backward: HandCall) -> ast.expr | None:
    """What backward runs on, in the words of the step."""
    tensor = backward.tensor
    if backward.home is found.step or tensor is None:
        return tensor
    call = next(c for h, c in found.helpers if h is backward.home)
    parameters = [a.arg for a in backward.home.function.args.args][1:]
    if not isinstance(tensor, ast.Name) or tensor.id not in parameters:
        return None
    index = parameters.index(tensor.id)
    named = next((k.value for k in call.keywords if k.arg == tensor.id), None)
    return named or (call.args[index] if index < len(call.args) else None)


def _anchor(found: Driving, backward: HandCall) -> ast.stmt:
    node: ast.AST = backward.node
    if backward.home is not found.step:
        node = next(c for h, c in found.helpers if h is backward.home)
    return found.step.file.tree.statement(node)


_Then = dict[str, "frozenset[Definition | None] | None"]


def _hands_over(step: Step, end: End, text: str, then: _Then, plan: _Plan) -> bool:
    """Whether a return statement gives Lightning what backward ran on; mended if need be."""
    assert end.node is not None
    assert end.node.value is not None
    if any(end.env.get(name) != what for name, what in then.items()):
        return False
    repair = wrong_return(step, end)
    if repair is None:
        return step.file.text(returned_entry(step, end) or end.node.value) == text
    if not any(text in edit.text for edit in repair.edits):
        return False
    plan.edits += repair.edits
    plan.doubts += repair.doubts
    return True


def _at_the_end(step: Step, text: str, then: _Then, plan: _Plan) -> None:
    """Put the return where control runs off the end of the step."""
    root = next(iter(then), None)
    blocks, missed = [step.function.body], False
    if root is not None:
        blocks, missed = find_places(step.paths, step.function.body, root)
    if missed or not blocks:
        plan.refusal = f"`{text}` is not computed on every way to the end; return it where it is"
        return
    for block in blocks:
        if any(step.paths.after[id(block)].get(name) != what for name, what in then.items()):
            plan.refusal = f"`{text}` is another one at the end; return what backward ran on"
            return
        if block[-1] in plan.changes:
            plan.changes[block[-1]] = f"return {text}"
            continue
        edit = step.append(block, f"return {text}")
        if edit is None:
            plan.refusal = f"remove the calls and add `return {text}`"
            return
        plan.edits.append(edit)


# variables and blocks -----------------------------------------------------------------------


def _remove_variables(found: Driving, plan: _Plan) -> None:
    """``opt = self.optimizers()`` goes where nothing reads it any more."""
    for step in [found.step, *(h for h, _ in found.helpers)]:
        if step.function in plan.changes:
            continue
        for node in step.nodes:
            if not isinstance(node, ast.Assign) or held(step, node.value) is None:
                continue
            names = [
                n
                for t in node.targets
                for n in ast.walk(t)
                if isinstance(n, (ast.Name, ast.Attribute))
            ]
            if all(isinstance(n, ast.Name) and not _is_read(step, n.id, node, plan) for n in names):
                plan.changes[node] = None


def _is_read(step: Step, name: str, made: ast.Assign, plan: _Plan) -> bool:
    """Whether a variable is read outside of what goes, while an assignment may hold."""
    own = {id(n) for n in step.nodes}
    for node in ast.walk(step.function):
        if not isinstance(node, ast.Name) or node.id != name or not isinstance(node.ctx, ast.Load):
            continue
        if any(a in plan.changes for a in step.file.tree.ancestors(node)):
            continue
        held_here = step.paths.before.get(step.file.tree.statement(node), {}).get(name, ())
        if id(node) not in own or any(d is not None and d.node is made for d in held_here):
            return True
    return False


def _check_blocks(step: Step, plan: _Plan) -> None:
    for statement in plan.changes:
        block = step.file.tree.block(statement)
        parent = step.file.tree.parents[statement]
        emptied = all(s in plan.changes and plan.changes[s] is None for s in block)
        if emptied and isinstance(parent, (ast.With, ast.AsyncWith)):
            plan.refusal = "a `with` block would be left empty; remove it and return the loss"


def _doubts(found: Driving, backward: HandCall | None, plan: _Plan) -> Iterator[str]:
    step = found.step
    zeros, steps = found.of(ZERO), found.of(STEP)
    if found.of(SCHEDULE):
        yield from schedule_doubts(step)
    if any(c.node.args or c.node.keywords for c in zeros):
        yield "zero_grad has arguments that Lightning's own call has not"
    if backward is None:
        first = min((c.node.lineno for c in zeros), default=None)
        if steps and (first is None or first > min(c.node.lineno for c in steps)):
            yield (
                "the extra step ran on the gradients of the batch before, so training changes: "
                "each batch is stepped once now"
            )
        return
    if backward.node.keywords or len(backward.node.args) > (backward.kind == MANUAL_BACKWARD):
        yield "backward has arguments; with retain_graph the gradients were added up twice"
    anchor = _anchor(found, backward)
    behind = [s for s in step.function.body if s.lineno > anchor.lineno and s not in plan.changes]
    loud = next((s for s in behind if steps and not _is_quiet(step, s)), None)
    if loud is not None:
        yield (
            f"line {loud.lineno} ran after the optimizer step and runs before it now; if it needs "
            "the new weights, move it into on_train_batch_end"
        )


def schedule_doubts(step: Step) -> Iterator[str]:
    """Why the hand-made step of a scheduler may be the one that is wanted."""
    if not steps_each_batch(step.cls):
        yield (
            "Lightning steps the scheduler after each epoch; if each batch is meant, return it as "
            '{"scheduler": …, "interval": "step"} from configure_optimizers'
        )


def _is_quiet(step: Step, statement: ast.stmt) -> bool:
    for node in ast.walk(statement):
        if not isinstance(node, ast.Call):
            continue
        func = node.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        if name in _QUIET:
            continue
        owner = func.value if isinstance(func, ast.Attribute) and name == "update" else func
        kinds = infer(step.file, owner)
        if not any((t.name or "").startswith("torchmetrics") for t in kinds):
            return False
    return True
