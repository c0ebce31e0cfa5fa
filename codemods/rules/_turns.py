"""Several optimizers taking turns by hand, as the automatic loop of 1.x let them."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..engine.kinds import is_surely, may_be
from ..engine.values import infer, own_nodes
from ._optimizers import has_schedulers, steps_each_batch
from ._schedules import Configured, Schedule, configured
from ._turn_heirs import Family
from ._turn_outputs import Kept, kept, reads_outputs
from ._turn_settings import BEFORE, CLIPPING, STEPPING, Arguments, arguments_of

if TYPE_CHECKING:
    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.scopes import Function

_CONFIGURE = "configure_optimizers"
_DICTS = frozenset({"dict", "OrderedDict"})


@dataclass(frozen=True)
class Names:
    """What a step calls its parameters, and the method that its old body becomes."""

    own: str
    batch: str
    batch_idx: str
    index: str
    helper: str


@dataclass(frozen=True)
class Turns:
    """What the new step has to do besides calling the old one.

    ``entry`` is how the loss is taken out of what the old one returns, ``skips`` whether that may
    be None; ``several`` tells that there are several optimizers for certain. ``plan`` is what
    ``configure_optimizers`` asks for, None where that is not read (``mixed``: there are several
    classes with one of their own); then ``schedules`` says when
    schedulers are stepped, ``epoch``, ``batch``, or empty, and ``sure`` that there are some.
    """

    entry: str
    skips: bool
    plan: Configured | None
    schedules: str = ""
    sure: bool = True
    several: bool = True
    mixed: bool = False
    overridden: frozenset[str] = frozenset()
    arguments: Arguments = field(default_factory=Arguments)
    kept: Kept | None = None
    #: How every tensor of an output is cut off from its graph; ``{}`` is the output.
    detached: str = ""

    def step(self, names: Names) -> list[str]:
        """The lines of the new step, with four blanks for each level."""
        own, batch_idx = names.own, names.batch_idx
        lines = [f"def training_step({own}, {names.batch}, {batch_idx}):"]
        if self.kept is not None:
            lines += [f"    {line}" for line in self.kept.before(own)]
        turn, inner = self._chosen(names)
        lines += [f"    {line}" for line in turn]
        lines += [inner + line if line else "" for line in self._optimized(names)]
        lines += [f"    {line}" for line in self.scheduled(names)]
        return [*lines, ""]

    def _chosen(self, names: Names) -> tuple[list[str], str]:
        """The lines that say whose turn it is, and the indentation of what it does."""
        own, index = names.own, names.index
        everybody = f"{own}.optimizers()"
        if self.plan is not None and self.plan.frequencies:
            chosen = _chosen(self.plan.frequencies, names.batch_idx, index)
            return [*chosen, f"optimizer = {everybody}[{index}]"], "    "
        lines = []
        if not self.several:
            lines.append(f"optimizers = {everybody}")
            everybody = "optimizers if isinstance(optimizers, list) else [optimizers]"
        return [*lines, f"for {index}, optimizer in enumerate({everybody}):"], " " * 8

    def _optimized(self, names: Names) -> list[str]:
        """The lines of one turn."""
        own = names.own
        called = f"{own}.{names.helper}({names.batch}, {names.batch_idx}, {names.index})"
        work = [*self._loss(called), *self.turn(names)]
        if self._has(STEPPING):
            work = self._by_closure(names, called)
        return [
            f"{own}.toggle_optimizer(optimizer)",
            *work,
            f"{own}.untoggle_optimizer(optimizer)",
        ]

    def turn(self, names: Names) -> list[str]:
        """The lines that take a step with ``loss`` and ``optimizer``."""
        every = self.arguments.every
        run = [*self._clipped(names.own), "optimizer.step()"]
        backward = self._backward(names)
        if every is None:
            work = [*self._cleared(names), *backward, *run]
            return _under("loss is not None", work) if self.skips else work
        lines = self._cleared(names)
        lines += _under("loss is not None", backward) if self.skips else backward
        return lines + _under(self._full(names), run)

    def _by_closure(self, names: Names, called: str) -> list[str]:
        """One turn where the module's own ``optimizer_step`` decides what becomes of it."""
        every = self.arguments.every
        backward = self._backward(names)
        work = self._loss(called) + self._cleared(names)
        work += _under("loss is not None", backward) if self.skips else backward
        where = f"{names.own}.current_epoch, {names.batch_idx}, optimizer"
        run = [f"{names.own}.{STEPPING}({where}, closure)"]
        if every is not None:
            run = [*_under(self._full(names), run), "else:", "    closure()"]
        inner = ["    " + line for line in (*work, "return loss")]
        return ["", "def closure():", *inner, "", *run]

    def _backward(self, names: Names) -> list[str]:
        """The lines that run a loss backwards, and keep what the end of the epoch reads."""
        every = self.arguments.every
        lines = [f"{names.own}.manual_backward(loss{f' / {every}' if every else ''})"]
        if self.kept is None:
            return lines
        # What the hook was given had been divided, too.
        loss = f"loss.detach(){f' / {every}' if every else ''}"
        value = f'{{"loss": {loss}}}'
        if self.entry:
            whole = self.entry == 'output["loss"]'
            output = "output" if whole else 'output if isinstance(output, dict) else {"loss": loss}'
            value = self.detached.format(output)
            value = f'{{**{value}, "loss": {loss}}}' if every else value
        return [*lines, self.kept.append(names.own, names.index, value)]

    def _loss(self, called: str) -> list[str]:
        return (
            [f"output = {called}", f"loss = {self.entry}"] if self.entry else [f"loss = {called}"]
        )

    def _cleared(self, names: Names) -> list[str]:
        """The lines that forget the gradients, at the first of the batches that go together."""
        lines = ["optimizer.zero_grad()"]
        if self._has("optimizer_zero_grad"):
            where = f"{names.own}.current_epoch, {names.batch_idx}, optimizer.optimizer"
            lines = [f"{names.own}.optimizer_zero_grad({where})"]
        if self._has("on_before_zero_grad"):
            lines.insert(0, f"{names.own}.on_before_zero_grad(optimizer.optimizer)")
        if self.arguments.every is None:
            return lines
        return _under(f"{names.batch_idx} % {self.arguments.every} == 0", lines)

    def _clipped(self, own: str) -> list[str]:
        if self.clips_in_hook:
            return []
        return self.clipping(own, "optimizer", "optimizer.optimizer")

    @property
    def clips_in_hook(self) -> bool:
        """Whether gradients are clipped where Lightning has unscaled them."""
        wanted = self.arguments.clip is not None or self._has(CLIPPING)
        return wanted and (self.arguments.scaled or self._has(STEPPING) or self._has(BEFORE))

    def clipping(self, own: str, optimizer: str, bare: str) -> list[str]:
        """The line that clips the gradients of an optimizer, if there is anything to clip."""
        value, algorithm = self.arguments.clip or ("None", "None")
        if self._has(CLIPPING):
            return [f"{own}.{CLIPPING}({bare}, {value}, {algorithm})"]
        if self.arguments.clip is None:
            return []
        given = f"gradient_clip_val={value}, gradient_clip_algorithm={algorithm}"
        return [f"{own}.clip_gradients({optimizer}, {given})"]

    def _full(self, names: Names) -> str:
        """The test for the last of the batches that go together."""
        last = f"{names.own}.trainer.is_last_batch"
        return f"({names.batch_idx} + 1) % {self.arguments.every} == 0 or {last}"

    def _has(self, name: str) -> bool:
        return name in self.overridden

    # schedulers -----------------------------------------------------------------------------

    def scheduled(self, names: Names) -> list[str]:
        """The lines that step schedulers after a batch, the last one of an epoch included."""
        own, batch_idx = names.own, names.batch_idx
        last = f"{own}.trainer.is_last_batch"
        if self.plan is None:
            lines = self._all_schedulers(own) if self.schedules else []
            return _under(last, lines) if self.schedules == "epoch" else lines
        lines = []
        batches = (f"({batch_idx} + 1)", f"({own}.current_epoch + 1)")
        for each_batch in (True, False):
            ours = [
                (i, s)
                for i, s in enumerate(self.plan.schedules)
                if s.monitor is None and s.each_batch is each_batch
            ]
            counted = batches[0] if each_batch else batches[1]
            held = [] if each_batch else [last]
            if each_batch and self.arguments.every is not None:
                held = [f"({batch_idx} + 1) % {self.arguments.every} == 0 or {last}"]
            lines += self._stepped(own, ours, counted, held)
        return lines

    def epoch_end(self, own: str) -> list[str]:
        """The lines that step the schedulers which watch a metric, when an epoch ends."""
        if self.plan is None:
            return []
        ours = [(i, s) for i, s in enumerate(self.plan.schedules) if s.monitor is not None]
        return self._stepped(own, ours, f"({own}.current_epoch + 1)", [])

    def _stepped(
        self, own: str, ours: list[tuple[int, Schedule]], counted: str, held: list[str]
    ) -> list[str]:
        """The lines that step some of the schedulers, each as often as it wants."""
        assert self.plan is not None
        if not ours:
            return []
        total = len(self.plan.schedules)
        alike = {(s.frequency, s.monitor, s.strict) for _, s in ours}
        if len(ours) == total > 1 and len(alike) == 1:
            every = ours[0][1]
            loop = [f"for scheduler in {own}.lr_schedulers():"]
            work = loop + ["    " + line for line in self._one(own, "scheduler", every)]
            return _under(" and ".join([*held, *_each(every.frequency, counted)]), work)
        if total == 1:
            only = ours[0][1]
            work = self._one(own, f"{own}.lr_schedulers()", only)
            return _under(" and ".join([*held, *_each(only.frequency, counted)]), work)
        if len(ours) == 1:
            place, only = ours[0]
            work = self._one(own, f"{own}.lr_schedulers()[{place}]", only)
            return _under(" and ".join([*held, *_each(only.frequency, counted)]), work)
        lines = [f"schedulers = {own}.lr_schedulers()"]
        for i, one in ours:
            work = self._one(own, f"schedulers[{i}]", one)
            lines += _under(" and ".join(_each(one.frequency, counted)), work)
        return _under(" and ".join(held), lines)

    def _one(self, own: str, scheduler: str, schedule: Schedule) -> list[str]:
        metrics = f"{own}.trainer.callback_metrics"
        value = f"{metrics}[{schedule.monitor}]" if schedule.monitor is not None else ""
        line = f"{scheduler}.step({value})"
        if self._has("lr_scheduler_step"):
            line = f"{own}.lr_scheduler_step({scheduler}, {value or None})"
        if schedule.monitor is not None and not schedule.strict:
            return _under(f"{schedule.monitor} in {metrics}", [line])
        return [line]

    def _all_schedulers(self, own: str) -> list[str]:
        line = "scheduler.step()"
        if self._has("lr_scheduler_step"):
            line = f"{own}.lr_scheduler_step(scheduler, None)"
        return [
            f"schedulers = {own}.lr_schedulers(){'' if self.sure else ' or []'}",
            "for scheduler in schedulers if isinstance(schedulers, list) else [schedulers]:",
            f"    {line}",
        ]


