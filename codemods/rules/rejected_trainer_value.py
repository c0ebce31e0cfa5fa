"""A Trainer argument has a value that 2.x rejects or ignores.

What it does
    Looks at values of `max_steps`, `accumulate_grad_batches`, `profiler`, `enable_checkpointing`
    and `val_check_interval` of a `Trainer`, and for numbers, texts and types that are out of range
    in these and the other arguments that have one.

Why
    `max_steps=None` raises a `TypeError` in the constructor. `accumulate_grad_batches=None` or a
    dict, and `profiler=True`, pass the constructor and raise once `fit` runs. A callback given as
    `enable_checkpointing=` counts as true: it is lost, and the default one saves instead. A
    `val_check_interval` above the number of batches of an epoch raises, unless batches are counted
    over epochs.

Example
    ```python
    trainer = pl.Trainer(max_steps=None, accumulate_grad_batches={0: 8, 4: 4})
    ```
    becomes
    ```python
    trainer = pl.Trainer(max_steps=-1, callbacks=[GradientAccumulationScheduler({0: 8, 4: 4})])
    ```

Fix safety
    Safe, but for `val_check_interval`: counting over epochs is what the error proposes, and less
    frequent validation may not be what was meant. Told where the value is the default of a
    parameter or of a command-line option, and where a value is out of range.

References
    https://lightning.ai/docs/pytorch/2.6.1/common/trainer.html
    lightning/pytorch/trainer/trainer.py, lightning/pytorch/loops/fit_loop.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ._callback_lists import with_callbacks
from ._options import is_switch_option
from ._telling import Repair, tell
from ._trainer_callbacks import as_callback, callback
from ._trainer_calls import TrainerCall, handings
from ._trainer_ranges import RANGES, refused
from ._trainer_remedy import Remedy, value_of
from ._trainer_targets import TRAINER_WORDS
from ._variables import UNKNOWN, Leaf, default_of, leaves, literal, on_its_own, put, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NONE = {"max_steps": "-1", "accumulate_grad_batches": "1"}


@rule(
    "LF307",
    triggers=(*_NONE, *RANGES, "profiler", "enable_checkpointing", "**"),
    context=TRAINER_WORDS,
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at values, at most one for each argument."""
    del settings
    seen: set[ast.AST] = set()
    for call in handings(file):
        for name in dict.fromkeys((*_CHECKS, *RANGES)):
            argument = call.get(name)
            if call.kind != "Trainer" or argument is None or argument.node in seen:
                continue
            look = _CHECKS.get(name)
            found = look(rule, call, name) if look is not None else None
            found = found or _range(rule, call, name)
            if found is not None:
                seen.add(argument.node)
                yield found


def _none(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    """None stood for the default, which is a number."""
    node, file = call.value(name), call.home(name)
    assert node is not None
    wrong = [leaf for leaf in leaves(file, node) if leaf.value is None]
    if wrong:
        repair = _replaced(call, name, dict.fromkeys(wrong, _NONE[name]))
        return tell(rule, call, name, f"{name}=None raises; the default is {_NONE[name]}", repair)
    default = default_of(file, node)
    if default is None or literal(default) is not None:
        return None
    message = f"the default None of {file.text(node)} raises as {name}="
    return tell(rule, call, name, message, Repair(reason=f"make it {_NONE[name]}"), default)


def _accumulation(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    node, file = call.value(name), call.home(name)
    assert node is not None
    if not is_surely(infer(file, node), "dict"):
        return _none(rule, call, name)
    text = f"scheduling={on_its_own(call.text(name))}"
    made = callback(call, name, "GradientAccumulationScheduler", text)
    message = f"{name}= is one number; a schedule is GradientAccumulationScheduler in callbacks="
    return _as_callback(rule, call, made, message)


def _profiler(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    node, file = call.value(name), call.home(name)
    assert node is not None
    if _is_question(node) or is_switch_option(file, node):
        text = f"{quoted(file, call.node, 'simple')} if {call.text(name)} else None"
        message = f'{name}={file.text(node)} raises in fit where it is true; True is "simple" now'
        return tell(rule, call, name, message, Repair({name: [(name, on_its_own(text))]}))
    wrong = [leaf for leaf in leaves(file, node) if isinstance(leaf.value, bool)]
    if not any(leaf.value for leaf in wrong):
        return None
    texts = {leaf: quoted(file, call.node, "simple") if leaf.value else "None" for leaf in wrong}
    message = f'{name}=True raises in fit; it is {name}="simple"'
    return tell(rule, call, name, message, _replaced(call, name, texts))


def _is_question(node: ast.expr) -> bool:
    """Whether an expression is true or false: a comparison, ``not``, ``bool(…)``."""
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) == "bool"
    return isinstance(node, ast.Compare)


def _checkpointing(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    node, file = call.value(name), call.home(name)
    assert node is not None
    if not is_surely(infer(file, node), Role.CALLBACK.value):
        return None
    made = as_callback(call, name, node)
    message = f"{name}= is a switch; the callback that it is given is lost"
    if made is None:
        return tell(rule, call, name, message, Repair(reason="pass it in callbacks="))
    return _as_callback(rule, call, made, message)


def _interval(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    """More batches between validations than an epoch has."""
    value, most = value_of(call, name), value_of(call, "limit_train_batches")
    numbers = [v for v in (value, most) if isinstance(v, int) and not isinstance(v, bool)]
    others = ("check_val_every_n_epoch", "limit_val_batches", "fast_dev_run", "overfit_batches")
    if len(numbers) <= 1 or numbers[0] <= numbers[1] or any(call.get(n) for n in others):
        return None
    message = f"{name}={numbers[0]} raises: an epoch has {numbers[1]} batches"
    changes = {name: [(name, call.text(name)), ("check_val_every_n_epoch", "None")]}
    doubts = ["batches are counted over epochs then; a smaller number may be meant"]
    return tell(rule, call, name, message, Repair(changes, doubts=doubts))


def _range(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    """A number, a text or a type that raises."""
    value = value_of(call, name)
    way_out = refused(name, value, frozenset(call.names)) if value is not UNKNOWN else None
    if way_out is None:
        return None
    message = f"{name}={value!r} raises at 2.x"
    return tell(rule, call, name, message, Repair(reason=way_out))


def _as_callback(rule: Rule, call: TrainerCall, made: Remedy, message: str) -> Finding:
    assert made.callback is not None
    text, doubt = with_callbacks(call, [made.callback])
    home = "callbacks" if call.get("callbacks") is not None else made.name
    changes: dict[str, list[tuple[str, str]]] = {made.name: []}
    changes[home] = [("callbacks", text)]
    doubts = [doubt] if doubt else []
    return tell(rule, call, made.name, message, Repair(changes, needs=made.needs, doubts=doubts))


def _replaced(call: TrainerCall, name: str, texts: dict[Leaf, str]) -> Repair:
    """The repair that puts texts in the place of values."""
    node = call.value(name)
    assert node is not None
    text, edits = put(call.home(name), node, texts)
    within = any(leaf.within for leaf in texts)
    return Repair({name: [(name, text)]} if within else {}, edits)


_CHECKS: dict[str, Callable[[Rule, TrainerCall, str], Finding | None]] = {
    "max_steps": _none,
    "accumulate_grad_batches": _accumulation,
    "profiler": _profiler,
    "enable_checkpointing": _checkpointing,
    "val_check_interval": _interval,
}
