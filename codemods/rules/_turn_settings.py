"""What beside the step decides about the turns of optimizers: hooks, and Trainer arguments."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.kinds import is_surely
from ..engine.values import infer
from ..model import Safety
from ._hook_optimizers import declares_manual
from ._hook_planner import Planner
from ._hook_shape import shape_of
from ._optimizers import has_schedulers
from ._schedules import configured
from ._trainer_calls import trainer_calls
from ._trainer_module import module_of, trainers_of
from ._trainer_remedy import value_of
from ._turn_callbacks import is_heard
from ._turn_heirs import CONFIGURE, INDEX_NAMES, STEP, Family, entangled, family_of
from ._turn_outputs import kept, reads_outputs
from ._variables import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.scopes import Function
    from ._trainer_calls import TrainerCall

STEPPING = "optimizer_step"
CLIPPING = "configure_gradient_clipping"
BEFORE = "on_before_optimizer_step"
HIDDENS = "hiddens"
_EVERY = "accumulate_grad_batches"
#: Attributes that stand for arguments of the Trainer, and what they are where no script sets them.
HANDED = {"gradient_clip_val": "None", _EVERY: "1"}
TIME_STEPS = "truncated_bptt_steps"
_OLD_STEP_HOOKS = ("training_step_end", "tbptt_split_batch")
#: Hooks that the automatic loop ran; by hand the step calls them, or what it calls does.
_FOLLOWED = (
    STEPPING,
    CLIPPING,
    "optimizer_zero_grad",
    "on_before_zero_grad",
    BEFORE,
    "backward",
    "toggle_optimizer",
    "untoggle_optimizer",
    "lr_scheduler_step",
)
_TRACKED = "track_grad_norm"
_SCHEDULE = "GradientAccumulationScheduler"
_HALF = ("16", "16-mixed", "16-true")


@dataclass(frozen=True)
class Arguments:
    """What the Trainers of a module ask for: how to clip, and how many batches to put together.

    ``scaled`` says that gradients are scaled until Lightning has taken its step, ``handed`` are
    the attributes that a script sets, because only there the values are known.
    """

    clip: tuple[str, str] | None = None
    every: str | None = None
    scaled: bool = False
    handed: tuple[str, ...] = ()


def arguments_of(cls: Class, own: str) -> Arguments:
    """What the Trainers that fit a class ask for, in a method that calls its object ``own``."""
    clip = _agreed(cls, "gradient_clip_val")
    algorithm = _agreed(cls, "gradient_clip_algorithm") or "norm"
    every = _agreed(cls, _EVERY)
    precise = [value_of(call, "precision") for call in trainers_of(cls, "precision")]
    clips = type(clip) in (int, float) and bool(clip) and isinstance(algorithm, str)
    texts = {
        "gradient_clip_val": repr(clip) if clips else None,
        _EVERY: str(every) if type(every) is int and every > 1 else None,
    }
    known = {"gradient_clip_val": clip, _EVERY: every}
    handed = [n for n, value in known.items() if value is UNKNOWN and isinstance(algorithm, str)]
    handed = [name for name in handed if not is_named(cls, name)]
    texts |= {name: f"{own}.{name}" for name in handed}
    clipped, every_text = texts["gradient_clip_val"], texts["accumulate_grad_batches"]
    return Arguments(
        (clipped, f'"{algorithm}"') if clipped is not None else None,
        every_text,
        any(str(p) in _HALF or p is UNKNOWN for p in precise),
        tuple(handed),
    )


def is_named(cls: Class, name: str) -> bool:
    """Whether a class has something of a name already."""
    return bool(cls.method(name) or cls.class_values(name) or any(cls.self_assignments(name)))


def _agreed(cls: Class, name: str) -> object:
    """The one value that an argument has in every Trainer that fits a class.

    None where no Trainer has it, UNKNOWN where they differ or it is not seen.
    """
    calls = trainers_of(cls, name)
    others = [call for call in _beside(cls, calls) if call.get(name) is None]
    values = [*(value_of(call, name) for call in calls), *([None] if others and calls else [])]
    if any(value is UNKNOWN or value != values[0] for value in values):
        return UNKNOWN
    return values[0] if values else None


def _beside(cls: Class, calls: list[TrainerCall]) -> Iterator[TrainerCall]:
    """The Trainers for a class in the files of some."""
    for file in {id(call.file): call.file for call in calls}.values():
        for call in trainer_calls(file):
            if module_of(call) is cls:
                yield call


def overridden(family: Family) -> frozenset[str]:
    """Which hooks of the automatic loop a class, or an heir that runs its step, brings itself.

    With them the one that callbacks of the project have too, before gradients are clipped.
    """
    brought = [name for name in _FOLLOWED if any(c.method(name) for c in family.running)]
    heard = any(is_heard(cls.file, BEFORE) for cls in family.running)
    return frozenset([*brought, *([BEFORE] if heard else [])])


def obstacle(cls: Class, index: str, planner: Planner, *, split: bool = False) -> str | None:
    """Why turns by hand might not be what the automatic loop did; None where they are.

    ``split`` says that the step goes through the pieces of a batch.
    """
    family = family_of(cls)
    members = family.running
    for name in _OLD_STEP_HOOKS[: 1 if split else None]:
        if any(member.method(name) for member in members):
            return f"{name} is overridden: write the turns by hand, with what it does"
    told = [_unready(cls, name, index, found, planner) for name, found in _followed(members)]
    told += [entangled(family, split=split), _waiting(family, planner), _growing(cls)]
    told.append(_tracking(cls))
    refused = next((reason for reason in told if reason is not None), None)
    if refused is not None:
        return refused
    for member in members:
        for name in ("on_train_batch_end", "training_epoch_end", "on_train_epoch_end"):
            found = member.method(name)
            if found is None or (name == "training_epoch_end" and kept(cls) is not None):
                continue
            if reads_outputs(*found):
                return (
                    f"{name} reads the outputs of each optimizer: keep them in training_step, in "
                    "a list for each"
                )
    asked = map(_configuration, family.configuring or (cls,))
    return next((reason for reason in asked if reason is not None), None)


def _growing(cls: Class) -> str | None:
    """Why the batches that go together cannot be counted: their number grows with the epochs."""
    numbers = [(c.home(_EVERY), c.value(_EVERY)) for c in trainers_of(cls, _EVERY)]
    grows = any(node is not None and is_surely(infer(file, node), "dict") for file, node in numbers)
    called = any(_SCHEDULE in call.text("callbacks") for call in trainers_of(cls, "callbacks"))
    if not grows and not called:
        return None
    return f"fit refuses {_SCHEDULE} with manual optimization: count the batches by hand"


def _tracking(cls: Class) -> str | None:
    """Why clipping has to wait: the Trainer's own hook saw the gradients before."""
    if _agreed(cls, "gradient_clip_val") in (None, 0):
        return None
    tracked = [value_of(call, _TRACKED) for call in trainers_of(cls, _TRACKED)]
    if all(value == -1 for value in tracked):
        return None
    return f"{_TRACKED} is logged before gradients are clipped: move it into {BEFORE} first"


