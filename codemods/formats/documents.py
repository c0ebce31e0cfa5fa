"""Examples in documents: the Python blocks of a document are one program, as a reader runs them.

They are told of, and repaired where that is asked for: what a document shows may be meant as the
old form.
"""

from __future__ import annotations

import re
from dataclasses import replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from ..model import Edit, FileReport, Span
from .cells import divided, first_lines, program
from .fences import blocks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.source import Source
    from ..model import Finding
    from .fences import Block
    from .format import Context

#: Words without one of which the examples of a document hold nothing.
WORDS = (b"ightning", b"rainer")
_MARK = "# lfix block {0}"
_WHY = "a document is for people to read: `lfix apply --docs` repairs its examples"
_USED = re.compile(r"\bpl\.(?:Trainer|LightningModule|LightningDataModule|Callback|callbacks)\b")
_ABOVE = re.compile(r"\Aimport [\w.]+ as pl\n")
#: An example leaves out what it is not about, so only what it does show is looked at.
_SHOWN = ("LF2", "LF3", "LF5", "LF6", "LF7", "LF8")


def repair(context: Context, source: Source, fix: bool) -> FileReport:
    """The report of a document's examples."""
    from ..engine.run import repair_text

    held = [b for b in blocks(source) if b.is_python]
    sources = [block.text for block in held]
    nothing = FileReport(source.path, source.raw, source.raw)
    if not any(word.decode() in text for text in sources for word in WORDS):
        return nothing
    above = _above(context, sources)
    made = (above + program(sources, _MARK)).encode()
    settings = replace(context.settings, ignore=context.settings.ignore | _left_out())
    doing = fix and settings.docs
    report = repair_text(context.project, source.path, made, settings, fix=doing)
    skipped = above.count("\n")

    def placed(of: Source, finding: Finding, *, told: bool = False) -> Finding:
        moved = replace(finding, line=finding.line - skipped)
        return _at(of, [b for b in blocks(of) if b.is_python], moved, told=told)

    left = tuple(placed(source, f, told=not doing) for f in report.left if _counts(f))
    if not report.changed:
        return replace(nothing, left=left, problems=report.problems)
    after = divided(_ABOVE.sub("", report.after.decode(), count=bool(above)), sources, _MARK)
    if after is None:
        raise RuntimeError("the marks between the blocks were lost")
    changed = [(b, new) for b, old, new in zip(held, sources, after, strict=True) if old != new]
    raw = source.apply([edit for block, new in changed for edit in _edits(block, new)])
    fixed = tuple(placed(source, f) for f in report.fixed)
    later = type(source).of(source.path, raw)
    left = tuple(placed(later, f) for f in report.left if _counts(f))
    return FileReport(source.path, source.raw, raw, fixed, left, report.problems)


def _above(context: Context, sources: Sequence[str]) -> str:
    """The import that the examples leave out, where they use the name that everybody gives it."""
    text = "\n".join(sources)
    if not _USED.search(text) or re.search(r"\bas pl\b|^\s*pl\s*=", text, re.MULTILINE):
        return ""
    from ..engine.namespaces import UNIFIED, distributions

    used = distributions(context.project)
    name = context.settings.namespace or (next(iter(used)) if len(used) == 1 else "")
    return f"import {'lightning.pytorch' if name == UNIFIED else 'pytorch_lightning'} as pl\n"


def _left_out() -> frozenset[str]:
    from ..engine.rule import registry

    return frozenset(code for code in registry() if not code.startswith(_SHOWN))


def _counts(finding: Finding) -> bool:
    return finding.code.startswith(_SHOWN)


def _at(source: Source, held: Sequence[Block], finding: Finding, *, told: bool = False) -> Finding:
    """A finding of the program at its place in the document."""
    starts = first_lines([block.text for block in held])
    index = max((i for i, line in enumerate(starts) if line <= finding.line), default=0)
    lines = held[index].lines
    # An example without lines holds nothing that could be found.
    line = lines[min(finding.line - starts[index], len(lines) - 1)]
    span = Span(line.start, line.start + len(line.text.encode()))
    at, column = source.position(span.start)
    placed = replace(finding, span=span, line=at, column=column + finding.column - 1)
    if not told or finding.fix is None:
        return placed
    return replace(placed, fix=None, reason=f"{_WHY} ({finding.fix.title})")


def _edits(block: Block, new: str) -> Iterator[Edit]:
    """The edits that make ``new`` of a block; lines that stay keep their bytes."""
    old, wanted = [line.text for line in block.lines], new.split("\n")
    matcher = SequenceMatcher(None, old, wanted, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            continue
        begin = _begin(block, i1)
        end = block.lines[i2 - 1].end if i2 > i1 else begin
        text = "".join(f"{block.indent if line else ''}{line}\n" for line in wanted[j1:j2])
        if text and i2 == len(old) and not block.is_ended:
            text = text[:-1] if i2 > i1 else f"\n{text[:-1]}"
        yield Edit(Span(begin, end), text)


def _begin(block: Block, number: int) -> int:
    """The byte where a line of a block begins, its indent included."""
    return block.lines[number - 1].end if number else block.start
