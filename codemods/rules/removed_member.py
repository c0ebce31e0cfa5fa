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
    Told, never fixed. Names that a class of the project defines itself are left alone, and so is
    code that asks with `hasattr` first.

References
    lightning/pytorch/trainer/trainer.py and core/module.py, 1.0.8 to 2.6.6
    https://lightning.ai/docs/pytorch/stable/upgrade/migration_guide.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning import api
from ..lightning.changes.index import members
from ..lightning.changes.row import Level, minor
from ..lightning.objects import CLASSES
from ..model import Severity
from ._members import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._members import Use


@rule("LF602", triggers=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at attributes."""
    rows = members()
    for use in uses(file, _Everything()):
        known = [r for r in rows.get(use.name, ()) if r.owner in use.owners]
        if any(r.new for r in known):
            continue
        if not known:
            yield from _of_data(rule, file, use, settings)
            continue
        row = known[0]
        if row.level(settings.target) is Level.FINE:
            continue
        is_gone = row.level(settings.target) is Level.GONE
        what = f"{row.owner.rpartition('.')[2]}.{row.old}"
        release = row.removed if is_gone else row.deprecated
        yield file.finding(
            rule,
            use.node,
            f"{what} is {'gone' if is_gone else 'deprecated'} since Lightning {release}",
            reason=row.way_out,
            severity=Severity.ERROR if is_gone else Severity.WARNING,
        )


class _Everything:
    """Holds every name but the dunder ones."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and not name.startswith("__")


def _of_data(rule: Rule, file: File, use: Use, settings: Settings) -> Iterator[Finding]:
    """The finding for a member that only the data of the releases knows about."""
    target = "{}.{}".format(*minor(settings.target))
    for owner in sorted(use.owners & set(CLASSES.values())):
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
