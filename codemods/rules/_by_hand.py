"""Writing a training step that optimizes by hand, beside the one that Lightning called."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.classes import self_name
from ..engine.imports import spell
from ..engine.statements import append_to, indent
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._hand_manual import switched_off
from ._turn_settings import HANDED, is_named
from ._turns import Names, Turns
from ._unfolded import unfolded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..model import Need
    from ._steps import Step

_FLAG = re.compile(r"^([ \t]*)(\w+)(\.automatic_optimization = False)$", re.MULTILINE)
_EPOCH_END = "on_train_epoch_end"
_STEP, _HELPERS = "training_step", ("_training_step", "_step_of_optimizer")


def new_step(step: Step, index: str, way: Turns, added: Sequence[str] = ()) -> tuple[Edit, ...]:
    """The edits that put a new step in front of the old one, which becomes a method of its own.

    ``added`` are lines of a method that goes with it. Empty where there is no place for it.
    """
    switch = switched_off(step)
    helper = next((name for name in _HELPERS if not is_named(step.cls, name)), None)
    body = step.function.body[0]
    inner = step.file.source.indent_of(step.function.lineno)
    unit = indent(step.file, body)[len(inner) :]
    if switch is None or helper is None or not unit:
        return ()
    if not _FLAG.search(switch.text) and (way.kept or way.arguments.handed):
        return ()
    own, batch, batch_idx, _ = (a.arg for a in step.function.args.args)
    names = Names(own, batch, batch_idx, index, helper)
    straight = unfolded(step, way, names) if not added else None
    if straight is not None:
        return _with_hooks(step, way, straight, (inner, unit))
    lines = [*way.step(names), *added]
    method = "".join(f"{inner}{line.replace('    ', unit)}\n" if line else "\n" for line in lines)
    start = step.file.source.line_span(step.function.lineno).start
    name = _name_span(step)
    edits = [switch, Edit(name, helper)]
    edits += [
        step.file.replace(call.func, f"{step.file.text(call.func.value)}.{helper}")
        for call in step.file.tree.calls
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == _STEP
        and step.file.class_of(call) is step.cls
        and isinstance(call.func.value, ast.Name)
    ]
    if switch.span.start == start:
        # A new __init__ goes to the same place: one edit for both.
        edits[0] = Edit(switch.span, switch.text + method)
    else:
        edits.append(Edit(Span(start, start), method))
    if way.kept is not None:
        created = way.kept.created(r"\2")
        more = way.kept.hook(step.cls, own)
        if more is None:
            return ()
        edits[0] = Edit(edits[0].span, _FLAG.sub(rf"\1\2\3\n\1{created}", edits[0].text))
        edits += more
    return _with_hooks(step, way, edits, (inner, unit))


def _with_hooks(
    step: Step, way: Turns, edits: list[Edit], indents: tuple[str, str]
) -> tuple[Edit, ...]:
    """The edits with those of the hooks that go with them; empty where one has no place.

    The first of ``edits`` switches automatic optimization off.
    """
    for name in way.arguments.handed:
        declared = rf"\1\2\3\n\1\2.{name} = {HANDED[name]}"
        edits = [Edit(edits[0].span, _FLAG.sub(declared, edits[0].text)), *edits[1:]]
    for name, parameter, work in _hooks(way, step.own):
        more = _in_hook(step, way, name, parameter, work, *indents)
        if more is None:
            return ()
        edits = [*edits, *more]
    return _together(edits)


def _hooks(way: Turns, own: str) -> list[tuple[str, str, list[str]]]:
    """The hooks that get lines: their names, the parameter behind ``self``, and the lines."""
    clipping = way.clipping(own, "optimizer", "optimizer") if way.clips_in_hook else []
    hooks = [
        ("on_before_optimizer_step", "optimizer", clipping),
        (_EPOCH_END, "", way.epoch_end(own)),
    ]
    return [hook for hook in hooks if hook[2]]


def _together(edits: list[Edit]) -> tuple[Edit, ...]:
    """The edits with all that goes to one place in one of them."""
    merged: dict[Span, str] = {}
    for edit in edits:
        merged[edit.span] = merged.get(edit.span, "") + edit.text
    return tuple(Edit(span, text) for span, text in merged.items())


def _in_hook(
    step: Step, way: Turns, name: str, parameter: str, lines: list[str], inner: str, unit: str
) -> list[Edit] | None:
    """The edit that puts lines at the end of a hook, or adds it; None where there is no place."""
    cls, file = step.cls, step.file
    hook = cls.methods.get(name)
    text = "\n".join(lines).replace("    ", unit)
    old = ("training_epoch_end", "on_epoch_end") if name == _EPOCH_END else ()
    if name == _EPOCH_END and way.kept is not None:
        leaves = any(isinstance(n, (ast.Return, ast.Yield)) for n in own_nodes(way.kept.function))
        last = None if leaves else append_to(file, way.kept.function.body, text)
        return [last] if last is not None else None
    if hook is not None:
        names = [a.arg for a in hook.args.args]
        leaves = any(isinstance(n, (ast.Return, ast.Yield)) for n in own_nodes(hook))
        if leaves or names != [self_name(step.function), *([parameter] if parameter else [])]:
            return None
        last = append_to(file, hook.body, text)
        return [last] if last is not None else None
    configure = cls.methods.get("configure_optimizers")
    family = [cls, *file.project.heirs(cls)]
    if configure is None or any(c.method(n) is not None for c in family for n in (name, *old)):
        return None
    given = ", ".join([step.own, *([parameter] if parameter else [])])
    body = [f"def {name}({given}):", *("    " + line for line in lines)]
    method = "".join(f"{inner}{line.replace('    ', unit)}\n" for line in body)
    first = configure.decorator_list[0] if configure.decorator_list else configure
    start = file.source.line_span(first.lineno).start
    return [Edit(Span(start, start), method + "\n")]


def _name_span(step: Step) -> Span:
    """The name in the ``def`` line."""
    start = step.file.source.offset(step.function.lineno, step.function.col_offset)
    found = step.file.source.data.index(_STEP.encode(), start)
    return Span(found, found + len(_STEP))


def apart(step: Step) -> tuple[str, tuple[Need, ...]]:
    """The text, and its imports, that cuts all tensors in ``{}`` off from their graphs."""
    at = step.function
    each = spell(step.file, at, "lightning_utilities.core.apply_func.apply_to_collection")
    tensor = spell(step.file, at, "torch.Tensor")
    text = f"{each.text}({{}}, {tensor.text}, {tensor.text}.detach)"
    return text, (*each.needs, *tensor.needs)
