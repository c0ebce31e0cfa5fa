"""A project uses `pytorch_lightning` and `lightning` at once.

What it does
    Finds files that import Lightning from another distribution than the files that they are
    connected with by imports, and makes all of them use one: what `--namespace` says, else what
    the packages that the project builds on use, else what the project requires, else what most
    files use. Imports, dotted names and strings follow.

Why
    Both distributions hold the same classes twice. A Trainer of one refuses a module of the other
    with `TypeError: model must be a LightningModule`, a callback or strategy of the other is not
    recognized, and some of it goes wrong in silence.

Example
    ```python
    import lightning as L
    from pytorch_lightning.callbacks import EarlyStopping

    trainer = L.Trainer(callbacks=[EarlyStopping("loss")])
    ```
    becomes, where the project uses `lightning`
    ```python
    import lightning as L
    from lightning.pytorch.callbacks import EarlyStopping

    trainer = L.Trainer(callbacks=[EarlyStopping("loss")])
    ```

Fix safety
    Safe where every name has a place in the other distribution. Files that no import connects may
    use different ones, and are left alone.

References
    https://github.com/Lightning-AI/pytorch-lightning/issues/17153
    https://github.com/Lightning-AI/pytorch-lightning/issues/19252
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.namespaces import STANDALONE, UNIFIED
from ..engine.references import references
from ..engine.rule import rule
from ..lightning.names import FABRIC, PYTORCH, absolute
from ..model import Edit, Fix, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.references import Reference
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF503", triggers=("pytorch_lightning", "lightning"), context=("import",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """One finding for a file, at the first import that does not fit."""
    choice = file.project.members.namespaces.choice(file.project, file.path, settings)
    if choice is None:
        return
    found = list(references(file))
    odd = [r for r in found if _is_odd(r, choice.distribution)]
    # What ``import lightning`` gives of Fabric is no matter of the two distributions.
    fabric = [r for r in found if r.root == UNIFIED and r not in odd]
    if fabric and choice.distribution == STANDALONE and not any(r.root == UNIFIED for r in odd):
        odd = [r for r in odd if r.written != UNIFIED]
    imports = [r for r in odd if isinstance(r.node, ast.alias)]
    if not imports:
        return
    edits: tuple[Edit, ...] | None = None
    reason = None
    try:
        if fabric and choice.distribution == STANDALONE:
            _refuse(fabric[0].written)
        edits = _edits(file, odd, choice.distribution)
    except _NoPlaceError as error:
        reason = f"{choice.distribution} has no {error}: rewrite that by hand"
    used = STANDALONE if choice.distribution == UNIFIED else UNIFIED
    yield file.finding(
        rule,
        file.tree.parents[imports[0].node],
        f"{used} is imported here, and files connected with this one use {choice.distribution}: "
        f"the classes of both do not go together ({choice.reason})",
        fix=None if edits is None else Fix(f"use {choice.distribution}", edits),
        reason=reason,
    )


class _NoPlaceError(Exception):
    """A name that the chosen distribution does not have."""


def _refuse(written: str) -> None:
    raise _NoPlaceError(written.rpartition(".")[2])


def _is_odd(reference: Reference, wanted: str) -> bool:
    top = reference.written.partition(".")[0]
    if wanted == UNIFIED:
        return top == STANDALONE
    return top == UNIFIED and not absolute(reference.written).startswith(FABRIC + ".")


def _edits(file: File, odd: list[Reference], wanted: str) -> tuple[Edit, ...]:
    edits: dict[Span, Edit] = {}
    for reference in odd:
        for edit in _of_reference(file, reference, wanted):
            edits[edit.span] = edit
    if wanted == UNIFIED:
        for name in _loggers(file):
            for edit in _of_string(file, name, STANDALONE, wanted):
                edits[edit.span] = edit
    return tuple(sorted(edits.values()))


def _loggers(file: File) -> Iterator[ast.Constant]:
    """Where the logger of all of Lightning is asked for: it is called like the distribution."""
    for call in file.tree.calls:
        name = call.args[0] if len(call.args) == 1 else None
        if not isinstance(name, ast.Constant) or name.value != STANDALONE:
            continue
        if file.canonical(call.func) == "logging.getLogger":
            yield name


def _of_reference(file: File, reference: Reference, wanted: str) -> Iterator[Edit]:
    node, written = reference.node, reference.written
    if isinstance(node, ast.Constant):
        yield from _of_string(file, node, written, wanted)
        return
    if isinstance(node, ast.Attribute):
        yield from _of_chain(file, node, reference, wanted)
        return
    statement = file.tree.parents[node]
    if isinstance(statement, ast.Import):
        start = file.span(node).start
        yield Edit(Span(start, start + len(node.name.encode())), _swapped(node.name, wanted))
        return
    assert isinstance(statement, ast.ImportFrom)
    module = statement.module or ""
    if absolute(written) == PYTORCH and node.name == "pytorch":
        local = node.asname or node.name
        if len(statement.names) > 1:
            raise _NoPlaceError(node.name)
        yield file.replace(statement, f"import {STANDALONE} as {local}")
        return
    if node.name in ("Fabric", "fabric") and module == UNIFIED:
        raise _NoPlaceError(node.name)
    start = file.span(statement).start + len(b"from")
    start = file.source.data.index(module.encode(), start)
    yield Edit(Span(start, start + len(module.encode())), _swapped(module, wanted))


def _of_chain(file: File, node: ast.Attribute, reference: Reference, wanted: str) -> Iterator[Edit]:
    parts: list[ast.expr] = [node]
    while isinstance(parts[-1], ast.Attribute):
        parts.append(parts[-1].value)
    parts.reverse()
    root = parts[0]
    assert isinstance(root, ast.Name)
    is_spelled_out = root.id == reference.root.partition(".")[0]
    second = parts[1]
    assert isinstance(second, ast.Attribute)
    if wanted == STANDALONE and reference.root == UNIFIED and second.attr == "pytorch":
        yield file.replace(second, STANDALONE if is_spelled_out else root.id)
        return
    if is_spelled_out:
        yield file.replace(root, UNIFIED + ".pytorch" if wanted == UNIFIED else STANDALONE)


def _of_string(file: File, node: ast.Constant, written: str, wanted: str) -> Iterator[Edit]:
    span = file.span(node)
    text = file.source.slice(span)
    if text.count(written) == 1:
        start = span.start + len(text[: text.index(written)].encode())
        end = start + len(written.encode())
        yield Edit(Span(start, end), _swapped(written, wanted))


def _swapped(written: str, wanted: str) -> str:
    name = absolute(written)
    if wanted == UNIFIED:
        return name
    if name == FABRIC or name.startswith(FABRIC + "."):
        raise _NoPlaceError(written)
    return STANDALONE + name[len(PYTORCH) :]
