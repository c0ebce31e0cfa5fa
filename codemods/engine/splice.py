"""From the fixes chosen for one file to its new bytes, checked before anybody writes them."""

from __future__ import annotations

import ast
import contextlib
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Edit, Finding, Fix, Problem, ProblemKind, Safety
from . import imports
from .comments import comment_texts, comments
from .source import Source
from .tree import UnparsableError, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..model import Span
    from .file import File
    from .project import Project


@dataclass(frozen=True)
class Spliced:
    """New raw bytes of a file, the findings whose fixes are in them, and what went wrong."""

    raw: bytes
    fixed: tuple[Finding, ...]
    problems: tuple[Problem, ...]


class RejectedError(Exception):
    """The new text breaks a law; the message says which."""


def with_honest_safety(source: Source, finding: Finding) -> Finding:
    """The finding, with a fix that would lose a comment no longer called safe."""
    fix = finding.fix
    if fix is None or fix.safety is not Safety.SAFE or not _loses_comment(source, fix):
        return finding
    reason = "a comment stands inside the code that would be replaced; look where it should go"
    return replace(finding, fix=replace(fix, safety=Safety.UNSAFE), reason=finding.reason or reason)


def _loses_comment(source: Source, fix: Fix) -> bool:
    touched = [e for e in fix.edits if b"#" in source.data[e.span.start : e.span.end]]
    if not touched:
        return False
    written = Counter(line for e in fix.edits for line in comment_texts(e.text))
    for comment in comments(source):
        if any(e.span.start <= comment.start < e.span.end for e in touched):
            written[comment.text.strip()] -= 1
    return any(count < 0 for count in written.values())


def choose(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """The findings whose fixes can be taken together; the others wait for the next round."""
    allowed = (Safety.SAFE, Safety.UNSAFE) if unsafe else (Safety.SAFE,)
    chosen: list[Finding] = []
    taken: list[Span] = []
    for finding in findings:
        fix = finding.fix
        if fix is None or fix.safety not in allowed or not (fix.edits or fix.needs):
            continue
        spans = [e.span for e in fix.edits]
        if any(a.overlaps(b) or _touch(a, b) for a in spans for b in taken):
            continue
        chosen.append(finding)
        taken += spans
    return chosen


def _touch(a: Span, b: Span) -> bool:
    """An insertion at the border of another edit: the order of the two would be a guess."""
    return (a.start == a.end or b.start == b.end) and (
        a.start in (b.start, b.end) or b.start in (a.start, a.end)
    )


def splice(project: Project, file: File, chosen: list[Finding]) -> Spliced:
    """Put the fixes of ``chosen`` into a file; one that breaks it is left out and reported."""
    with contextlib.suppress(Exception):  # whichever fix it is, the others must not suffer
        return Spliced(_attempt(project, file, chosen), tuple(chosen), ())
    kept: list[Finding] = []
    problems = []
    raw = file.source.raw
    for finding in chosen:
        try:
            raw = _attempt(project, file, [*kept, finding])
        except Exception as error:  # noqa: BLE001  see above
            problems.append(_refusal(finding, error))
        else:
            kept.append(finding)
    return Spliced(raw, tuple(kept), tuple(problems))


def _refusal(finding: Finding, error: Exception) -> Problem:
    told = isinstance(error, (RejectedError, UnparsableError))
    why = str(error) if told else f"{type(error).__name__}: {error}"
    message = f"the fix of {finding.rule} ({finding.code}) was not used: {why}; please report it"
    return Problem(finding.path, message, finding.line, ProblemKind.BUG, finding.rule)


def _attempt(project: Project, file: File, chosen: list[Finding]) -> bytes:
    fixes = [f.fix for f in chosen if f.fix is not None]
    edits = [edit for fix in fixes for edit in fix.edits]
    edits += imports.add(file, sorted({need for fix in fixes for need in fix.needs}))
    raw = file.source.apply(edits)
    check(file.source, edits, Source.of(file.path, raw), project_tree=file.tree.module)
    dropped = sorted({name for fix in fixes for name in fix.drops})
    raw = _cleaned(project, file, raw, lambda after: imports.repeated(file, after))
    return (
        _cleaned(project, file, raw, lambda after: imports.drop(after, dropped)) if dropped else raw
    )


def _cleaned(
    project: Project, file: File, raw: bytes, cleaning: Callable[[File], Iterable[Edit]]
) -> bytes:
    """The bytes without the imports that the fixes made superfluous."""
    after = type(file)(project, Source.of(file.path, raw))
    edits = list(cleaning(after))
    if not edits:
        return raw
    cleaned = after.source.apply(edits)
    check(after.source, edits, Source.of(file.path, cleaned), project_tree=after.tree.module)
    return cleaned


def check(old: Source, edits: list[Edit], new: Source, *, project_tree: ast.Module) -> None:
    """Raises where the new text does not parse, loses a comment, or changed beside the edits."""
    try:
        tree = parse(new.text)
    except UnparsableError as error:
        raise RejectedError(f"the result would not parse ({error}, line {error.line})") from error
    if new.encoding != old.encoding:
        raise RejectedError("a comment would come to declare another encoding")
    if _compiles(old) and not _compiles(new):
        raise RejectedError("the result would parse but not compile")
    lost = Counter(c.text.strip() for c in comments(old)) - Counter(
        c.text.strip() for c in comments(new)
    )
    if lost and not _inside_edits(old, edits, lost):
        raise RejectedError(f"a comment would be lost: {next(iter(lost))}")
    untouched = Counter(_untouched(old, project_tree, edits))
    missing = untouched - Counter(_dumps(tree))
    if missing:
        raise RejectedError("code beside the edits would change its meaning")


def _compiles(source: Source) -> bool:
    """Whether Python would run the text: some errors, such as a late future import, come last."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source.text, str(source.path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _inside_edits(old: Source, edits: list[Edit], lost: Counter[str]) -> bool:
    """Whether every lost comment stood in text that an (unsafe) fix replaces on purpose."""
    inside = Counter(
        c.text.strip()
        for c in comments(old)
        if any(e.span.start <= c.start < e.span.end for e in edits)
    )
    return not lost - inside


_LEAVES = (
    ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Delete, ast.Raise,
    ast.Assert, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal, ast.Pass, ast.Break,
    ast.Continue,
)  # fmt: skip


def _dumps(tree: ast.Module) -> list[str]:
    return [ast.dump(n) for n in ast.walk(tree) if isinstance(n, _LEAVES)]


def _untouched(source: Source, tree: ast.Module, edits: list[Edit]) -> list[str]:
    """Dumps of the simple statements that no edit overlaps or borders on."""
    dumps = []
    for node in ast.walk(tree):
        if not isinstance(node, _LEAVES):
            continue
        start = source.offset(node.lineno, node.col_offset)
        end = source.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if not any(e.span.start <= end and start <= e.span.end for e in edits):
            dumps.append(ast.dump(node))
    return dumps


def bug(path: object, rule: str, error: BaseException) -> Problem:
    """The report of a crash of ours inside a rule."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{frame.filename.rpartition('/')[2]}:{frame.lineno}"
    what = f"{type(error).__name__}: {error}, {where}"
    message = f"lfix itself failed in rule {rule} ({what}); please report it"
    return Problem(path, message, None, ProblemKind.BUG, rule)  # type: ignore[arg-type]