def _under(test: str, lines: list[str]) -> list[str]:
    """Lines under a condition; as they are where there is none."""
    return [f"if {test}:", *("    " + line for line in lines)] if test and lines else lines


def _each(frequency: int, counted: str) -> list[str]:
    return [f"{counted} % {frequency} == 0"] if frequency != 1 else []


def _chosen(frequencies: tuple[str, ...], batch_idx: str, index: str) -> list[str]:
    """The lines that find out which optimizer a batch belongs to."""
    total = " + ".join(frequencies)
    if all(text.isdigit() for text in frequencies):
        numbers = [int(text) for text in frequencies]
        ends = [sum(numbers[: i + 1]) for i in range(len(numbers))]
        place = f"{batch_idx} % {ends[-1]}"
        if len(ends) == 2:  # noqa: PLR2004 - one choice needs no search
            return [f"{index} = 0 if {place} < {ends[0]} else 1"]
        return [f"{index} = sum({place} >= end for end in {tuple(ends[:-1])})"]
    place = f"{batch_idx} % ({total})"
    tests = [" + ".join(frequencies[: i + 1]) for i in range(len(frequencies) - 1)]
    if len(tests) == 1:
        return [f"{index} = 0 if {place} < {tests[0]} else 1"]
    return [f"{index} = sum({place} >= end for end in ({', '.join(tests)}))"]


