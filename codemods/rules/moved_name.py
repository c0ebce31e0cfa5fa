"""A name is taken from where an old release had it.

What it does
    Finds imports, dotted names and strings (`_target_`, `class_path`, `mock.patch`) with the path
    of something that Lightning moved or renamed, and writes today's path. One import line whose
    names live in several places today becomes several lines.

Why
    Lightning moved about every second public name between 1.0 and 2.0, and let the old path warn
    for some releases only. After that the import raises, often in a file that trains nothing.

Example
    ```python
    from pytorch_lightning.core.lightning import LightningModule
    from pytorch_lightning.utilities.distributed import rank_zero_only
    ```
    becomes
    ```python
    from pytorch_lightning import LightningModule
    from pytorch_lightning.utilities.rank_zero import rank_zero_only
    ```

Fix safety
    Safe where the object is the same one. Unsafe where today's differs in something that the
    finding names. An import that the code tries, with another one to fall back on, is left alone
    where one of both works.

References
    lightning/pytorch/_graveyard and the changelog of each release, by pull request
    https://lightning.ai/docs/pytorch/stable/upgrade/migration_guide.html
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.references import references
from ..engine.relocate import (
    module_import,
    relocated_chain,
    relocated_import,
    relocated_string,
    uses,
)
from ..engine.rule import rule
from ..lightning.changes.index import moved
from ..lightning.changes.row import Level, Moved
from ..lightning.names import respelled
from ..model import Safety, Severity
from ._added_arguments import with_arguments
from ._guarded import has_fallback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..engine.file import File
    from ..engine.references import Reference
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding, Fix


@rule("LF501", triggers=("lightning",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at imports (one for a line), chains and strings."""
    lines: dict[ast.ImportFrom, list[tuple[Reference, Moved]]] = {}
    found = list(references(file))
    modules = {
        r.path: row.new
        for r in found
        if isinstance(r.node, ast.alias) and (row := moved(r.prefixes)) and row.module
    }
    for reference in found:
        row = moved(reference.prefixes)
        if row is None or row.level(settings.target) is Level.FINE:
            continue
        node = reference.node
        if isinstance(node, ast.Attribute) and _moves_along(reference, row, modules):
            continue
        if reference.root and not reference.is_rooted_above(row.old) and not row.module:
            # The import of the name itself is found, and takes this use along.
            continue
        if not isinstance(node, ast.alias):
            yield _finding(
                rule, file, reference, row, settings, _beside_imports(file, reference, row)
            )
            continue
        statement = file.tree.parents[node]
        if has_fallback(file, node, statement, settings.target):
            continue
        if isinstance(statement, ast.ImportFrom) and node.name != "*":
            lines.setdefault(statement, []).append((reference, row))
        elif isinstance(statement, ast.Import):
            fix = module_import(file, node, row.old, row.new)
            yield _finding(rule, file, reference, row, settings, fix)
        else:
            yield _finding(rule, file, reference, row, settings, None)
    for statement, moves in lines.items():
        yield _of_line(rule, file, statement, moves, settings)


def _moves_along(reference: Reference, row: Moved, modules: Mapping[str, str]) -> bool:
    """Whether a chain is right once the module at its root is imported from its new home."""
    whole = row.new + reference.path[len(row.old) :]
    return any(
        whole == new + reference.path[len(old) :]
        for old, new in modules.items()
        if reference.path.startswith(old + ".") and not reference.is_rooted_above(old)
    )


def _beside_imports(file: File, reference: Reference, row: Moved) -> Fix | None:
    if isinstance(reference.node, ast.Constant):
        return relocated_string(file, reference, row.old, row.new)
    fix = relocated_chain(file, reference, row.old, row.new)
    assert isinstance(reference.node, ast.Attribute)
    return with_arguments(file, fix, [reference.node], row)


def _finding(
    rule: Rule, file: File, reference: Reference, row: Moved, settings: Settings, fix: Fix | None
) -> Finding:
    return file.finding(
        rule,
        reference.node,
        _message(reference, row, settings),
        fix=fix and (replace(fix, safety=Safety.UNSAFE) if row.doubt else fix),
        reason=row.doubt or (None if fix else f"import what you need from {row.new}"),
        severity=_severity(row, settings),
    )


def _of_line(
    rule: Rule,
    file: File,
    statement: ast.ImportFrom,
    found: list[tuple[Reference, Moved]],
    settings: Settings,
) -> Finding:
    moves = {
        reference.node: row.new + reference.path[len(row.old) :]
        for reference, row in found
        if isinstance(reference.node, ast.alias)
    }
    fix = relocated_import(file, statement, moves)
    for reference, row in found:
        if fix and row.adds and isinstance(reference.node, ast.alias):
            local = reference.node.asname or reference.node.name
            fix = with_arguments(file, fix, uses(file, statement, local), row)
    doubts = list(dict.fromkeys(row.doubt for _, row in found if row.doubt))
    return file.finding(
        rule,
        statement,
        "; ".join(_message(reference, row, settings) for reference, row in found),
        fix=fix and (replace(fix, safety=Safety.UNSAFE) if doubts else fix),
        reason="; ".join(doubts) or None,
        severity=max(
            (_severity(row, settings) for _, row in found), key=lambda s: s is Severity.ERROR
        ),
    )


def _severity(row: Moved, settings: Settings) -> Severity:
    gone = row.level(settings.target) is Level.GONE
    return Severity.ERROR if gone else Severity.WARNING


def _message(reference: Reference, row: Moved, settings: Settings) -> str:
    new = respelled(row.new + reference.path[len(row.old) :], reference.written)
    if row.level(settings.target) is Level.GONE:
        return f"{reference.written} is gone since Lightning {row.removed}; it is {new}"
    return f"{reference.written} is deprecated since Lightning {row.deprecated}; it is {new}"
