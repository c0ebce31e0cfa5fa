"""A package is imported that Lightning does not ship or work with any more.

What it does
    Finds imports of `lightning.app`, of `torchdistx`, and of `apex.amp` and `fairscale` in files
    that use Lightning.

Why
    `lightning.app` is gone since 2.4: `ModuleNotFoundError`. The others are packages of their own
    whose support Lightning dropped.

Example
    ```python
    from torchdistx.deferred_init import deferred_init   # told
    ```

Fix safety
    Told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/18386
    https://github.com/Lightning-AI/pytorch-lightning/pull/17995
    https://github.com/Lightning-AI/pytorch-lightning/pull/16039
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.changes.row import minor
from ..model import Severity
from ._guarded import has_fallback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_APP = "Lightning Apps are not developed further; what runs there needs another home"
_LEFT = {
    "lightning.app": ("2.4", _APP),
    "lightning_app": ("2.4", _APP),
    "torchdistx": ("2.1", "make the module under trainer.init_module(), layers in configure_model"),
    "apex.amp": ("2.0", 'say precision="16-mixed" to the Trainer'),
    "fairscale": ("2.0", 'say strategy="fsdp" to the Trainer'),
}


@rule("LF921", triggers=("lightning.app", "lightning_app", "torchdistx", "apex", "fairscale"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at imports."""
    for statement in file.tree.all(ast.Import, ast.ImportFrom):
        assert isinstance(statement, (ast.Import, ast.ImportFrom))
        for alias in statement.names:
            found = _left(statement, alias)
            if found is None or minor(_LEFT[found][0]) > minor(settings.target):
                continue
            if has_fallback(file, alias, statement, settings.target):
                continue
            own = found.startswith("lightning")
            if not own and b"lightning" not in file.source.data:
                continue
            release, way_out = _LEFT[found]
            yield file.finding(
                rule,
                alias,
                f"Lightning does not come with or work with {found} since {release}",
                reason=way_out,
                severity=Severity.ERROR if own else Severity.WARNING,
            )


def _left(statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> str | None:
    """Which of the packages an import is of."""
    path = alias.name
    if isinstance(statement, ast.ImportFrom):
        path = f"{statement.module}.{alias.name}" if not statement.level else ""
    return next((p for p in _LEFT if path == p or path.startswith(p + ".")), None)
