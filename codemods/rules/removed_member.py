"""An attribute or method of a Lightning object is gone.

What it does
    Finds attributes and methods of Trainers, modules, datamodules and callbacks that the target
    does not have, and says what to do instead. What no row tells of is looked up in what each
    release offers.

Why
    It raises `AttributeError` when the line runs, which may be hours into the training.

Example
    ```python
    class Watch(pl.Callback):
        def on_train_start(self, trainer, pl_module):
            print(trainer.gpus)
    ```

Fix safety
    Told, but for two: calls that do nothing any more are removed, where they are statements, and
    `trainer.gpus` and its like are written as what they are used as, a number, a list or a
    condition; that is unsafe. Names that a class of the project defines itself are left alone, and
    so is code that asks with `hasattr` first.

References
    lightning/pytorch/trainer/trainer.py and core/module.py, 1.0.8 to 2.6.6
    https://lightning.ai/docs/pytorch/stable/upgrade/migration_guide.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..engine.statements import remove, stands_alone
from ..lightning import api
from ..lightning.changes.index import members
from ..lightning.changes.row import Level
from ..lightning.names import is_lightning
from ..lightning.objects import ABSTRACT, CALLBACK, CLASSES, LOGGER
from ..model import Fix, Safety, Severity
from ._member_backends import of_backend
from ._member_devices import of_devices
from ._members import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..lightning.changes.row import Member
    from ..model import Finding
    from ._members import Use


_STAGES = ("train", "val", "test", "predict")
#: Classes whose members are looked up though they inherit from torch, or may be derived from.
_OPEN = frozenset(CLASSES.values())
#: These have rules of their own.
_ELSEWHERE = frozenset(
    {
        *("tuner", "tune", "lr_schedulers", *(f"{s}_batch_idx" for s in _STAGES)),
        *("add_argparse_args", "from_argparse_args", "parse_argparser", "default_attributes"),
        *("get_init_arguments_and_types", "match_env_arguments"),
    }
)
#: Names that a class of one's own may well give to members; which class it is, is not known.
_OWN = frozenset({"train_transforms", "val_transforms", "test_transforms", "dims", "size"})
#: What these are, nobody can tell: they stand for some subclass.
_ABSTRACT = frozenset(CLASSES[kind] for kind in ABSTRACT - {CALLBACK, LOGGER})


@rule("LF602", triggers=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at attributes."""
    rows = members()
    asked = api.lost(settings.minor) | rows.keys()
    for use in uses(file, asked):
        known = use.meant(rows.get(use.name, ()))
        if not known:
            if not use.guessed and use.name not in _ELSEWHERE:
                yield from _of_data(rule, file, use, settings)
            continue
        row = known[0]
        if use.derived and use.name in _OWN:
            continue
        if (len(known) == 1 and row.new) or row.level(settings.target) is Level.FINE:
            continue
        is_gone = row.level(settings.target) is Level.GONE
        what = f"{row.owner.rpartition('.')[2]}.{row.old}"
        release = row.removed if is_gone else row.deprecated
        happened = "gone" if is_gone else "deprecated"
        if row.only_set and is_gone:
            happened = "not to be assigned"
        yield file.finding(
            rule,
            use.node,
            f"{what} is {happened} since Lightning {release}",
            fix=_without(file, use) if row.idle else _instead(file, use, row),
            reason=_way_out(use, known),
            severity=Severity.ERROR if is_gone and not use.guessed else Severity.WARNING,
        )


def _instead(file: File, use: Use, row: Member) -> Fix | None:
    """The fix that what is done with a member tells."""
    return of_devices(file, use, row) or of_backend(file, use, row)


def _without(file: File, use: Use) -> Fix | None:
    """The fix that removes a call; None where something is made of what it gives."""
    call = file.tree.parents.get(use.node)
    statement = file.tree.parents.get(call) if isinstance(call, ast.Call) else None
    if not isinstance(statement, ast.Expr) or not stands_alone(file, statement):
        return None
    safety = Safety.UNSAFE if use.guessed else Safety.SAFE
    return Fix("remove the call", remove(file, [statement]), safety)


def _way_out(use: Use, known: list[Member]) -> str:
    if len(known) > 1:
        forms = [f"{r.new} for {r.owner.rpartition('.')[2]}" for r in known if r.new]
        return f"it is {' and '.join(forms)}" if forms else known[0].way_out
    return f"{known[0].way_out}; {use.doubt}" if use.doubt else known[0].way_out


def _is_class(path: str) -> bool:
    return is_lightning(path) and path.rpartition(".")[2][:1].isupper()


def _of_data(rule: Rule, file: File, use: Use, settings: Settings) -> Iterator[Finding]:
    """The finding for a member that only the data of the releases knows about."""
    target = settings.minor
    if use.owners & _ABSTRACT or use.derived or use.name.startswith("_"):
        # Protected attributes are also set from outside of the class, which is not mined.
        return
    for owner in sorted(o for o in use.owners if _is_class(o)):
        if owner not in _OPEN and api.is_open(owner, target):
            return
        member = f"{owner}.{use.name}"
        if not use.is_read or api.state(member, target) <= api.State.DEPRECATED:
            return
        last = api.until(member)
        if last is not None:
            name = owner.rpartition(".")[2]
            yield file.finding(
                rule,
                use.node,
                f"{name}.{use.name} is not in Lightning {target}; {last} was the last release "
                "to have it",
                reason="Lightning names no successor",
            )
            return
