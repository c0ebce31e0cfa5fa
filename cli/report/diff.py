"""The unified diff of a report, with the changed words marked inside the lines on a terminal."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from diff_match_patch import diff_match_patch
from lfix.codemods.engine.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lfix.codemods.model import FileReport

    from .style import Style

#: As git and patch see lines.
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CONTEXT = 3
_WORD = re.compile(r"\w+|\s+|.")


def unified(report: FileReport, name: Path, style: Style) -> str:
    """The diff of one file; empty where nothing changes."""
    if not report.changed:
        return ""
    encoding = Source.of(report.path, report.before).encoding.removesuffix("-sig")
    old, new = (_LINE.findall(raw.decode(encoding)) for raw in (report.before, report.after))
    shown = name.as_posix().lstrip("/")
    # As git does it: without the tab, patch takes a name to end at the first space.
    shown += "\t" if " " in shown else ""
    lines = list(_hunks(old, new, f"a/{shown}", f"b/{shown}"))
    painted = list(_painted(lines, style)) if style.colour else lines
    return "".join(_ended(line) for line in painted)


def _hunks(old: list[str], new: list[str], before: str, after: str) -> Iterator[str]:
    """What ``difflib.unified_diff`` gives, without its guess that frequent lines do not matter.

    In code they do: files above 200 lines would show methods as moved that stayed in their place.
    """
    yield f"--- {before}\n"
    yield f"+++ {after}\n"
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        (_, i1, _, j1, _), (_, _, i2, _, j2) = group[0], group[-1]
        yield f"@@ -{_range(i1, i2)} +{_range(j1, j2)} @@\n"
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (" " + line for line in old[a:b])
                continue
            yield from ("-" + line for line in old[a:b])
            yield from ("+" + line for line in new[c:d])


def _range(start: int, stop: int) -> str:
    """A range of lines as unified diffs have it: counted from 1, from 0 where it is empty."""
    length = stop - start
    first = start + 1 if length else start
    return str(first) if length == 1 else f"{first},{length}"


def _ended(line: str) -> str:
    if line.endswith(("\n", "\n\x1b[0m")):
        return line
    return line + "\n\\ No newline at end of file\n"


def _painted(lines: list[str], style: Style) -> Iterator[str]:
    for name in lines[:2]:
        yield style(name.rstrip("\r\n"), "bold") + "\n"
    index = 2
    while index < len(lines):
        line = lines[index]
        if line.startswith("@@"):
            yield style(line.rstrip("\r\n"), "cyan") + "\n"
        elif line.startswith(("-", "+")):
            removed, added = [], []
            while index < len(lines) and lines[index].startswith("-"):
                removed.append(lines[index][1:])
                index += 1
            while index < len(lines) and lines[index].startswith("+"):
                added.append(lines[index][1:])
                index += 1
            yield from _marked(removed, added, style)
            continue
        else:
            yield line
        index += 1


def _marked(removed: list[str], added: list[str], style: Style) -> Iterator[str]:
    """A hunk's removed and added lines, with what differs inside them set off."""
    old_parts, new_parts = _word_diff("".join(removed), "".join(added))
    yield from _lines("-", old_parts, style, "red", "removed")
    yield from _lines("+", new_parts, style, "green", "added")


def _word_diff(old: str, new: str) -> tuple[list[tuple[bool, str]], list[tuple[bool, str]]]:
    """Both texts as (differs, piece) pairs, compared word by word."""
    differ = diff_match_patch()
    # Without a time limit the result does not depend on the machine's load.
    differ.Diff_Timeout = 0
    words: dict[str, str] = {}
    coded = []
    for text in (old, new):
        tokens = (
            _WORD.findall(text)
            if "\n" not in text
            else re.findall(r"\w+|[^\S\r\n]+|.", text, re.DOTALL)
        )
        # Private use characters stand for whole words, as the library's line mode does for lines.
        coded.append(
            "".join(words.setdefault(t, chr(0xE000 + len(words) % 0x1900)) for t in tokens)
        )
    back = {char: word for word, char in words.items()}
    if len(back) < len(words):
        return [(False, old)], [(False, new)]
    pieces = differ.diff_main(coded[0], coded[1], checklines=False)
    left: list[tuple[bool, str]] = []
    right: list[tuple[bool, str]] = []
    for operation, chars in pieces:
        text = "".join(back[c] for c in chars)
        if operation <= 0:
            left.append((operation != 0, text))
        if operation >= 0:
            right.append((operation != 0, text))
    return left, right


def _lines(
    sign: str, parts: list[tuple[bool, str]], style: Style, plain: str, marked: str
) -> Iterator[str]:
    current = ""
    for differs, text in parts:
        for piece in _LINE.findall(text):
            body = piece.rstrip("\r\n")
            current += style(body, marked if differs and body.strip() else plain)
            if piece.endswith("\n"):
                yield style(sign, plain) + current + "\n"
                current = ""
    if current:
        yield style(sign, plain) + current
