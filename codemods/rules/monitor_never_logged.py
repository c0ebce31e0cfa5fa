"""A callback watches a metric that nothing logs.

What it does
    Compares `monitor=` of `EarlyStopping` and `ModelCheckpoint` with the names that the project
    logs, where all of them can be read.

Why
    `RuntimeError: Early stopping conditioned on metric … which is not available`, or
    `MisconfigurationException` from the checkpoint, after the first epoch.

Example
    ```python
    EarlyStopping(monitor="val_los")
    ```
    becomes
    ```python
    EarlyStopping(monitor="val_loss")
    ```

Fix safety
    Unsafe where one logged name is nearly the same. Told otherwise. Projects that build names, or
    log in other ways, are left alone.

References
    lightning/pytorch/callbacks/early_stopping.py (2.6.6)
"""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._behaviour_logged import logged_in
from ._keyword_monitors import PLACES
from ._variables import literal, loads, quoted, used_in_other_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

#: As many files are looked at; where there are more, some may log other names.
_MOST = 16
#: Other ways to log, of which the names are not read.
_OTHERS = (b"callback_metrics", b'"log":', b"'log':", b"LearningRateMonitor", b"DeviceStatsMonitor")


@rule("LF919", triggers=("EarlyStopping", "ModelCheckpoint"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at ``monitor=``."""
    del settings
    calls = [c for c in file.tree.calls if file.canonical(c.func) in PLACES]
    names = _logged(file) if calls else None
    if not names:
        return
    for call in calls:
        given = _monitor(file, call)
        monitor = literal(given)
        if given is None or not isinstance(monitor, str) or monitor in names:
            continue
        if "/dataloader_idx_" in monitor or _is_idle(file, call):
            continue
        near = difflib.get_close_matches(monitor, sorted(names), 1, 0.8)
        fix = None
        if near:
            edit = file.replace(given, quoted(file, given, near[0]))
            fix = Fix(f"watch {near[0]}", (edit,), Safety.UNSAFE)
        plain = sorted(n for n in names if not n.endswith(("_step", "_epoch")))
        shown = ", ".join(plain[:5])
        message = f"nothing logs {monitor}"
        reason = f"what is logged is {shown}"
        parent = file.tree.parents[given]
        place = parent if isinstance(parent, ast.keyword) else given
        yield file.finding(rule, place, message, fix=fix, reason=reason)


def _monitor(file: File, call: ast.Call) -> ast.expr | None:
    place = PLACES[file.canonical(call.func) or ""]
    before = call.args[: place + 1]
    if len(before) > place and not any(isinstance(a, ast.Starred) for a in before):
        return before[place]
    return next((k.value for k in call.keywords if k.arg == "monitor"), None)


def _logged(file: File) -> set[str] | None:
    """All names that the project logs; None where there may be others."""
    homes = dict.fromkeys([file, *file.project.holding(b".log", file.path)])
    if any(word in home.source.data for home in homes for word in _OTHERS):
        return None
    if len(homes) >= _MOST or any(_inherits_steps(home) for home in homes):
        return None
    if b"self.log" not in b"".join(home.source.data for home in homes):
        return None
    return logged_in(homes)


def _is_idle(file: File, call: ast.Call) -> bool:
    """Whether a callback goes to a variable that nobody reads: no Trainer has it."""
    parent = file.tree.parents[call]
    target = parent.targets[0] if isinstance(parent, ast.Assign) else None
    if not isinstance(target, ast.Name) or used_in_other_files(file, target.id):
        return False
    return not loads(file, file.tree.scope_of(target), target.id)


def _inherits_steps(file: File) -> bool:
    """Whether a module of a file inherits from a class that is not in sight, which may log too."""
    for definition in file.tree.classes:
        cls = file.cls(definition)
        others = [
            b for b in cls.foreign_bases if not b.startswith(("lightning.", "torch.", "abc."))
        ]
        if (others or cls.unknown_bases) and any(name.endswith("_step") for name in cls.methods):
            return True
    return False
