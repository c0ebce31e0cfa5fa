"""Keys of config files that the project's Python reads by name, changed in both at once.

That is certain where every config file gives the same value to the new name that the old one had,
and the code says block and key in one expression: ``config["trainer_params"]["gpus"]``. What
becomes of ``gpus`` is two keys, and a matter of its own (``counted``).
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.rule import registry
from ..engine.source import Source, UnreadableSourceError
from ..model import FileReport, Finding, Fix, Safety
from .counted import OLD, Counts, counts, edits
from .places import Place, is_of_trainer, taken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ..model import Edit
    from .config import Seen
    from .format import Context
    from .nodes import Node

_COUNTED = "the code that reads gpus changes with it; a number on a command line does not"
_ACCELERATED = frozenset({"gpu", "cuda", "auto"})


@dataclass(frozen=True)
class Renamed:
    """What an old key of a block is called now, and the finding that says so.

    ``counts`` are the numbers that the configs give, where it is ``gpus``; ``new`` is empty then.
    """

    finding: Finding
    new: str = ""
    counts: Counts | None = None

    def edits(self, place: Place, block: str, old: str) -> tuple[Edit, ...] | None:
        """The edits of code that takes or sets the key; None where it cannot follow."""
        found = taken(place, block, old)
        if self.counts is not None:
            return edits(place, found, self.counts)
        file, node = place.file, place.node
        # Another number than the configs give may ask for another accelerator.
        if found is None or (old == OLD and isinstance(getattr(node, "ctx", None), ast.Store)):
            return None
        if found.key is None:
            return (file.replace(node, found.spelled(self.new)),)
        return (file.replace(found.key, file.text(found.key).replace(old, self.new)),)


@dataclass(frozen=True)
class _Block:
    """One block with the old key: its arguments before and after the fix that changes the key."""

    before: dict[str, str]
    after: dict[str, str]
    finding: Finding

    def renamed(self, old: str) -> Renamed | None:
        """The one new argument that has the old one's value."""
        if self.finding.safety is not Safety.SAFE:
            return None
        new = [n for n, value in self.after.items() if n not in self.before]
        same = [n for n in new if self.after[n] == self.before[old]]
        return Renamed(self.finding, same[0]) if len(same) == 1 else None


