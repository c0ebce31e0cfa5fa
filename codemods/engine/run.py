"""Scan files, and apply fixes in memory until nothing new is found. Writes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ..model import FileReport, Finding, Problem, ProblemKind, Report
from .members import Members
from .project import Project
from .rule import Rule, registry
from .scan import Scanned, broken, scan
from .settings import Settings
from .splice import choose, splice
from .walk import Walk

#: A fix may make room for another one; this many times.
ROUNDS = 10
CHANGED_MEANWHILE = "was changed while lfix ran and was not written; run lfix again"

#: Source bytes that one project may parse before it is let go: trees take 150 times as much.
_WEIGHT = 1_500_000
#: The same where the next file lies in another part of the tree.
_LIGHT = 300_000
#: From so many files on, several processes are worth their start.
_MANY = 200
#: Files in one piece of work for another process, at most.
_CHUNK = 100

Progress = Callable[[int, int], None]


@dataclass
class Seen:
    """What a run depends on beside the files it was given: files that names led to, and probes."""

    files: set[Path] = field(default_factory=set)
    probed: dict[str, str] = field(default_factory=dict)
    imports: dict[Path, frozenset[Path]] = field(default_factory=dict)

    def add(self, project: Project) -> None:
        """Take down what a project looked up."""
        self.files |= project.read
        self.probed |= project.probed
        self.imports |= project.imports

    def merge(self, other: Seen) -> None:
        """Take over what another part of the run saw."""
        self.files |= other.files
        self.probed |= other.probed
        self.imports |= other.imports

    def dependents(self, changed: Iterable[Path]) -> set[Path]:
        """The changed files and all that import them, over any number of files between."""
        importers: dict[Path, list[Path]] = {}
        for path, targets in self.imports.items():
            for target in targets:
                importers.setdefault(target, []).append(path)
        found: set[Path] = set()
        pending = list(changed)
        while pending:
            path = pending.pop()
            if path not in found:
                found.add(path)
                pending += importers.get(path, ())
        return found


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    fix: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Look at ``paths`` and report; with ``fix``, the reports hold the repaired bytes too."""
    walk = Walk([Path(p) for p in paths], settings.exclude, settings.root)
    return look(walk, list(walk.files()), settings, Seen(), fix=fix, progress=progress)


def look(
    walk: Walk,
    files: list[Path],
    settings: Settings,
    seen: Seen,
    *,
    fix: bool = False,
    progress: Progress | None = None,
) -> Report:
    """:func:`run` on files that were already listed; ``seen`` takes down what else was read."""
    tell = progress or _untold
    members = Members(files)
    candidates, problems = _candidates(members, settings, tell)
    finished = len(files) - len(candidates)
    scanned = _scan_all(
        candidates, members, settings, seen, lambda done, _: tell(finished + done, len(files))
    )
    if fix:
        reports = _fix(candidates, members, settings, scanned, seen)
    else:
        reports = [_unfixed(s) for s in scanned if s.findings or s.problems]
    return Report(
        files=tuple(sorted(reports, key=lambda r: r.path)),
        problems=(*walk.problems, *problems),
        looked_at=len(files),
    )


def _untold(done: int, total: int) -> None:
    """Progress that nobody asked for."""


def _candidates(
    files: Members, settings: Settings, progress: Progress
) -> tuple[list[Path], list[Problem]]:
    """The files that can hold a finding, and those that cannot be read or parsed."""
    may_hold = _gate([r for r in registry().values() if settings.wants_rule(r.code, r.name)])
    found: list[Path] = []
    problems: list[Problem] = []
    for number, path in enumerate(files):
        progress(number - len(found), len(files))
        try:
            raw = path.read_bytes()
        except OSError as error:
            problems.append(Problem(path, f"cannot be read: {error.strerror or error}"))
            continue
        files.note(path, raw)
        if may_hold(raw):
            found.append(path)
            continue
        problem = broken(path, raw)
        if problem is not None:
            problems.append(problem)
    return found, problems


def _gate(rules: Iterable[Rule]) -> Callable[[bytes], bool]:
    """Whether any rule, or a suppression, can have to do with a file's bytes; each word once."""
    groups: dict[tuple[bytes, ...], set[bytes]] = {(): {b"lfix:"}}
    for rule in rules:
        groups.setdefault(rule.context, set()).update(rule.triggers)
    # A word that contains another one of its group decides nothing.
    needed = [
        (context, [w for w in sorted(words) if not any(o in w and o != w for o in words)])
        for context, words in groups.items()
    ]

    def may_hold(raw: bytes) -> bool:
        return any(
            (not context or any(word in raw for word in context))
            and any(word in raw for word in words)
            for context, words in needed
        )

    return may_hold


