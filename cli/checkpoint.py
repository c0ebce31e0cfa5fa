"""``lfix checkpoint``: old checkpoints become new ones, the originals are kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.verify.request import default_python
from lfix.codemods.verify.upgrade import Manner, Status, Upgrade, found, upgrade

from .commands import DONE
from .report.style import style_for
from .report.text import count, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

#: What weighs more is the exit code of a run over several files.
_WEIGHTS = (0, 1, 4, 3, 2)
_COLOURS = {Status.UPGRADED: "green", Status.FAILED: "red", Status.BROKEN: "red"}


def upgrade_all(paths: list[Path], manner: Manner, format_: str, *, quiet: bool) -> int:
    """Upgrade all checkpoints at and below some paths, and say what became of each."""
    files, wrong = found(paths)
    done = [*wrong]
    for path in files:
        made = upgrade(path, manner)
        done.append(made)
        if format_ != "json":
            print("\n".join(_lines(made)), flush=True)
    if format_ == "json":
        print(json.dumps([_document(made) for made in done], indent=2))
    else:
        for made in wrong:
            print("\n".join(_lines(made)))
    upgraded = [made for made in done if made.kept is not None]
    if not quiet:
        said = f"looked at {count(len(files), 'checkpoint')}, upgraded {len(upgraded)}"
        print(f"lfix: {said}", file=sys.stderr)
    codes = [made.status.exit_code for made in done]
    return max(codes, key=_WEIGHTS.index) if codes else DONE


def manner_of(
    python: Path | None, cls: str, *, trusted: bool, to_cpu: bool, dry: bool, timeout: float
) -> Manner:
    """The choices of a call, the interpreter found if none was named."""
    return Manner(python or default_python(Path.cwd()), cls, trusted, to_cpu, dry, timeout)


def _lines(made: Upgrade) -> Iterator[str]:
    style = style_for()
    status = style(made.status.value, _COLOURS.get(made.status, "yellow"))
    yield f"{status} {shown(made.path)}: {made.reason}"
    if made.kept is not None:
        yield f"    the original is {shown(made.kept)}; to take it back, rename it"
    for note in made.notes:
        yield f"    Lightning says: {note}"


def _document(made: Upgrade) -> dict[str, object]:
    return {
        "path": str(shown(made.path)),
        "status": made.status.value,
        "reason": made.reason,
        "before": made.before,
        "after": made.after,
        "kept": str(shown(made.kept)) if made.kept else None,
        "applied": list(made.applied),
        "notes": list(made.notes),
    }
