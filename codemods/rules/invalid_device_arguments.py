"""Accelerator, devices or strategy of a Trainer are given in a way that 2.x rejects.

What it does
    Looks at `gpus`, `num_processes`, `tpu_cores`, `ipus`, `auto_select_gpus`,
    `distributed_backend`, `accelerator`, `devices`, `strategy` and `plugins` of `Trainer` and
    `Fabric`: in calls, subclasses' `super().__init__`, `functools.partial`, and dicts that are
    splatted into them, with what statements put into these. All of them are solved together.

Why
    The device counts were removed in 2.0 (`TypeError: unexpected keyword argument`), strategies
    left `accelerator=` and `plugins=`, and `None` raises where it used to mean the default.

Example
    ```python
    trainer = pl.Trainer(gpus=2, accelerator="ddp")
    ```
    becomes
    ```python
    trainer = pl.Trainer(accelerator="gpu", devices=2, strategy="ddp")
    ```

    Where the strategy is DDP, the finding says that since 2.0 it looks for parameters without a
    gradient only if it is asked to: `strategy="ddp_find_unused_parameters_true"`.

Fix safety
    Safe where the new arguments ask for what the old ones did: `gpus=0` and
    `accelerator=None` without a count trained on the CPU in 1.x and still do, a count that is
    only known when it runs is asked twice (`"gpu" if n else "cpu"`, `n or 1`), and so is a
    variable that may hold `None` (`devices or "auto"`). Unsafe where releases of 1.x disagreed
    (`gpus="2"`), where the successor differs (`dp`), where arguments are hidden behind
    `**kwargs`, and where a parameter that only the Trainer reads, in its function or in those
    that it is handed to, has the default `None`. Told where the value is not known, or nothing
    replaces it.

References
    https://lightning.ai/docs/pytorch/2.6.1/upgrade/migration_guide.html
    lightning/pytorch/trainer/connectors/accelerator_connector.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..lightning.trainer import DEVICE_ARGUMENTS, LEFT_LATER, OLD_DEVICE_ARGUMENTS
from ..model import Fix, Safety
from ._cli_functions import taken_over
from ._device_entries import entered
from ._device_values import CALLERS, faults
from ._devices import Plan, solve
from ._handed_defaults import Handed, handed_defaults
from ._telling import Repair, tell
from ._trainer_calls import TrainerCall, handings
from ._trainer_remedy import value_of
from ._trainer_targets import TRAINER_WORDS, placed_for
from ._variables import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


#: How a parameter begins that other files may hand to the Trainer as its strategy.
_HANDED = ("strategy=None", "strategy = None", "strategy: Optional", "strategy: str | None")


@rule("LF301", triggers=(*sorted(DEVICE_ARGUMENTS), "**"), context=(*TRAINER_WORDS, *_HANDED))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at device arguments, one for those that have to change together."""
    seen: set[ast.AST] = set()
    for call in handings(file):
        if _is_known(call, settings.target):
            continue
        for finding, node in _findings(rule, call, settings):
            if node not in seen:
                seen.add(node)
                yield finding
    for handed in handed_defaults(file):
        if handed.node not in seen:
            seen.add(handed.node)
            yield _of_default(rule, file, handed)


def _of_default(rule: Rule, file: File, handed: Handed) -> Finding:
    """The finding at a default that other functions hand to the Trainer."""
    edit = file.replace(handed.node, quoted(file, handed.node, "auto"))
    return file.finding(
        rule,
        handed.node,
        f"the default None of {handed.parameter} reaches the Trainer, which rejects it as "
        f"{handed.name}=",
        fix=Fix('make the default "auto"', (edit,), Safety.UNSAFE),
        reason=CALLERS,
    )


def _is_known(call: TrainerCall, target: str) -> bool:
    """Whether a call names hardware or a strategy that the target release still has."""
    held = [value_of(call, name) for name in ("accelerator", "strategy") if call.get(name)]
    ends = [LEFT_LATER[value] for value in held if isinstance(value, str) and value in LEFT_LATER]
    return any(minor(target) < minor(end) for end in ends)


def _findings(
    rule: Rule, call: TrainerCall, settings: Settings
) -> Iterator[tuple[Finding, ast.AST]]:
    plan = solve(call)
    if plan is not None:
        yield _planned(rule, call, plan)
    else:
        for fault in faults(call):
            finding = tell(
                rule,
                call,
                fault.name,
                fault.message,
                fault.repair,
                fault.node,
            )
            argument = call.get(fault.name)
            yield finding, fault.node or (argument.node if argument else call.node)
    gives_way = placed_for(call.file, call.node) is not None
    gives_way = gives_way or bool(taken_over(call.file, call.node, settings))
    yield from entered(rule, call, alone=gives_way)


def _is_plain_ddp(call: TrainerCall, plan: Plan) -> bool:
    """Whether a call of 1.x ends up with DDP, whose default changed with 2.0."""
    new = [text for pairs in plan.slots.values() for name, text in pairs if name == "strategy"]
    value: object = new[0].strip("\"'") if new else value_of(call, "strategy")
    return call.kind == "Trainer" and value in ("ddp", "ddp_spawn")


def _planned(rule: Rule, call: TrainerCall, plan: Plan) -> tuple[Finding, ast.AST]:
    old = [n for n in call.names if n in OLD_DEVICE_ARGUMENTS]
    held = [n for n in ("accelerator", "plugins") if call.get(n) is not None]
    first = next((n for n in [*old, *held] if n in plan.slots), [*old, *held][0])
    argument = call.get(first)
    node = argument.node if argument is not None else call.node
    if old:
        verb = "is" if len(old) == 1 else "are"
        message = f"{', '.join(f'{n}=' for n in old)} {verb} gone since 2.0"
    else:
        message = f"{first}={call.text(first)} names a strategy; that is strategy= since 1.5"
    if plan.refusal is not None:
        return tell(rule, call, first, message, Repair(reason=plan.refusal)), node
    if _is_plain_ddp(call, plan):
        message += (
            '; "ddp" raises where a parameter gets no gradient since 2.0, '
            '"ddp_find_unused_parameters_true" is what it was'
        )
    doubts = list(plan.doubts)
    if any(
        s.name in ("accelerator", "devices", "strategy", "plugins", *OLD_DEVICE_ARGUMENTS)
        for s in call.stored
    ):
        doubts.append("the dict gets device arguments by assignment too")
    repair = Repair(plan.slots, tuple(plan.edits), tuple(plan.needs), tuple(plan.drops), doubts)
    return tell(rule, call, first, message, repair), node
