"""Where a step has to return its loss, and how what it returns is mended."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.statements import insert_before
from ..engine.values import own_nodes
from ..model import Edit, Span
from ._detached import uncut
from ._loss_values import is_logged_loss, is_loss_value, is_super_step
from ._losses import Losses, gives_loss
from ._paths import variable

if TYPE_CHECKING:
    from ._losses import Verdict
    from ._paths import End, Paths
    from ._steps import Step

_OLD_KEYS = frozenset({"log", "progress_bar", "minimize", "callback_metrics"})


@dataclass(frozen=True)
class Repair:
    """What is wrong at a node (``at``; None: the whole step), and the repair if one is certain."""

    message: str
    at: ast.AST | None = None
    edits: tuple[Edit, ...] = ()
    doubts: tuple[str, ...] = ()
    reason: str | None = None


def missing_return(step: Step) -> Repair | None:
    """The repair of a way that falls off the end although a loss was computed."""
    fall = step.paths.fall
    values = [e for e in step.paths.returns if e.node is not None and _has_value(e.node)]
    verdict = Losses(step).verdict
    if fall is None:
        return _only_skips(step, verdict) if not values else None
    if values:
        return _missed_branch(step, fall, values, verdict)
    message = "training_step returns nothing, so no weight is ever updated"
    if verdict.text is None:
        return _without_name(step, message) or Repair(
            message, reason=f"{verdict.reason}; return the loss"
        )
    return _placed(step, message, verdict)


def _has_value(node: ast.Return) -> bool:
    value = node.value
    return value is not None and not (isinstance(value, ast.Constant) and value.value is None)


def _only_skips(step: Step, verdict: Verdict) -> Repair | None:
    """Every way that ends at all ends in a bare return, behind the loss."""
    ends = [e for e in step.paths.returns if verdict.text and e.surely(verdict.root)]
    if not ends or len(ends) != len(step.paths.returns):
        return None
    return Repair(
        "training_step returns None on every way, so no weight is ever updated",
        ends[-1].node,
        reason=f"if it is meant to train, return `{verdict.text}`",
    )


def _missed_branch(step: Step, fall: End, values: list[End], verdict: Verdict) -> Repair | None:
    """Some ways return; one computes a loss of its own and forgets it.

    A loss that is returned on another way was left out on purpose: the batch is skipped.
    """
    if verdict.text is None:
        return None
    own = fall.definitions(verdict.root)
    if not own or any(own & end.definitions(verdict.root) for end in values):
        return None
    message = f"a way through training_step computes `{verdict.text}` and does not return it"
    return _placed(step, message, verdict)


def _placed(step: Step, message: str, verdict: Verdict) -> Repair:
    assert verdict.text is not None
    blocks, missed = find_places(step.paths, step.function.body, verdict.root)
    if missed or not blocks:
        return Repair(
            message,
            reason=f"`{verdict.text}` is not computed on every way to the end; "
            "return the loss on each way that has one",
        )
    edits = [step.append(block, f"return {verdict.text}") for block in blocks]
    if any(edit is None for edit in edits):
        return Repair(message, reason=f"add `return {verdict.text}` at the end of the step")
    return Repair(message, edits=tuple(e for e in edits if e is not None))


def find_places(
    paths: Paths, block: list[ast.stmt], root: str
) -> tuple[list[list[ast.stmt]], bool]:
    """The blocks to put a return behind: where a variable is certain and control runs out.

    Also whether some way to the end does not come by any of them.
    """
    env = paths.after.get(id(block))
    if env is None:
        return [], False
    if None not in env.get(root, frozenset({None})):
        return [block], False
    last = block[-1] if block else None
    if isinstance(last, ast.If):
        inner, other = (find_places(paths, b, root) for b in (last.body, last.orelse))
        return inner[0] + other[0], inner[1] or other[1]
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return find_places(paths, last.body, root)
    return [], True


def _without_name(step: Step, message: str) -> Repair | None:
    """The loss is an expression: in a log call, or a call whose result is dropped."""
    return _logged_expression(step, message) or _dropped_call(step, message)


def _logged_expression(step: Step, message: str) -> Repair | None:
    found = []
    for node in step.nodes:
        value = is_logged_loss(node) if isinstance(node, ast.Call) else None
        if value is None or uncut(value) is not None:
            continue
        if is_loss_value(step, value) or (isinstance(value, ast.Call) and gives_loss(step, value)):
            found.append((node, value))
    if len(found) != 1:
        return None
    _, value = found[0]
    statement = step.file.tree.statement(value)
    if not any(statement is s for s in step.function.body) or not _is_free(step, "loss"):
        return None
    if not isinstance(statement, ast.Expr) or not any(statement.value is n for n, _ in found):
        return None
    text = step.file.text(value)
    if "\n" in text and not isinstance(value, ast.Call):
        text = f"({text})"
    before = insert_before(step.file, statement, f"loss = {text}")
    after = step.append(step.function.body, "return loss")
    if before is None or after is None:
        return None
    return Repair(message, edits=(before, step.file.replace(value, "loss"), after))


def _dropped_call(step: Step, message: str) -> Repair | None:
    """``self._step(batch)`` or ``super().training_step(...)`` as a statement of its own."""
    dropped = [
        s
        for s in step.function.body
        if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)
        and (gives_loss(step, s.value) or _is_loss_call(step, s.value))
    ]  # fmt: skip
    if len(dropped) != 1:
        return None
    statement = dropped[0]
    start = step.file.span(statement).start
    if statement is step.function.body[-1]:
        return Repair(message, edits=(Edit(Span(start, start), "return "),))
    name = "output" if is_super_step(getattr(statement.value, "func", statement.value)) else "loss"
    after = step.append(step.function.body, f"return {name}")
    if after is None or not _is_free(step, name):
        return None
    return Repair(message, edits=(Edit(Span(start, start), f"{name} = "), after))


def _is_loss_call(step: Step, call: ast.Call) -> bool:
    """A loss function that is surely one: of torch, not an attribute whose name sounds like one."""
    func = call.func.func if isinstance(call.func, ast.Call) else call.func
    known = step.file.canonical(func) or ""
    return known.startswith("torch.nn.") and is_loss_value(step, call)


def _is_free(step: Step, name: str) -> bool:
    used = {n.id for n in ast.walk(step.function) if isinstance(n, ast.Name)}
    return name not in used | {
        a.arg for a in ast.walk(step.function.args) if isinstance(a, ast.arg)
    }


# what is returned ---------------------------------------------------------------------------


def wrong_return(step: Step, end: End) -> Repair | None:
    """What is wrong with the value of a return statement under automatic optimization."""
    assert end.node is not None
    value = end.node.value
    if value is None:
        return None
    base = _uncut(step, value, end)
    if base is not None:
        message = "training_step returns a loss that is cut off from its graph"
        return _instead(step, message, value, base)
    entries = _entries(step, value, end)
    if entries is not None:
        return _wrong_dict(step, end, entries)
    literal = _literal(step, value, end)
    if isinstance(literal, (ast.Tuple, ast.List)):
        return _wrong_tuple(value)
    if isinstance(literal, ast.Constant) and literal.value is not None:
        return Repair(
            "training_step returns a constant; Lightning takes a tensor, a dict or None",
            value,
            reason="return the loss, or None to skip the batch",
        )
    return None


def _literal(step: Step, value: ast.expr, end: End) -> ast.expr | None:
    """What a value is written as: itself, what its name was given, what a helper returns."""
    if isinstance(value, ast.Name):
        definitions = end.definitions(value.id)
        made = next(iter(definitions)) if len(definitions) == 1 and end.surely(value.id) else None
        if made is None or made.value is None or made.path or isinstance(made.node, ast.AugAssign):
            return None
        value = made.value
    elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        found = step.cls.method(value.func.attr) if step.is_self(value.func.value) else None
        if found is None or found[1].decorator_list:
            return None
        heirs = step.file.project.heirs(step.cls)
        returns = [n.value for n in own_nodes(found[1]) if isinstance(n, ast.Return)]
        if len(returns) != 1 or any(h.method(value.func.attr) != found for h in heirs):
            return None
        return returns[0] if isinstance(returns[0], ast.Tuple) else None
    return value


def _instead(step: Step, message: str, value: ast.expr, base: ast.expr | None) -> Repair:
    if base is None:
        return Repair(message, value, reason="return the tensor that the loss function gave")
    return Repair(message, value, (step.file.replace(value, step.file.text(base)),))


def _uncut(step: Step, value: ast.expr, end: End) -> ast.expr | None:
    """The tensor behind a value that is cut off, also where the cut was made in an assignment."""
    base = uncut(value)
    if base is not None:
        return base
    if not isinstance(value, ast.Name) or not end.surely(value.id):
        return None
    definitions = end.definitions(value.id)
    if len(definitions) != 1:
        return None
    made = next(iter(definitions))
    if made.value is None or made.path or isinstance(made.node, ast.AugAssign):
        return None
    base = uncut(made.value)
    name = variable(base) if base is not None else None
    if name is None or not isinstance(made.node, ast.stmt) or name == value.id:
        return None
    then = step.paths.before[made.node].get(name)
    return base if then is not None and then == end.env.get(name) else None


def _entries(step: Step, value: ast.expr, end: End) -> ast.Dict | ast.Call | None:
    """The dict literal that is returned, directly or by the name that it was given."""
    if isinstance(value, ast.Name):
        definitions = end.definitions(value.id)
        made = next(iter(definitions)) if len(definitions) == 1 and end.surely(value.id) else None
        if made is None or made.value is None or made.path or _is_filled(step, value.id):
            return None
        value = made.value
    if isinstance(value, ast.Dict):
        return value
    if not isinstance(value, ast.Call):
        return None
    name = step.file.canonical(value.func)
    if name == "dict" and not value.args:
        return value
    if name == "collections.OrderedDict" and len(value.args) == 1 and not value.keywords:
        return value.args[0] if isinstance(value.args[0], ast.Dict) else None
    return None


def _is_filled(step: Step, name: str) -> bool:
    """Whether a dict may get more entries: anything is done with it but reading and returning."""
    for node in step.nodes:
        if not (isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)):
            continue
        parent = step.file.tree.parents[node]
        if isinstance(parent, ast.Return):
            continue
        if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Load):
            continue
        if isinstance(parent, ast.Call) and _is_log_dict(parent):
            continue
        return True
    return False


def _is_log_dict(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in ("log_dict", "log_metrics")


def returned_entry(step: Step, end: End) -> ast.expr | None:
    """The "loss" in a dict that is returned."""
    value = end.node.value if end.node is not None else None
    literal = _entries(step, value, end) if value is not None else None
    return Arguments(step.file, literal).value("loss") if literal is not None else None


def _wrong_dict(step: Step, end: End, literal: ast.Dict | ast.Call) -> Repair | None:
    assert end.node is not None
    assert end.node.value is not None
    arguments = Arguments(step.file, literal)
    entry = arguments.value("loss")
    if entry is not None:
        base = _uncut(step, entry, end)
        if base is None:
            return None
        message = 'the "loss" that training_step returns is cut off from its graph'
        return _instead(step, message, entry, base)
    names = len(literal.keys) if isinstance(literal, ast.Dict) else len(literal.keywords)
    if arguments.splat or len(arguments.named) != names:
        return None
    message = 'training_step returns a dict without "loss"; Lightning takes the loss from there'
    if arguments.named.keys() & _OLD_KEYS:
        return Repair(
            message,
            end.node.value,
            reason='add "loss" to the dict, and log the other values by self.log; '
            '"log" and "progress_bar" are not read any more',
        )
    verdict = Losses(step).verdict
    statement = step.file.tree.statement(literal)
    known = step.paths.before.get(statement, {}).get(verdict.root)
    if verdict.text is None or known is None or None in known:
        why = verdict.reason or f"`{verdict.text}` is not computed on every way to here"
        return Repair(message, end.node.value, reason=f'{why}; add "loss": the loss')
    return Repair(message, end.node.value, (_entry_in_front(step, literal, verdict.text),))


def _entry_in_front(step: Step, literal: ast.Dict | ast.Call, text: str) -> Edit:
    """The loss as the first entry of a dict, laid out as the first one is."""
    if isinstance(literal, ast.Dict):
        first: ast.AST | None = literal.keys[0] if literal.keys else None
        quote = "'" if first is not None and step.file.text(first).startswith("'") else '"'
        key = f"{quote}loss{quote}: "
    else:
        first = literal.keywords[0] if literal.keywords else None
        key = "loss="
    if first is None:
        end = step.file.span(literal).end - 1
        return Edit(Span(end, end), f"{key}{text}")
    start = step.file.span(first).start
    number = step.file.source.line_of(start)
    indent = step.file.source.indent_of(number)
    line = step.file.source.line_span(number).start
    apart = f"\n{indent}" if line + len(indent.encode()) == start else " "
    return Edit(Span(start, start), f"{key}{text},{apart}")


def _wrong_tuple(value: ast.expr) -> Repair:
    # What else the tuple holds may be meant for other callers, so dropping it is no repair.
    return Repair(
        "training_step returns a tuple; Lightning takes a tensor, a dict or None",
        value,
        reason='return the loss, or a dict with "loss" and the other values',
    )


__all__ = ["Repair", "find_places", "missing_return", "returned_entry", "wrong_return"]
