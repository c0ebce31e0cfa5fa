"""Requirements files that are installed together: ``-r base.txt`` in one of them."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.source import Source, UnreadableSourceError
from .linepins import of_requirements

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..rules._requirement import Requirement
    from .format import Context

_INCLUDED = re.compile(
    rb"^[ \t]*(?:-[rc]|--requirement|--constraint)(?:[ \t=]*)([^\s#]+)", re.MULTILINE
)


def beside(context: Context, path: Path) -> list[Requirement]:
    """The requirements of the files that include one, or that it includes, over any number."""
    files = [p for p in context.others if p.suffix in (".txt", ".in")]
    known = set(files)
    includes = {p: _included(context, p) & known for p in files}
    included = {p: {q for q in files if p in includes[q]} for p in files}
    linked = _reached(path, includes) | _reached(path, included)
    found = []
    for other in sorted(linked - {path}):
        try:
            found += of_requirements(Source.of(other, context.project.raw(other))) or []
        except UnreadableSourceError:
            continue
    return found


def _included(context: Context, path: Path) -> set[Path]:
    raw = context.project.raw(path)
    if b"-" not in raw:
        return set()
    names = (name.decode("utf-8", "replace") for name in _INCLUDED.findall(raw))
    return {Path(os.path.normpath(path.parent / name)) for name in names}


def _reached(start: Path, ways: dict[Path, set[Path]]) -> set[Path]:
    reached: set[Path] = set()
    pending: Iterable[Path] = (start,)
    while pending:
        reached |= set(pending)
        pending = {q for p in pending for q in ways.get(p, ())} - reached
    return reached
