"""A precision of a Trainer is one that 2.x rejects or discourages.

What it does
    Looks at `precision`, and at `amp_backend` and `amp_level`, which are gone, wherever arguments
    reach `Trainer` or `Fabric`.

Why
    Names of other libraries (`"fp16"`, `"mixed"`) raise a `ValueError`. `16` and `"bf16"` are
    read as `"16-mixed"` and `"bf16-mixed"` with a warning. `amp_backend` and `amp_level` raise a
    `TypeError` since 2.0: there is only PyTorch's own mixed precision.

Example
    ```python
    trainer = pl.Trainer(precision=16, amp_backend="native")
    ```
    becomes
    ```python
    trainer = pl.Trainer(precision="16-mixed")
    ```

Fix safety
    Safe, except where half precision may be meant without mixing (`"half"`, `torch.float16`),
    and for `amp_backend="apex"`, whose levels PyTorch does not have.

References
    https://lightning.ai/docs/pytorch/2.6.1/common/precision_basic.html
    lightning/fabric/connector.py (2.6.6), `_convert_precision_to_unified_args`
"""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..lightning.trainer import (
    DOUBTFUL_PRECISIONS,
    DOUBTFUL_TORCH_PRECISIONS,
    FOREIGN_PRECISIONS,
    HISTORICAL_PRECISIONS,
    OLD_PRECISION_ARGUMENTS,
    PRECISIONS,
    TORCH_PRECISIONS,
)
from ..model import Fix, Safety, Severity
from ._telling import Repair, tell
from ._trainer_calls import TrainerCall, handings
from ._trainer_entries import is_read
from ._trainer_targets import TRAINER_WORDS
from ._variables import UNKNOWN, Leaf, default_of, leaves, literal, put, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._trainer_stored import Stored

_HALF = "it may mean half precision without mixing, which is written 16-true or bf16-true"


