"""YAML, JSON and TOML files that hold arguments of a Trainer or make objects of Lightning."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.source import byte_span
from ..model import Edit, Finding, Fix, Safety
from . import counted
from .checkpoints import WORD as CHECKPOINT
from .checkpoints import named
from .format import GROUPS, BrokenError, Format
from .launches import MANIFEST, manifests
from .sweeps import commanded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.settings import Settings
    from ..engine.source import Source
    from .compare import Text
    from .evidence import Evidence
    from .format import Context
    from .nodes import Node
    from .trainers import Found
    from .virtual import Program

_ENDINGS = (".yaml", ".yml", ".json", ".toml")
_WORDS = (
    b"rainer", b"pytorch_lightning", b"lightning.", b"lightning_fabric", b"gpus",
    b"distributed_backend", b"weights_summary", b"progress_bar_refresh_rate",
    b"checkpoint_callback", b"replace_sampler_ddp", b"tpu_cores", b"num_processes",
    CHECKPOINT, MANIFEST,
)  # fmt: skip
_DOTTED = re.compile(r"\b(pytorch_lightning|lightning|lightning_fabric)\.[a-zA-Z_]")
_LARGEST = 2_000_000
#: What is filled in before it is YAML.
_TEMPLATE = re.compile(r"\{\{|\{%|<%|^\s*@|^<<<<<<<", re.MULTILINE)
#: It becomes a callback or a switch, and Lightning refuses both together.
_BAR = "progress_bar_refresh_rate"
_TWO_BARS = "where both are merged, enable_progress_bar=false does not go with a TQDMProgressBar"
_INDIRECT = "the value of the fix cannot stand in this file"
#: lfix's own, what an argument that is not there means (another file may have it), and what is
#: found in the text itself.
_NOT_HERE = ("LF0", "LF9", "LF805")


def _reads(name: str) -> bool:
    return name.endswith(_ENDINGS) and name not in ("package-lock.json", "package.json")


def find(context: Context, source: Source) -> Iterator[Finding]:
    """The findings of a file, of the rules that look at calls."""
    yield from named(context, source)
    yield from manifests(context, source)
    text = source.text
    if not _may_hold(text, source.path.parent.name):
        return
    from .nodes import UnclearError
    from .templates import TOO_LARGE, told

    if len(text) > _LARGEST:
        yield from told(context, source, TOO_LARGE)
        return
    try:
        roots = trees(source)
        for look, found in searched(context, source, roots):
            yield from look.at(found)
        for root in roots:
            yield from commanded(context, source, root)
    except UnclearError as error:
        if not _TEMPLATE.search(text):
            raise BrokenError(str(error), error.line) from error
        yield from told(context, source)


def _may_hold(text: str, folder: str) -> bool:
    """Whether the text is worth parsing: a Trainer's block, Hydra's group, or a dotted name."""
    from .trainers import NAMES

    if _DOTTED.search(text):
        return True
    if "rainer" not in text and "trainer" not in folder and "parameters" not in text:
        return False
    return re.search(rf"\b({'|'.join(sorted(NAMES))})[\"']?[ \t]*[:=]", text) is not None


@dataclass(frozen=True)
class Seen:
    """A finding in a program, and the program with its fix alone; None where there is none."""

    program: Program
    finding: Finding
    after: str | None


class Look:
    """Looks at the virtual programs of one file."""

    def __init__(self, context: Context, source: Source, evidence: Evidence, file: Text) -> None:
        self._source = source
        self._evidence = evidence
        self._file = file
        self._layout = context.project.layout
        self._settings: Settings = replace(context.settings, per_file_ignores={})
        self._path = source.path.parent / "_lfix_config.py"

    def at(self, found: Found) -> Iterator[Finding]:
        """The findings of one block or object."""
        guesses: dict[tuple[str, str], Finding] | None = None
        for seen in self.seen(found):
            node = seen.program.place(seen.finding.span.start)
            if node is None or seen.finding.code.startswith(_NOT_HERE):
                continue
            moved = self._moved(found, seen, node)
            if moved.fix is None and seen.program.opaque and found.bar is None:
                guesses = self._guessed(found, seen.program) if guesses is None else guesses
                moved = guesses.get((moved.code, moved.message), moved)
            yield moved

    def _guessed(self, found: Found, program: Program) -> dict[tuple[str, str], Finding]:
        """The findings with fixes for what the open values stand for today."""
        from .interpolation import known

        values = known(self._evidence, program.opaque, self._file.text)
        nodes = [node for node in program.opaque.values() if id(node) in values]
        if not nodes:
            return {}
        shown = "; ".join(
            f"{self._file.text[n.start : n.end]} is {values[id(n)].text} in "
            f"{self._evidence.shown(values[id(n)].path)}"
            for n in nodes
        )
        doubt = f"{shown}; another value may ask for other arguments"
        guesses = {}
        for seen in self.seen(found, {key: value.text for key, value in values.items()}):
            node = seen.program.place(seen.finding.span.start)
            if node is None:
                continue
            moved = self._moved(replace(found, doubt=doubt), seen, node)
            if moved.fix is not None and all(self._stays(n, moved.fix) for n in nodes):
                guesses[moved.code, moved.message] = replace(moved, reason=doubt)
        return guesses

    def _stays(self, node: Node, fix: Fix) -> bool:
        """Whether an interpolation is still in the text after a fix."""
        span = byte_span(self._file.text, node.start, node.end)
        touched = any(edit.span.overlaps(span) for edit in fix.edits)
        return not touched or any(self._source.slice(span) in edit.text for edit in fix.edits)

    def seen(self, found: Found, known: dict[int, str] | None = None) -> Iterator[Seen]:
        """What the rules find in the program of a block or object, and what they make of it."""
        from ..engine.members import Members
        from ..engine.project import Project
        from ..engine.scan import scan
        from ..engine.splice import splice
        from .virtual import program_of

        program = program_of(found.root, known)
        overlay = {self._path: program.text.encode()}
        project = Project(overlay, Members([self._path]), self._layout)
        scanned = scan(project, self._path, self._settings)
        for problem in scanned.problems:
            raise RuntimeError(problem.message)
        file = project.file(self._path)
        for finding in scanned.findings:
            after = None
            if finding.fix is not None and file is not None:
                spliced = splice(project, file, [finding])
                after = spliced.raw.decode() if spliced.fixed else None
            yield self._whole(Seen(program, finding, after))
        project.close()

    def _whole(self, seen: Seen) -> Seen:
        """The same, with a number of devices where another file's could show or code asks."""
        if seen.after is None or seen.finding.fix is None or not self._evidence.counts:
            return seen
        after = counted.with_devices(seen.program.text, seen.after)
        if after == seen.after:
            return seen
        fix = replace(seen.finding.fix, title=f"{seen.finding.fix.title}, devices=1")
        return Seen(seen.program, replace(seen.finding, fix=fix), after)

    def _moved(self, found: Found, seen: Seen, node: Node) -> Finding:
        """The finding in the config file that a finding in its program stands for."""
        finding, fix = seen.finding, seen.finding.fix
        span = byte_span(self._file.text, node.start, node.end)
        line, column = self._source.position(span.start)
        moved = replace(
            finding,
            path=self._source.path,
            span=span,
            line=line,
            column=column,
            fix=None,
            message=self._spelled(finding.message, seen.program),
            reason=self._spelled(finding.reason, seen.program) if finding.reason else None,
        )
        if found.bar is not None:
            return replace(moved, reason=found.bar)
        if fix is None or seen.after is None:
            return moved
        title = self._spelled(fix.title, seen.program)
        try:
            edits = self._edits(found, seen, seen.after)
        except _Refused as refused:
            return replace(moved, reason=f"{title}: {refused}")
        doubt = found.doubt or self._let_through(found, seen, seen.after)
        safety = Safety.UNSAFE if doubt else fix.safety
        return replace(moved, fix=Fix(title, edits, safety), reason=moved.reason or doubt)

    def _let_through(self, found: Found, seen: Seen, after: str) -> str | None:
        """Why it may matter that a key is gone: under this file another one may show."""
        from ..lightning.trainer import OLD_DEVICE_ARGUMENTS

        before, now = names_in(seen.program.text), names_in(after)
        gone, added = before - now, now - before
        followed = self._evidence.followed(gone, found.block)
        if followed is not None:
            return followed
        if found.is_base or not self._evidence.merges:
            return None
        bar = self._evidence.differs(sorted(gone & {_BAR}), self._file.text)
        if bar is not None:
            return f"{self._evidence.shown(bar)} has another value for {_BAR}; {_TWO_BARS}"
        if not gone or "devices" in added or (added and not gone & OLD_DEVICE_ARGUMENTS):
            return None
        other = self._evidence.differs(sorted(gone), self._file.text)
        if other is None:
            return None
        names = ", ".join(sorted(gone))
        return f"{self._evidence.shown(other)} has another value for {names}; see what is merged"

    def _edits(self, found: Found, seen: Seen, after: str) -> tuple[Edit, ...]:
        from .compare import changes
        from .pieces import InexpressibleError

        try:
            changed = changes(self._file, found.root, seen.program, after)
        except InexpressibleError as error:
            raise _Refused(str(error)) from error
        if not changed:
            raise _Refused(_INDIRECT)
        gone = names_in(seen.program.text) - names_in(after)
        read = self._evidence.read(sorted(gone), found.block)
        read = read or self._evidence.compared(_other_values(seen.program.text, after), found.block)
        if read is not None:
            raise _Refused(f"{read}; change both together")
        return tuple(Edit(byte_span(self._file.text, s, e), text) for s, e, text in sorted(changed))

    def _spelled(self, text: str, program: Program) -> str:
        """A sentence about the program in the words of the file."""
        for name, node in program.opaque.items():
            shown = self._file.text[node.start : node.end].strip() or "it"
            text = re.sub(rf"\b{name}\b", shown.replace("\\", r"\\"), text)
        return text