def _scan_all(
    paths: list[Path], members: Members, settings: Settings, seen: Seen, progress: Progress
) -> list[Scanned]:
    results: list[Scanned] = []
    jobs = settings.jobs or (os.cpu_count() or 1 if len(paths) >= _MANY else 1)
    if jobs == 1 or len(paths) <= jobs * 4:
        for scanned in _scan_each(paths, members, settings, {}, seen):
            results.append(scanned)
            progress(len(results), len(paths))
        return results
    size = max(1, min(_CHUNK, len(paths) // (jobs * 4)))
    chunks = [paths[i : i + size] for i in range(0, len(paths), size)]
    with ProcessPoolExecutor(jobs) as pool:
        for part, also in pool.map(partial(_scan_chunk, members, settings), chunks):
            results += part
            seen.merge(also)
            progress(len(results), len(paths))
    return results


def _scan_chunk(
    members: Members, settings: Settings, chunk: list[Path]
) -> tuple[list[Scanned], Seen]:
    seen = Seen()
    return list(_scan_each(chunk, members, settings, {}, seen)), seen


def _scan_each(
    paths: list[Path],
    members: Members,
    settings: Settings,
    overlay: Mapping[Path, bytes],
    seen: Seen,
) -> Iterator[Scanned]:
    """Scan one file after the other; what was parsed is let go now and then."""
    project = Project(overlay, members)
    # Two folders below what all files have in common, little is shared with the next one.
    depth = len(Path(os.path.commonpath(paths)).parts) + 2 if paths else 0
    area: tuple[str, ...] = ()
    for path in paths:
        yield scan(project, path, settings)
        if project.weight > (_WEIGHT if path.parts[:depth] == area else _LIGHT):
            seen.add(project)
            project.close()
            project = Project(overlay, members)
        area = path.parts[:depth]
    seen.add(project)
    project.close()


def _unfixed(scanned: Scanned) -> FileReport:
    return FileReport(scanned.path, b"", b"", (), scanned.findings, scanned.problems)


def _fix(
    candidates: list[Path],
    members: Members,
    settings: Settings,
    first: list[Scanned],
    seen: Seen,
) -> list[FileReport]:
    """Rounds of choosing, splicing and looking again at what changed and what depends on it.

    A file that a rule failed on stays as it is; a rule whose fix was refused has no further turn
    in that file.
    """
    overlay: dict[Path, bytes] = {}
    before: dict[Path, bytes] = {}
    fixed: dict[Path, list[Finding]] = {}
    problems: dict[Path, list[Problem]] = {s.path: list(s.problems) for s in first}
    latest = {s.path: s for s in first}
    left_alone = {s.path for s in first if s.problems}
    refused: set[tuple[Path, str]] = set()
    for round_ in range(ROUNDS + 1):
        project = Project(overlay, members)
        changed: list[Path] = []
        for result in latest.values():
            open_ = [f for f in result.findings if (f.path, f.rule) not in refused]
            chosen = choose(open_, unsafe=settings.unsafe)
            if not chosen or result.path in left_alone:
                continue
            file = project.file(result.path)
            told = problems.setdefault(result.path, [])
            if file is None or file.source.digest != result.digest:
                told.append(Problem(result.path, CHANGED_MEANWHILE))
                left_alone.add(result.path)
                continue
            if round_ == ROUNDS:
                told.append(_unsettled(result.path, chosen))
                overlay.pop(result.path, None)
                fixed.pop(result.path, None)
                changed.append(result.path)
                continue
            spliced = splice(project, file, chosen)
            told.extend(spliced.problems)
            refused |= {(f.path, f.rule) for f in chosen if f not in spliced.fixed}
            if spliced.problems:
                changed.append(result.path)
            if spliced.raw != file.source.raw:
                before.setdefault(result.path, file.source.raw)
                overlay[result.path] = spliced.raw
                fixed.setdefault(result.path, []).extend(spliced.fixed)
                changed.append(result.path)
        if not changed:
            break
        touched = seen.dependents(changed)
        again = [path for path in candidates if path in touched]
        scanned = _scan_each(again, members, settings, overlay, seen)
        latest.update((s.path, s) for s in scanned)
    return [
        FileReport(
            s.path,
            before[s.path] if s.path in overlay else b"",
            overlay.get(s.path, b""),
            tuple(fixed.get(s.path, ())),
            s.findings,
            tuple(dict.fromkeys([*problems.get(s.path, ()), *s.problems])),
        )
        for s in latest.values()
        if s.findings or s.path in fixed or problems.get(s.path)
    ]


def _unsettled(path: Path, chosen: list[Finding]) -> Problem:
    rules = ", ".join(sorted({f.rule for f in chosen}))
    message = f"the fixes of {rules} find no end and were not used; please report it"
    return Problem(path, message, None, ProblemKind.BUG, chosen[0].rule)
