"""A name is used that the target release does not have.

What it does
    Finds imports, dotted names and strings with the path of something that Lightning removed
    without a successor of the same kind, and says what to do instead. What no rule knows about is
    looked up in what each release offers: a name that some release had, and the target has not, is
    told too.

Why
    The import raises `ImportError` or `ModuleNotFoundError`, the attribute `AttributeError`; some
    classes can still be imported and raise when they are created.

Example
    ```python
    from pytorch_lightning.core.decorators import auto_move_data
    ```

Fix safety
    Told, never fixed: what takes the place depends on what the code wants.

References
    lightning/pytorch/_graveyard (2.6.6) and the changelog of each release
    https://lightning.ai/docs/pytorch/stable/upgrade/migration_guide.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.references import references
from ..engine.relocate import uses
from ..engine.rule import rule
from ..lightning import api
from ..lightning.changes.index import gone, moved, needless_decorator, replaced_names
from ..lightning.changes.row import Level
from ..lightning.names import is_lightning
from ..model import Severity
from ._guarded import has_fallback, is_expected_to_fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.references import Reference
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


_RULES_OF_THEIR_OWN = ("lightning.pytorch.core.decorators.auto_move_data",)


@rule("LF502", triggers=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at imports, chains and strings."""
    told: set[str] = set()
    for reference in references(file):
        if not is_lightning(reference.path) or moved(reference.prefixes) is not None:
            continue
        if _is_replaced(file, reference):
            continue
        node = reference.node
        if isinstance(node, ast.alias):
            statement = file.tree.parents[node]
            if has_fallback(file, node, statement, settings.target):
                continue
            if is_expected_to_fail(file, node, statement):
                continue
        elif any(prefix in told for prefix in reference.prefixes):
            continue
        finding = _of_row(rule, file, reference, settings) or _of_data(
            rule, file, reference, settings
        )
        if finding is not None:
            told.add(reference.path)
            yield finding


def _is_replaced(file: File, reference: Reference) -> bool:
    """Whether every use of a name is found by the rule that rewrites uses."""
    known = any(
        p in replaced_names() or p in _RULES_OF_THEIR_OWN or needless_decorator(p)
        for p in reference.prefixes
    )
    node = reference.node
    if isinstance(node, ast.alias):
        heads = {path.rpartition(".")[0] for path in replaced_names()}
        statement = file.tree.parents[node]
        if not isinstance(statement, ast.ImportFrom):
            return False
        known = known or reference.path in heads
        return known and bool(uses(file, statement, node.asname or node.name))
    return known and isinstance(node, ast.Attribute)


def _of_row(rule: Rule, file: File, reference: Reference, settings: Settings) -> Finding | None:
    row = gone(reference.prefixes)
    if row is None or row.level(settings.target) is Level.FINE:
        return None
    is_gone = row.level(settings.target) is Level.GONE
    release = row.removed if is_gone else row.deprecated
    return file.finding(
        rule,
        reference.node,
        f"{reference.written} is {'gone' if is_gone else 'deprecated'} since Lightning {release}",
        reason=row.way_out,
        severity=Severity.ERROR if is_gone else Severity.WARNING,
    )


def _of_data(rule: Rule, file: File, reference: Reference, settings: Settings) -> Finding | None:
    """The finding for a path that only the data of the releases knows about."""
    target = settings.minor
    path = _missing(reference, target)
    if path is None:
        return None
    last = api.until(path)
    homes = [h for h in api.homes(path.rpartition(".")[2], target) if h != path]
    where = f"; {' and '.join(homes[:2])} may be what you need" if homes else ""
    return file.finding(
        rule,
        reference.node,
        f"{reference.written} is not in Lightning {target}; {last} was the last release to have it",
        reason=f"Lightning names no successor{where}",
    )


def _missing(reference: Reference, target: str) -> str | None:
    """The shortest part of a path that the target lacks and that an older release had."""
    for path in reversed(reference.prefixes):
        if not is_lightning(path) or api.state(path, target) <= api.State.DEPRECATED:
            continue
        if api.since(path) is None or _is_member(path, target):
            continue
        return None if _may_be_imported_along(path, target) else path
    return None


def _may_be_imported_along(path: str, target: str) -> bool:
    """Whether a protected name may still be there: what modules import of others is not mined."""
    name = path.rpartition(".")[2]
    return name.startswith("_") and bool(api.homes(name, target))


def _is_member(path: str, target: str) -> bool:
    """Whether a path is that of a member of a class, which rules of their own look at."""
    return api.kind(path.rpartition(".")[0], target) is api.Kind.CLASS