class _Refused(Exception):
    """The fix cannot be carried over; the message says why."""


def names_in(text: str) -> set[str]:
    """The names of the arguments in a program."""
    import ast

    nodes = ast.walk(ast.parse(text))
    return {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}


def _other_values(before: str, after: str) -> list[str]:
    """The names of the arguments whose values differ."""
    import ast

    held = [
        {
            n.arg: ast.unparse(n.value)
            for n in ast.walk(ast.parse(text))
            if isinstance(n, ast.keyword)
        }
        for text in (before, after)
    ]
    return [
        name for name in held[0].keys() & held[1].keys() if name and held[0][name] != held[1][name]
    ]


def trees(source: Source) -> list[Node]:
    """The roots of a file by its ending; raises UnclearError."""
    from .nodes import documents
    from .tomltree import tables

    return (tables if source.path.suffix == ".toml" else documents)(source.text)


def searched(context: Context, source: Source, roots: list[Node]) -> Iterator[tuple[Look, Found]]:
    """All blocks and objects of a file, whose trees ``roots`` are."""
    from .compare import Text
    from .evidence import Evidence
    from .scalars import style_of
    from .trainers import Search

    text = source.text
    evidence = Evidence(context, source.path)
    search = Search(evidence, source.path.parent.name)
    for root in roots:
        style = style_of(root, source.path.suffix, text)
        for found in search.found(root):
            yield Look(context, source, evidence, Text(text, style, found.shape)), found


CONFIG = Format("config", _reads, _WORDS, find, folders=GROUPS)
