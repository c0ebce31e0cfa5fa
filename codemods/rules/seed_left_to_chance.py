"""`seed_everything` is called for a seed by chance, and gives 0.

What it does
    Finds `seed_everything()` without a seed where its result is kept or shown, or where it is
    called in a loop: there, each run was to have a seed of its own.

Why
    Until 2.1 it drew a seed. Since 2.2 it takes 0, so that all runs are the same.

Example
    ```python
    seed = seed_everything()
    ```
    becomes
    ```python
    seed = seed_everything(random.randrange(2**32))
    ```

Fix safety
    Unsafe: 0 may be meant by now. A seed in the variable `PL_GLOBAL_SEED` counts no more then.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18846
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.imports import spell
from ..engine.rule import rule
from ..engine.scopes import FUNCTIONS
from ..lightning.changes.row import minor
from ..model import Edit, Fix, Safety, Severity, Span
from ._variables import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_NAMES = frozenset(
    {
        "lightning.pytorch.seed_everything",
        "lightning.fabric.seed_everything",
        "lightning.fabric.utilities.seed.seed_everything",
    }
)


@rule("LF903", triggers=("seed_everything",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls."""
    if minor(settings.target) < (2, 2):
        return
    for call in file.tree.calls:
        if file.canonical(call.func) not in _NAMES or _is_seeded(call):
            continue
        if not _is_by_chance(file, call):
            continue
        spelled = spell(file, call, "random")
        text = f"{spelled.text}.randrange(2**32)"
        given = Arguments(file, call)
        if "seed" in given:
            edits = given.change({"seed": [("seed", text)]})
        elif call.args:
            edits = (file.replace(call.args[0], text),)
        else:
            at = file.source.data.index(b"(", file.span(call.func).end) + 1
            edits = (Edit(Span(at, at), f"{text}, " if call.keywords else text),)
        yield file.finding(
            rule,
            call,
            "seed_everything() takes the seed 0 since Lightning 2.2, where it drew one before",
            fix=Fix("draw a seed", edits, Safety.UNSAFE, spelled.needs),
            reason="0 may be meant by now; PL_GLOBAL_SEED has no say then",
            severity=Severity.WARNING,
        )


def _is_seeded(call: ast.Call) -> bool:
    if any(isinstance(a, ast.Starred) for a in call.args) or any(
        k.arg is None for k in call.keywords
    ):
        return True
    seed = next((k.value for k in call.keywords if k.arg == "seed"), None)
    seed = call.args[0] if call.args else seed
    return seed is not None and literal(seed) is not None


def _is_by_chance(file: File, call: ast.Call) -> bool:
    if not isinstance(file.tree.parents[call], ast.Expr):
        return True
    for above in file.tree.ancestors(call):
        if isinstance(above, FUNCTIONS):
            return False
        if isinstance(above, (ast.For, ast.While)):
            return True
    return False
