"""Arguments of a Trainer on a command line, repaired by the rules that look at calls."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..engine.run import repair_text
from ..engine.source import byte_span
from ..model import Edit, Finding, Fix, Safety

if TYPE_CHECKING:
    from ..engine.source import Source
    from .format import Context
    from .shell import Word

_CLI = re.compile(r"--trainer\.(?P<name>[a-z_]+)(?:=(?P<value>.*))?", re.DOTALL)
_HYDRA = re.compile(r"\+{0,2}trainer\.(?P<name>[a-z_]+)=(?P<value>.*)", re.DOTALL)
_NUMBER = re.compile(r"-?(?:\d+|\d+\.\d*|\d*\.\d+)(?:[eE]-?\d+)?")
_HEAD = "from pytorch_lightning import Trainer\n\ntrainer = Trainer(\n"
_PLAIN = re.compile(r"[\w.,:/+@%=-]*")
#: lfix's own, what is said of the program's import, and what is found in the text itself.
_NOT_HERE = ("LF0", "LF5", "LF805")
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


@dataclass(frozen=True)
class Flag:
    """An argument of the Trainer: its name, the text of its value, and the words that it takes."""

    name: str
    value: str
    words: tuple[Word, ...]
    opaque: bool

    @property
    def start(self) -> int:
        """The character where it begins."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """The character behind it."""
        return self.words[-1].end


def flags(words: Sequence[Word], *, is_hydra: bool) -> list[Flag]:
    """The arguments of the Trainer among the words of a command."""
    found = []
    pending = list(words)
    while pending:
        word = pending.pop(0)
        match = (_HYDRA if is_hydra else _CLI).fullmatch(word.text)
        if match is None:
            continue
        value = match["value"]
        taken: tuple[Word, ...] = (word,)
        if value is None and pending and not pending[0].text.startswith("--"):
            taken = (word, pending.pop(0))
            value = taken[1].text
        is_sweep = (
            is_hydra and "," in (value or "") and not (value or "").startswith(("[", "'", '"'))
        )
        opaque = is_sweep or any(re.search(r"[$`{]", w.written) for w in taken)
        found.append(Flag(match["name"], "true" if value is None else value, taken, opaque))
    return found


def findings(
    context: Context, source: Source, text: str, found: list[Flag], doubt: str, *, is_hydra: bool
) -> Iterator[Finding]:
    """What the rules for calls of the Trainer say of the arguments of one command."""
    program = _program(found)
    if program is None:
        return
    path = source.path.parent / "_lfix_command.py"
    settings = replace(context.settings, per_file_ignores={})

    def place(finding: Finding, edits: tuple[Edit, ...], safety: Safety, reason: str) -> Finding:
        number = finding.line - _HEAD.count("\n") - 1
        flag = found[number] if 0 <= number < len(found) else found[0]
        span = byte_span(text, flag.start, flag.end)
        line, column = source.position(span.start)
        fix = Fix(finding.fix.title if finding.fix else "", edits, safety) if edits else None
        return replace(
            finding, path=source.path, span=span, line=line, column=column, fix=fix,
            reason=reason or None,
        )  # fmt: skip

    told = repair_text(context.project, path, program.encode(), settings, fix=False).left
    told = tuple(f for f in told if not f.code.startswith(_NOT_HERE))
    if not told:
        return
    for unsafe in (False, True):
        chosen = replace(settings, unsafe=unsafe)
        report = repair_text(context.project, path, program.encode(), chosen, fix=True)
        edits = (
            _edits(text, found, report.after.decode(), is_hydra=is_hydra) if report.fixed else ()
        )
        if edits:
            first = next(f for f in told if f.code in {g.code for g in report.fixed})
            safety = Safety.UNSAFE if unsafe or doubt else Safety.SAFE
            yield place(first, edits, safety, doubt or (first.reason or ""))
            others = [f for f in told if f is not first and f.fix is None]
            break
    else:
        others = list(told)
    for finding in others:
        title = finding.fix.title if finding.fix else "write what the Trainer takes today"
        for number, flag in enumerate(found):
            title = title.replace(f"VALUE_{number}", _written(flag))
        why = finding.reason or f"by hand: {title}"
        yield place(finding, (), Safety.MANUAL, why)


def _program(found: list[Flag]) -> str | None:
    """The smallest program with the arguments, one in a line; None where it cannot be written."""
    names = [flag.name for flag in found]
    if len(set(names)) != len(names):
        return None
    lines = [f"    {flag.name}={_literal(flag, i)},\n" for i, flag in enumerate(found)]
    return f"{_HEAD}{''.join(lines)})\n"


def _literal(flag: Flag, number: int) -> str:
    if flag.opaque:
        return f"VALUE_{number}"
    value = flag.value
    if value.lower() in _CONSTANTS:
        return repr(_CONSTANTS[value.lower()])
    if _NUMBER.fullmatch(value):
        return value
    items = re.fullmatch(r"\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]", value)
    return value if items is not None else repr(value)


def _edits(text: str, found: list[Flag], program: str, *, is_hydra: bool) -> tuple[Edit, ...]:
    """The edits of the command; none where the new program says more than words can."""
    calls = [n for n in ast.walk(ast.parse(program)) if isinstance(n, ast.Call)]
    if len(calls) != 1 or calls[0].args:
        return ()
    after: dict[str, str] = {}
    for keyword in calls[0].keywords:
        said = _said(keyword.value, found)
        if keyword.arg is None or said is None:
            return ()
        after[keyword.arg] = said
    before = {flag.name: flag for flag in found}
    new = [name for name in after if name not in before]
    gone = [flag for flag in found if flag.name not in after]
    edits = []
    for flag in found:
        if flag.name in after and after[flag.name] != _written(flag):
            edits.append(_put(text, flag, [(flag.name, after[flag.name])], is_hydra=is_hydra))
    for number, flag in enumerate(gone):
        pairs = [(name, after[name]) for name in new] if number == 0 else []
        edits.append(_put(text, flag, pairs, is_hydra=is_hydra))
    if new and not gone:
        last = found[-1]
        edits = [e for e in edits if e.span.end != byte_span(text, last.start, last.end).end]
        kept = (last.name, after[last.name])
        pairs = [kept, *((name, after[name]) for name in new)]
        edits.append(_put(text, last, pairs, is_hydra=is_hydra))
    return tuple(sorted(edits))


def _put(text: str, flag: Flag, pairs: list[tuple[str, str]], *, is_hydra: bool) -> Edit:
    """The edit that writes other arguments in the place of one; without any, its blanks go too."""
    start = flag.start
    if not pairs:
        start = len(re.sub(r"(?:[ \t]|\\\r?\n)+$", "", text[:start]))
        return Edit(byte_span(text, start, flag.end), "")
    written = flag.words[0].text
    joint = " " if len(flag.words) > 1 else "="
    shown = []
    for name, value in pairs:
        if is_hydra:
            head = written.partition("trainer.")[0] if name == flag.name else "++"
            shown.append(_quoted(f"{head}trainer.{name}={value}"))
        else:
            shown.append(f"--trainer.{name}{joint}{_quoted(value)}")
    return Edit(byte_span(text, start, flag.end), " ".join(shown))


def _written(flag: Flag) -> str:
    """The value as the comparison sees it."""
    if not flag.opaque:
        return flag.value
    last = flag.words[-1].written
    return last.partition("=")[2] if len(flag.words) == 1 else last


def _said(node: ast.expr, found: list[Flag]) -> str | None:
    """A value of the program in the words of a command line."""
    if isinstance(node, ast.Name):
        number = node.id.removeprefix("VALUE_")
        return _written(found[int(number)]) if number.isdigit() else None
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    same = [f.value for i, f in enumerate(found) if not f.opaque and _literal(f, i) == repr(value)]
    if same:
        return same[0]
    if value is None or isinstance(value, bool):
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, (int, float, str)):
        return str(value)
    if isinstance(value, list) and all(isinstance(item, int) for item in value):
        return f"[{','.join(map(str, value))}]"
    return None


def _quoted(text: str) -> str:
    if _PLAIN.fullmatch(text) or "$" in text or "`" in text:
        return text
    return "'" + text + "'"
