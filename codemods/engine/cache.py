"""A check of an unchanged tree is answered from the last one.

The answer is kept with the size and time of every file that it depends on, those that names led
to included, and with the folders where modules were looked for, most of them in vain. If anything
differs, or lfix itself changed, the tree is looked at again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..model import (
    Edit,
    FileReport,
    Finding,
    Fix,
    Need,
    Problem,
    ProblemKind,
    Report,
    Safety,
    Severity,
    Span,
)
from .places import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .looker import Seen
    from .settings import Settings
    from .walk import Walk

_FORMAT = 3


def cached_run(
    paths: Sequence[Path],
    walk: Walk,
    settings: Settings,
    look: Callable[[Walk, list[Path], Settings, Seen], Report],
) -> Report:
    """The report of a check, from the cache where nothing changed since, else from ``look``."""
    files = list(walk.files())
    place = _folder() / f"{_key(paths, settings)}.json"
    known = _load(place, files)
    if known is not None:
        return replace(known, problems=(*walk.problems, *known.problems))
    # Not at the top: an answer from the cache needs no parser.
    from .looker import Seen

    seen = Seen()
    before = _stamps(files)
    report = look(walk, files, settings, seen)
    # A file that changed during the run must not be remembered as looked at.
    if before == _stamps(files) and not any(p.kind is ProblemKind.BUG for p in report.all_problems):
        others = sorted(seen.files - set(files))
        own = replace(report, problems=report.problems[len(walk.problems) :])
        _store(place, before, _stamps(others), seen.around, own)
    return report


def _folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "lfix" / "check"


def _key(paths: Sequence[Path], settings: Settings) -> str:
    chosen = replace(settings, jobs=1)
    parts = [_FORMAT, sys.version_info[:3], _own_stamp(), [os.path.realpath(p) for p in paths]]
    parts += [sorted(chosen.select), sorted(chosen.ignore), chosen.exclude, chosen.batch_size]
    ignores = sorted((k, sorted(v)) for k, v in chosen.per_file_ignores.items())
    parts += [ignores, chosen.target, chosen.compat, chosen.namespace, chosen.cli, chosen.unsafe]
    parts.append(str(chosen.root))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _own_stamp() -> list[Any]:
    """Changes whenever a file of lfix does, in an editable installation too."""
    top = Path(__file__).resolve().parent.parent
    newest = 0
    count = 0
    for folder, _, names in os.walk(top):
        for name in names:
            if name.endswith(".py"):
                newest = max(newest, os.stat(os.path.join(folder, name)).st_mtime_ns)
                count += 1
    return [newest, count]


def _stamps(files: Iterable[Path]) -> list[list[Any]]:
    stamps: list[list[Any]] = []
    for path in files:
        try:
            stat = os.stat(path)
        except OSError:
            stamps.append([str(path), 0, 0, -1])
        else:
            # The time of the last change of the inode cannot be set back, as that of the text can.
            stamps.append([str(path), stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size])
    return stamps


def _load(place: Path, files: list[Path]) -> Report | None:
    try:
        content = json.loads(place.read_bytes())
        if content["files"] != _stamps(files):
            return None
        if content["others"] != _stamps(Path(row[0]) for row in content["others"]):
            return None
        if not Surroundings(**content["around"]).are_unchanged():
            return None
        return _report(content["report"])
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _store(
    place: Path,
    stamps: list[list[Any]],
    others: list[list[Any]],
    around: Surroundings,
    report: Report,
) -> None:
    content = {
        "files": stamps,
        "others": others,
        "around": asdict(around),
        "report": asdict(report),
    }
    # A cache that cannot be written costs time, nothing else.
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_suffix(f".{os.getpid()}.new")
        temporary.write_text(json.dumps(content, default=_encoded), encoding="utf-8")
        temporary.replace(place)


def _encoded(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, bytes):
        return ""
    raise TypeError(f"{type(value).__name__} has no place in the cache")


def _report(data: dict[str, Any]) -> Report:
    files = tuple(
        FileReport(
            Path(f["path"]),
            b"",
            b"",
            (),
            tuple(_finding(x) for x in f["left"]),
            tuple(_problem(x) for x in f["problems"]),
        )
        for f in data["files"]
    )
    return Report(files, tuple(_problem(x) for x in data["problems"]), data["looked_at"])


def _finding(data: dict[str, Any]) -> Finding:
    changes = {
        "path": Path(data["path"]),
        "span": Span(**data["span"]),
        "severity": Severity(data["severity"]),
        "fix": _fix(data["fix"]) if data["fix"] else None,
    }
    return Finding(**{**data, **changes})


def _fix(data: dict[str, Any]) -> Fix:
    return Fix(
        data["title"],
        tuple(Edit(Span(**e["span"]), e["text"]) for e in data["edits"]),
        Safety(data["safety"]),
        tuple(Need(**n) for n in data["needs"]),
        tuple(data["drops"]),
    )


def _problem(data: dict[str, Any]) -> Problem:
    changes = {"path": Path(data["path"]), "kind": ProblemKind(data["kind"])}
    return Problem(**{**data, **changes})