def turns(
    cls: Class, function: Function, family: Family, *, several: bool, overridden: frozenset[str]
) -> Turns:
    """What an old step returns, and what its class and the Trainers of that class ask for."""
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
    skips = skips or _may_be_none(function.returns)
    if skips and any(dicts):
        entry = 'output["loss"] if isinstance(output, dict) else output'
    model = family.configuring[0]
    schedules, plan = "", configured(model)
    handed = _hands_over(model) if plan is None and has_schedulers(model) else {False}
    if True in handed:
        schedules = "batch" if steps_each_batch(model) else "epoch"
    return Turns(
        entry,
        skips,
        plan,
        schedules,
        sure=handed == {True},
        several=several or bool(plan and plan.frequencies),
        mixed=len(family.configuring) > 1 or model is not cls,
        overridden=overridden,
        arguments=arguments_of(cls, function.args.args[0].arg),
        kept=_kept(cls),
    )


def _may_be_none(annotation: ast.expr | None) -> bool:
    """Whether what a step says that it returns may be None."""
    text = ast.unparse(annotation) if annotation is not None else ""
    return "Optional[" in text or "| None" in text or "None |" in text


def _kept(cls: Class) -> Kept | None:
    found = kept(cls)
    return found if found is not None and reads_outputs(cls, found.function) else None


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