class Carried:
    """The changed keys of a run; ``asked`` are those that some code reads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.asked: dict[tuple[str, str], Renamed | None] = {}
        self._places: dict[str, list[Place]] = {}
        self._holders: dict[tuple[str, str], list[Path]] = {}

    def follows(self, place: Place, block: str, old: str) -> bool:
        """Whether code can be changed together with the key of all blocks of a name."""
        if not self._context.carry or not block:
            return False
        found = self.renamed(block, old)
        return found is not None and found.edits(place, block, old) is not None

    def renamed(self, block: str, old: str) -> Renamed | None:
        """What becomes of a key in all blocks of that name; None where that is not certain."""
        if (block, old) not in self.asked:
            self.asked[block, old] = self._renamed(block, old)
        return self.asked[block, old]

    def doubt(self, block: str, gone: Iterable[str]) -> str | None:
        """Why a change of the keys of a block is not safe, because of the code that follows it."""
        followed = [self.asked.get((block, name)) for name in gone]
        return _COUNTED if any(one and one.counts for one in followed) else None

    def _renamed(self, block: str, old: str) -> Renamed | None:
        held: list[_Block] = []
        for path in self._context.others:
            raw = self._context.project.raw(path)
            here = block.encode() in raw or path.parent.name == block
            if not here or not any(word in raw for word in _words(old)):
                continue
            for one in _in_file(self._context, path, raw, block, old):
                if one is None:
                    return None
                held.append(one)
                self._holders.setdefault((block, old), []).append(path)
        known = counts([(one.before, one.after) for one in held]) if old == OLD else None
        if known is not None and not self._typed():
            return Renamed(held[0].finding, counts=known)
        found = [one.renamed(old) for one in held]
        names = {one.new for one in found if one is not None}
        return found[0] if len(names) == 1 and None not in found else None

    def _typed(self) -> bool:
        """Whether a class of the project declares the key, which gives it to configs too."""
        for path in self._context.python:
            raw = self._context.project.raw(path)
            if b"dataclass" not in raw or OLD.encode() not in raw:
                continue
            file = self._context.project.file(path)
            found = file.tree.all(ast.AnnAssign) if file is not None else ()
            targets = [n.target for n in found if isinstance(n, ast.AnnAssign)]
            if any(isinstance(t, ast.Name) and t.id == OLD for t in targets):
                return True
        return False

    def places(self, name: str) -> list[Place]:
        """Where the Python of the run asks for a key of this name."""
        from .reads import asks, pattern

        if name not in self._places:
            found: list[Place] = []
            for path in self._context.python:
                if not pattern(name).search(self._context.project.raw(path)):
                    continue
                file = self._context.project.file(path)
                if file is None:
                    continue
                nodes = [node for node in ast.walk(file.tree.module) if asks(node, name)]
                found += [
                    Place(path, file, node) for node in nodes if not is_of_trainer(file, node, name)
                ]
            self._places[name] = found
        return self._places[name]

    def kept(self, reports: list[FileReport], *, fixing: bool) -> bool:
        """Whether every file that has such a key is repaired, or can be where nothing is written.

        What is not wanted today (unsafe fixes) stays in the code as well.
        """
        fixed = {report.path: report.fixed for report in reports}
        left = {report.path: report.left for report in reports}
        return all(
            any(
                f.fix and f.code == renamed.finding.code and old in f.message
                for f in (fixed if self._writes(renamed, fixing=fixing) else left).get(path, ())
            )
            for (block, old), renamed in self.asked.items()
            if renamed is not None
            for path in self._holders[block, old]
        )

    def _writes(self, renamed: Renamed, *, fixing: bool) -> bool:
        return fixing and (renamed.counts is None or self._context.settings.unsafe)

    def reads(self) -> Iterator[Finding]:
        """The findings at the code that reads a changed key."""
        for (block, old), renamed in self.asked.items():
            if renamed is None:
                continue
            for place in self.places(old):
                changed = renamed.edits(place, block, old)
                if changed:
                    yield _finding(place, block, old, renamed, changed)


def _words(old: str) -> tuple[bytes, ...]:
    """What is in the bytes of a file that may give the key, or a new one in its place."""
    return (old.encode(), b"accelerator", b"devices") if old == OLD else (old.encode(),)


def with_reads(
    context: Context,
    configs: Iterable[FileReport],
    python: Iterable[FileReport],
    *,
    fixing: bool,
    wanted: Callable[[Source, Iterable[Finding]], list[Finding]],
) -> list[FileReport] | None:
    """The reports of the Python with what follows the configs; None where it cannot follow.

    ``wanted`` leaves out the findings that nobody asked for.
    """
    found: dict[Path, list[Finding]] = {}
    for finding in context.carried.reads():
        found.setdefault(finding.path, []).append(finding)
    if found and not context.carried.kept(list(configs), fixing=fixing):
        return None
    reports = {report.path: report for report in python}
    for path, findings in found.items():
        source = context.project.source(path)
        if len(wanted(source, findings)) < len(findings):
            return None
        old = reports.get(path, FileReport(path, b"", b""))
        chosen = [f for f in findings if f.safety is Safety.SAFE or context.settings.unsafe]
        chosen = chosen if fixing else []
        rest = [f for f in findings if f not in chosen]
        left = tuple(sorted((*old.left, *rest), key=lambda f: (f.span, f.code)))
        if not chosen:
            reports[path] = replace(old, left=left)
            continue
        after = source.apply([edit for f in chosen if f.fix for edit in f.fix.edits])
        before = old.before if old.changed else source.raw
        fixed = (*old.fixed, *chosen)
        reports[path] = replace(old, before=before, after=after, fixed=fixed, left=left)
    return list(reports.values())


def _in_file(
    context: Context, path: Path, raw: bytes, block: str, old: str
) -> Iterator[_Block | None]:
    """What each block of a file makes of the key; None where it is not sure to be changed."""
    from .config import CONFIG, searched, trees
    from .nodes import UnclearError
    from .virtual import Call

    if not CONFIG.reads(path.name):
        return
    try:
        source = Source.of(path, raw)
        roots = trees(source)
        blocks = [node for root in roots for node in _blocks(root, path, block)]
        if old == OLD and any(_gives_new(node) for node in blocks):
            yield None
            return
        there = sum(old in node.names() for node in blocks)
        for look, found in searched(context, source, roots) if there else ():
            call = found.root
            held = call.arguments if isinstance(call, Call) else None
            if held is not None and found.block == block and old in held.names():
                there -= 1
                seen = [] if found.doubt and old != OLD else list(look.seen(found))
                yield next((one for s in seen if (one := _changed(s, old))), None)
    except (UnclearError, UnreadableSourceError):
        yield None
        return
    if there:
        yield None


def _blocks(root: Node, path: Path, block: str) -> Iterator[Node]:
    """The mappings behind the block's name, and a file that is one by its folder."""
    if path.parent.name == block and block not in root.names():
        yield root
    for node in root.walk():
        yield from (value for key, value in node.entries if key.text == block)


def _gives_new(node: Node) -> bool:
    """Whether a block without the old key gives one of those that replace it."""
    accelerator = node.get("accelerator")
    is_new = accelerator is not None and accelerator.text in _ACCELERATED
    return OLD not in node.names() and (is_new or node.get("devices") is not None)


def _changed(seen: Seen, old: str) -> _Block | None:
    if seen.after is None:
        return None
    before, after = _arguments(seen.program.text), _arguments(seen.after)
    return _Block(before, after, seen.finding) if old in before and old not in after else None


def _arguments(text: str) -> dict[str, str]:
    call = next((n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)), None)
    if call is None:
        return {}
    return {k.arg: ast.unparse(k.value) for k in call.keywords if k.arg}


def _finding(
    place: Place, block: str, old: str, renamed: Renamed, edits: tuple[Edit, ...]
) -> Finding:
    found = taken(place, block, old)
    span = place.file.span(found.key if found is not None and found.key is not None else place.node)
    new = renamed.new or "accelerator and devices"
    safety = Safety.UNSAFE if renamed.counts else Safety.SAFE
    verb = "is called" if renamed.new else "is"
    return place.file.finding(
        registry()[renamed.finding.code],
        span,
        f"{old} of {block} {verb} {new} in the config files from now on",
        fix=Fix(f"read {new}", edits, safety),
        reason=_COUNTED if renamed.counts else None,
    )
