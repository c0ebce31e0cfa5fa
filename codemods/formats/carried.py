"""Keys of config files that the project's Python reads by name, renamed in both at once.

That is certain where every config file gives the same value to the new name that the old one had,
and the code says block and key in one expression: ``config["trainer_params"]["gpus"]``.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.source import Source, UnreadableSourceError
from ..model import Edit, FileReport, Finding, Fix, Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from ..engine.file import File
    from .config import Seen
    from .format import Context


@dataclass(frozen=True)
class Renamed:
    """What an old key of a block is called now, and the finding that says so."""

    new: str
    finding: Finding


class Carried:
    """The renamed keys of a run; ``asked`` are those that some code reads."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self.asked: dict[tuple[str, str], Renamed | None] = {}
        self._places: dict[str, list[tuple[Path, ast.AST]]] = {}
        self._holders: dict[tuple[str, str], list[Path]] = {}

    def renamed(self, block: str, old: str) -> Renamed | None:
        """The new name of a key in all blocks of that name; None where that is not certain."""
        if not self._context.carry or not block:
            return None
        if (block, old) not in self.asked:
            self.asked[block, old] = self._renamed(block, old)
        return self.asked[block, old]

    def _renamed(self, block: str, old: str) -> Renamed | None:
        found: Renamed | None = None
        for path in self._context.others:
            raw = self._context.project.raw(path)
            if block.encode() not in raw or old.encode() not in raw:
                continue
            for one in _in_file(self._context, path, raw, block, old):
                if one is None or (found is not None and found.new != one.new):
                    return None
                found = one
                self._holders.setdefault((block, old), []).append(path)
        return found

    def places(self, name: str) -> list[tuple[Path, ast.AST]]:
        """Where the Python of the run asks for a key of this name."""
        from .reads import asks, pattern

        if name not in self._places:
            found: list[tuple[Path, ast.AST]] = []
            for path in self._context.python:
                if not pattern(name).search(self._context.project.raw(path)):
                    continue
                file = self._context.project.file(path)
                nodes = ast.walk(file.tree.module) if file is not None else ()
                found += [(path, node) for node in nodes if asks(node, name)]
            self._places[name] = found
        return self._places[name]

    def kept(self, reports: Iterable[FileReport]) -> bool:
        """Whether every file that has such a key is, or can be, repaired."""
        known = {report.path: (*report.fixed, *report.left) for report in reports}
        return all(
            any(
                f.fix and f.code == renamed.finding.code and old in f.message
                for f in known.get(path, ())
            )
            for (block, old), renamed in self.asked.items()
            if renamed is not None
            for path in self._holders[block, old]
        )

    def reads(self) -> Iterator[Finding]:
        """The findings at the code that reads a renamed key."""
        for (block, old), renamed in self.asked.items():
            if renamed is None:
                continue
            for path in self._context.python:
                if old.encode() not in self._context.project.raw(path):
                    continue
                file = self._context.project.file(path)
                if file is not None:
                    yield from _findings(file, block, old, renamed)


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
    if found and not context.carried.kept(configs):
        return None
    reports = {report.path: report for report in python}
    for path, findings in found.items():
        source = context.project.source(path)
        if len(wanted(source, findings)) < len(findings):
            return None
        old = reports.get(path, FileReport(path, b"", b""))
        if not fixing:
            left = sorted((*old.left, *findings), key=lambda f: (f.span, f.code))
            reports[path] = replace(old, left=tuple(left))
            continue
        after = source.apply([edit for f in findings if f.fix for edit in f.fix.edits])
        before = old.before if old.changed else source.raw
        fixed = (*old.fixed, *findings)
        reports[path] = replace(old, before=before, after=after, fixed=fixed)
    return list(reports.values())


def _in_file(
    context: Context, path: Path, raw: bytes, block: str, old: str
) -> Iterator[Renamed | None]:
    """What each block of a file makes of the key; None where it is not sure to be renamed."""
    from .config import CONFIG, searched, trees
    from .nodes import UnclearError
    from .virtual import Call

    if not CONFIG.reads(path.name):
        return
    try:
        source = Source.of(path, raw)
        there = sum(
            key.text == block and old in value.names()
            for root in trees(source)
            for node in root.walk()
            for key, value in node.entries
        )
        for look, found in searched(context, source):
            call = found.root
            held = call.arguments if isinstance(call, Call) else None
            if held is not None and found.block == block and old in held.names():
                there -= 1
                seen = [] if found.doubt else list(look.seen(found))
                yield next((r for one in seen if (r := _renaming(one, old))), None)
    except (UnclearError, UnreadableSourceError):
        yield None
        return
    if there:
        yield None


def _renaming(seen: Seen, old: str) -> Renamed | None:
    if seen.after is None or seen.finding.safety is not Safety.SAFE:
        return None
    before, after = _arguments(seen.program.text), _arguments(seen.after)
    if old not in before or old in after:
        return None
    same = [n for n, value in after.items() if n not in before and value == before[old]]
    return Renamed(same[0], seen.finding) if len(same) == 1 else None


def _arguments(text: str) -> dict[str, str]:
    call = next((n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)), None)
    if call is None:
        return {}
    return {k.arg: ast.dump(k.value) for k in call.keywords if k.arg}


def is_read_in_full(node: ast.AST, block: str, name: str) -> bool:
    """Whether an expression takes a key out of a block that it names, and does no more with it."""
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return False
    return _is(node.slice, name) and (
        (isinstance(node.value, ast.Subscript) and _is(node.value.slice, block))
        or (isinstance(node.value, ast.Attribute) and node.value.attr == block)
    )


def _is(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == name


def _findings(file: File, block: str, old: str, renamed: Renamed) -> Iterator[Finding]:
    for node in ast.walk(file.tree.module):
        if not isinstance(node, ast.Subscript) or not is_read_in_full(node, block, old):
            continue
        text = file.text(node.slice)
        span = file.span(node.slice)
        line, column = file.source.position(span.start)
        edits = (Edit(span, text.replace(old, renamed.new)),)
        yield Finding(
            renamed.finding.code,
            renamed.finding.rule,
            file.source.path,
            span,
            line,
            column,
            f"{old} of {block} is called {renamed.new} in the config files from now on",
            Fix(f"read {renamed.new}", edits),
        )