def _followed(members: tuple[Class, ...]) -> Iterator[tuple[str, tuple[Class, Function]]]:
    """The hooks that some classes bring, each once."""
    for name in _FOLLOWED:
        found = dict.fromkeys(member.method(name) for member in members)
        yield from ((name, one) for one in found if one is not None)


def _waiting(family: Family, planner: Planner) -> str | None:
    """Why the turns of an heir cannot be written at the same time."""
    for heir in family.turning:
        index = next(a.arg for a in heir.methods[STEP].args.args if a.arg in INDEX_NAMES)
        if obstacle(heir, index, planner) is not None:
            return f"the training_step of {heir.name} has to take turns first"
    return None


def _unready(
    cls: Class, name: str, index: str, found: tuple[Class, Function], planner: Planner
) -> str | None:
    """Why the step cannot call a hook like today's; None where it can."""
    owner, function = found
    plan = planner.plan(owner, function)
    # In its own file the hook is repaired first, in that of an heir at the same time.
    repaired = plan is None or (
        owner.file is not cls.file and plan.reason is None and plan.safety is Safety.SAFE
    )
    asked = plan is not None and plan.reason and INDEX_NAMES.intersection(plan.shape.names)
    if asked and not repaired:
        return (
            f"{name} reads {', '.join(sorted(asked))}: write the turns by hand, with what it does"
        )
    if not repaired or _takes_index(name, function):
        return f"{name} takes the parameters of 1.x: repair it first"
    if _asks(function, index):
        return f"{name} asks for {index}: write the turns by hand, with what it does"
    return None


def _takes_index(name: str, function: Function) -> bool:
    """Whether a toggle still takes the index of an optimizer."""
    shape = shape_of(function)
    if name not in ("toggle_optimizer", "untoggle_optimizer") or shape is None:
        return False
    return shape.required > 1 or any("idx" in argument for argument in shape.names)


def _asks(function: Function, index: str) -> bool:
    """Whether a hook takes the index out of arguments that it does not name."""
    rest = function.args.vararg.arg if function.args.vararg is not None else None
    handed = {id(n.value) for n in ast.walk(function) if isinstance(n, ast.Starred)}
    return any(
        (isinstance(n, ast.Constant) and n.value == index)
        or (isinstance(n, ast.Name) and n.id == rest and id(n) not in handed)
        for n in ast.walk(function)
    )


def time_steps(cls: Class) -> list[ast.expr]:
    """What the number of time steps in a piece of a batch is set to, where that is not nothing."""
    values = [v for _, v in cls.class_values(TIME_STEPS)]
    given = cls.self_assignments(TIME_STEPS)
    values += [v for _, _, v, path in given if v is not None and not path]
    return [v for v in values if not (isinstance(v, ast.Constant) and not v.value)]


def takes_pieces(cls: Class, function: Function) -> bool:
    """Whether a step is called for each piece of a batch: it takes ``hiddens``, its class cuts."""
    names = [a.arg for a in function.args.args]
    return HIDDENS in names and not declares_manual(cls) and bool(time_steps(cls))


def _configuration(cls: Class) -> str | None:
    found = cls.method(CONFIGURE)
    if found is None:
        return "configure_optimizers is not seen: write the turns by hand"
    text = found[0].file.text(found[1])
    if "LBFGS" in text:
        return "LBFGS steps with a closure: write optimizer.step(closure) by hand"
    plan = configured(cls)
    if plan is None and _has_frequency(found[1]):
        return "an optimizer or scheduler has a frequency: count the batches by hand"
    if plan is None and has_schedulers(cls) and ("monitor" in text or "Plateau" in text):
        return (
            "a scheduler has a monitor: step it by hand with "
            "self.trainer.callback_metrics[...] when the epoch ends"
        )
    if plan is not None and plan.frequencies and plan.schedules:
        return "schedulers of optimizers that take turns by a frequency: step them by hand"
    if plan is not None and any(s.monitor is not None and s.each_batch for s in plan.schedules):
        return "a scheduler watches a metric after each batch: step it by hand"
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