@rule("LF302", triggers=("precision", "amp_backend", "amp_level", "**"), context=TRAINER_WORDS)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at precisions, and at the arguments of the old mixed precision."""
    del settings
    seen: set[ast.AST] = set()
    for call in handings(file):
        for name, check in (("precision", _precision), ("amp_backend", _amp), ("amp_level", _amp)):
            argument = call.get(name)
            if argument is None or argument.node in seen:
                continue
            seen.add(argument.node)
            finding = check(rule, call, name)
            if finding is not None:
                yield finding
        for stored in call.stored:
            finding = None if stored.node in seen else _stored(rule, call, stored)
            if finding is not None:
                seen.add(stored.node)
                yield finding


def _stored(rule: Rule, call: TrainerCall, stored: Stored) -> Finding | None:
    """The finding at an entry that is put into the arguments before the Trainer gets them."""
    file, known, doubt, raises = call.file, None, None, True
    if stored.name == "precision":
        known, doubt, raises = _replacement(file, stored.value)
    if known is None and stored.name not in OLD_PRECISION_ARGUMENTS:
        return None
    fix, way_out = None, f"write {known}" if known else "leave it away; precision= says all"
    if known is not None and not is_read(file, stored):
        near = stored.value if isinstance(literal(stored.value), str) else call.node
        edit = file.replace(stored.value, quoted(file, near, known))
        fix = Fix(way_out, (edit,), Safety.UNSAFE if doubt else Safety.SAFE)
    return file.finding(
        rule,
        stored.node,
        f"{stored.name} is put into the arguments of a {call.kind}",
        fix=fix,
        reason=doubt if fix else way_out,
        severity=Severity.ERROR if raises else Severity.WARNING,
    )


def _precision(rule: Rule, call: TrainerCall, name: str) -> Finding | None:
    file, node = call.home(name), call.value(name)
    assert node is not None
    replaced: dict[Leaf, str] = {}
    doubts: list[str] = []
    rejected = False
    found = leaves(file, node)
    for leaf in found:
        new, doubt, raises = _replacement(file, leaf.node, leaf.value)
        if new is None and raises:
            return tell(
                rule,
                call,
                name,
                f"precision={file.text(node)} is rejected",
                Repair(reason=_nearest(leaf.value)),
            )
        if new is not None:
            near = leaf.node if isinstance(leaf.value, str) else call.node
            replaced[leaf] = quoted(file, near, new)
            rejected = rejected or raises
            doubts += [doubt] if doubt else []
    if not replaced:
        return _default(rule, call, file, node)
    text, edits = put(file, node, replaced)
    changes = {name: [(name, text)]} if any(leaf.within for leaf in replaced) else {}
    repair = Repair(changes, edits, doubts=doubts)
    written = ", ".join(replaced.values())
    if rejected:
        return tell(
            rule,
            call,
            name,
            f"precision={file.text(node)} is rejected; it is called {written} here",
            repair,
        )
    return tell(
        rule,
        call,
        name,
        f"precision={file.text(node)} is discouraged; it means {written}",
        repair,
        severity=Severity.WARNING,
    )


def _replacement(
    file: File, node: ast.expr, value: object = UNKNOWN
) -> tuple[str | None, str | None, bool]:
    """What to write for a value, why that may be wrong, and whether the value raises."""
    if value is UNKNOWN:
        value = literal(node)
    if value is UNKNOWN:
        name = file.canonical(node) or ""
        if name in TORCH_PRECISIONS:
            return TORCH_PRECISIONS[name], None, True
        doubtful = DOUBTFUL_TORCH_PRECISIONS.get(name)
        return doubtful, _HALF if doubtful else None, doubtful is not None
    if value is None or (
        isinstance(value, int) and not isinstance(value, bool) and value in (32, 64)
    ):
        return None, None, False
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return None, None, True
    text = str(value)
    if text in PRECISIONS:
        return None, None, False
    if text in HISTORICAL_PRECISIONS:
        return HISTORICAL_PRECISIONS[text], None, False
    low = text.strip().lower().replace("_", "-")
    known = {**FOREIGN_PRECISIONS, **HISTORICAL_PRECISIONS, **{p: p for p in PRECISIONS}}
    if low in known:
        return known[low], None, True
    doubtful = DOUBTFUL_PRECISIONS.get(low)
    return doubtful, _HALF if doubtful else None, True


def _nearest(value: object) -> str:
    near = difflib.get_close_matches(str(value), sorted(PRECISIONS), n=3, cutoff=0.6)
    names = " or ".join(f'"{n}"' for n in near)
    return f"write {names}" if near else f"there are {', '.join(sorted(PRECISIONS))}"


def _default(rule: Rule, call: TrainerCall, file: File, node: ast.expr) -> Finding | None:
    """A default of a parameter or a command-line option that flows into ``precision=``."""
    default = default_of(file, node)
    if default is None:
        return None
    new, _, raises = _replacement(file, default)
    if new is None and not raises:
        return None
    word = "is rejected" if raises else "is discouraged"
    return tell(
        rule,
        call,
        "precision",
        f"the default {file.text(default)} of {file.text(node)} {word} as precision=",
        Repair(reason=f'make it "{new}"' if new else _nearest(literal(default))),
        default,
        severity=Severity.ERROR if raises else Severity.WARNING,
    )


def _amp(rule: Rule, call: TrainerCall, name: str) -> Finding:
    value = (
        literal(call.value("amp_backend")) if call.value("amp_backend") is not None else "native"
    )
    doubts = []
    if isinstance(value, str) and value.lower() == "apex":
        doubts.append("Apex is not supported any more; PyTorch's mixed precision takes its place")
    elif value is UNKNOWN:
        doubts.append("if it is apex, PyTorch's mixed precision takes its place")
    return tell(
        rule,
        call,
        name,
        f"{name}= is gone since 2.0: there is only PyTorch's mixed precision",
        Repair({name: []}, doubts=doubts),
    )
