"""Several optimizers taking turns by hand, as the automatic loop of 1.x let them."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely, may_be
from ..engine.statements import append_to
from ..engine.values import infer, own_nodes
from ..model import Edit, Span
from ._hook_optimizers import Count, declares_manual, optimizer_count
from ._optimizers import count, has_schedulers, steps_each_batch

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_CONFIGURE = "configure_optimizers"
_EPOCH_END = "on_train_epoch_end"
#: Hooks that change what the automatic loop does with an optimizer.
_OVERRIDES = (
    "optimizer_step",
    "optimizer_zero_grad",
    "backward",
    "toggle_optimizer",
    "untoggle_optimizer",
    "lr_scheduler_step",
    "configure_gradient_clipping",
    "training_step_end",
    "tbptt_split_batch",
)
_DICTS = frozenset({"dict", "OrderedDict"})


#: What people call the parameter that 1.x handed the index of the optimizer to.
INDEX_NAMES = frozenset({"optimizer_idx", "opt_idx", "optimizer_i", "optim_idx", "optimizer_index"})


def index_of(cls: Class, function: Function) -> tuple[str, Count] | None:
    """The index parameter of a training step that was called once for each optimizer.

    With it, whether there are several optimizers for certain. None where the optimization is manual
    or there is one optimizer: then the parameter is dead, and another rule drops it.
    """
    name = next((a.arg for a in function.args.args if a.arg in INDEX_NAMES), None)
    if name is None or not cls.has(Role.MODULE) or declares_manual(cls):
        return None
    if count(cls) is None:
        # 1.x hands the index over where there are several optimizers, and only there.
        return name, Count.UNKNOWN if function.args.defaults else Count.SEVERAL
    number = optimizer_count(cls)
    return None if number is Count.ONE else (name, number)


@dataclass(frozen=True)
class Turns:
    """What the new step has to do besides calling the old one.

    ``entry`` is how the loss is taken out of what the old one returns, ``skips`` whether that may
    be None, ``schedules`` when schedulers are stepped: ``epoch``, ``batch``, or empty; ``sure``
    tells that there are some whatever the configuration, ``several`` that there are optimizers.
    """

    entry: str
    skips: bool
    schedules: str
    sure: bool = True
    several: bool = True

    def step(self, own: str, batch: str, batch_idx: str, index: str, helper: str) -> list[str]:
        """The lines of the new step, with four blanks for each level."""
        call = f"{own}.{helper}({batch}, {batch_idx}, {index})"
        all_of_them = f"{own}.optimizers()"
        lines = [f"def training_step({own}, {batch}, {batch_idx}):"]
        if not self.several:
            lines.append(f"    optimizers = {all_of_them}")
            all_of_them = "optimizers if isinstance(optimizers, list) else [optimizers]"
        lines += [
            f"    for {index}, optimizer in enumerate({all_of_them}):",
            f"        {own}.toggle_optimizer(optimizer)",
        ]
        if self.entry:
            lines.append(f"        output = {call}")
            lines.append(f"        loss = {self.entry}")
        else:
            lines.append(f"        loss = {call}")
        work = [
            "optimizer.zero_grad()",
            f"{own}.manual_backward(loss)",
            "optimizer.step()",
        ]
        if self.skips:
            lines.append("        if loss is not None:")
        deep = " " * (12 if self.skips else 8)
        lines += [deep + line for line in work]
        lines.append(f"        {own}.untoggle_optimizer(optimizer)")
        if self.schedules == "batch":
            lines += ["    " + line for line in self._stepped(own)]
        return [*lines, ""]

    def epoch_end(self, cls: Class, inner: str, unit: str) -> Edit | None:
        """The edit that steps the schedulers when an epoch ends; None where there is no place."""
        if self.schedules != "epoch":
            return Edit(Span(0, 0), "")
        file = cls.file
        own = "self"
        hook = cls.methods.get(_EPOCH_END)
        if hook is not None:
            own = hook.args.args[0].arg if hook.args.args else own
            text = "\n".join(self._stepped(own)).replace("    ", unit)
            return append_to(file, hook.body, text)
        if cls.method(_EPOCH_END) is not None:
            return None
        lines = [f"def {_EPOCH_END}({own}):", *("    " + line for line in self._stepped(own))]
        method = "".join(f"{inner}{line.replace('    ', unit)}\n" for line in lines)
        configure = cls.methods.get(_CONFIGURE)
        if configure is None:
            return None
        first = configure.decorator_list[0] if configure.decorator_list else configure
        start = file.source.line_span(first.lineno).start
        return Edit(Span(start, start), method + "\n")

    def _stepped(self, own: str) -> list[str]:
        return [
            f"schedulers = {own}.lr_schedulers(){'' if self.sure else ' or []'}",
            "for scheduler in schedulers if isinstance(schedulers, list) else [schedulers]:",
            "    scheduler.step()",
        ]


def obstacle(cls: Class) -> str | None:
    """Why turns by hand might not be what the automatic loop did; None where they are."""
    for name in _OVERRIDES:
        if cls.method(name) is not None:
            return f"{name} is overridden: write the turns by hand, with what it does"
    if any("training_step" in heir.methods for heir in cls.file.project.heirs(cls)):
        return "a subclass has a training_step of its own: write the turns by hand in both"
    found = cls.method(_CONFIGURE)
    if found is None:
        return "configure_optimizers is not seen: write the turns by hand"
    text = found[0].file.text(found[1])
    if _has_frequency(found[1]):
        return "an optimizer or scheduler has a frequency: count the batches by hand"
    if "LBFGS" in text:
        return "LBFGS steps with a closure: write optimizer.step(closure) by hand"
    if has_schedulers(cls) and ("monitor" in text or "Plateau" in text):
        return (
            "a scheduler has a monitor: step it by hand with "
            "self.trainer.callback_metrics[...] when the epoch ends"
        )
    return None


def _has_frequency(function: Function) -> bool:
    """Whether something is stepped less often than each time."""
    given = [
        value
        for node in ast.walk(function)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "frequency"
    ]
    given += [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.keyword) and node.arg == "frequency"
    ]
    return any(not (isinstance(v, ast.Constant) and v.value == 1) for v in given)


def turns(cls: Class, function: Function, *, several: bool) -> Turns:
    """What an old step returns, and what its class schedules."""
    returned = [n.value for n in own_nodes(function) if isinstance(n, ast.Return)]
    values = [v for v in returned if v is not None]
    dicts = [_is_dict(cls, v) for v in values]
    entry = ""
    if any(dicts):
        entry = (
            'output["loss"]'
            if all(dicts)
            else 'output["loss"] if isinstance(output, dict) else output'
        )
    skips = len(values) != len(returned) or _falls_through(function.body)
    skips = skips or any(isinstance(v, ast.Constant) and v.value is None for v in values)
    if skips and any(dicts):
        entry = 'output["loss"] if isinstance(output, dict) else output'
    schedules = ""
    handed = _hands_over(cls) if has_schedulers(cls) else {False}
    if True in handed:
        schedules = "batch" if steps_each_batch(cls) else "epoch"
    return Turns(entry, skips, schedules, sure=handed == {True}, several=several)


def _is_dict(cls: Class, value: ast.expr) -> bool:
    if isinstance(value, ast.Dict):
        return True
    if isinstance(value, ast.Call) and isinstance(value.func, (ast.Name, ast.Attribute)):
        name = value.func.id if isinstance(value.func, ast.Name) else value.func.attr
        if name in _DICTS:
            return True
    types = infer(cls.file, value)
    return may_be(types, "dict") or any((t.name or "").endswith("OrderedDict") for t in types)


def _falls_through(body: list[ast.stmt]) -> bool:
    """Whether the end of a block can be reached, and None be returned."""
    last = body[-1]
    if isinstance(last, (ast.Return, ast.Raise)):
        return False
    if isinstance(last, ast.If):
        return not last.orelse or _falls_through(last.body) or _falls_through(last.orelse)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return _falls_through(last.body)
    return True


def _hands_over(cls: Class) -> set[bool]:
    """For the returns of configure_optimizers, whether there are schedulers among them."""
    found = cls.method(_CONFIGURE)
    assert found is not None
    file, function = found[0].file, found[1]
    return {
        _has_scheduler(file, node.value)
        for node in own_nodes(function)
        if isinstance(node, ast.Return) and node.value is not None
    }


def _has_scheduler(file: File, value: ast.expr) -> bool:
    if not isinstance(value, (ast.Tuple, ast.List)) or not value.elts:
        # A list in a variable is one of optimizers; a tuple may hold schedulers too.
        return not is_surely(infer(file, value), "list")
    last = value.elts[-1]
    if isinstance(value, ast.Tuple) and isinstance(last, ast.List):
        return bool(last.elts)
    if any(isinstance(e, ast.Dict) and "cheduler" in file.text(e) for e in value.elts):
        return True
    return any(may_be(infer(file, e), kind) for e in value.elts for kind in ("list", "scheduler"))
