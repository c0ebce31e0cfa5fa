"""Code cells as one program, with a line between them that tells where each begins."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

#: As editors mark cells in a script, so that rules know a notebook when they see one.
MARK = "# %% lfix cell {0}"
_SHELL = re.compile(r"^(\s*)([%!?].*)$")
_ASSIGNED = re.compile(r"^(\s*[\w.,\s()\[\]]+=\s*)([%!].*)$")
_HELP = re.compile(r"^(\s*)([\w.]+\?\??\s*)$")
#: Cell magics whose body is still Python of the notebook's own.
_PYTHON = (
    "%%time",
    "%%timeit",
    "%%capture",
    "%%prun",
    "%%mprun",
    "%%lprun",
    "%%memit",
    "%%snakeviz",
)


def program(cells: Sequence[str], mark: str = MARK) -> str:
    """The cells as one program; what is no plain Python in them stands there as comments."""
    return "".join(f"{mark.format(i)}\n{plain(cell)}\n" for i, cell in enumerate(cells))


def divided(text: str, cells: Sequence[str], mark: str = MARK) -> list[str] | None:
    """The cells of a program that was repaired, what was a comment for it being itself again.

    None where the marks are not what they were.
    """
    found: list[str] = []
    rest = text
    head = ""
    for i in range(len(cells)):
        before, between, rest = rest.partition(f"{mark.format(i)}\n")
        if not between:
            return None
        if i == 0:
            head = before
        else:
            found.append(before.removesuffix("\n"))
    found.append(rest.removesuffix("\n"))
    found[0] = head + found[0]
    return [_restored(new, old) for new, old in zip(found, cells, strict=True)]


def first_lines(cells: Sequence[str]) -> list[int]:
    """The line of the program, from 1, at which each cell begins."""
    lines = []
    line = 1
    for cell in cells:
        lines.append(line + 1)
        line += 2 + cell.count("\n")
    return lines


@lru_cache(maxsize=512)
def plain(cell: str) -> str:
    """A cell without magics, comments alone where it is no Python; every line keeps its place."""
    lines = cell.split("\n")
    opening = next((line for line in lines if line.strip()), "").strip()
    if not opening.startswith("%%") or opening.startswith(_PYTHON):
        text = "\n".join(_line(line) for line in lines)
        if _parses(text):
            return text
    return "\n".join("#" + line[1:] if line.strip() else line for line in lines)


def _parses(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "cell", "exec", ast.PyCF_ONLY_AST)
    except (SyntaxError, ValueError):
        return False
    return True


def _line(line: str) -> str:
    for form in (_SHELL, _ASSIGNED, _HELP):
        match = form.match(line)
        if match is not None and not (form is _ASSIGNED and "==" in match[1]):
            return match[1] + _statement(match[2])
    return line


def _statement(magic: str) -> str:
    """A number and a comment, as long as the magic: a block needs a statement."""
    return ("0 #" + magic[3:])[: len(magic)] if len(magic) > 1 else "0"


def _restored(new: str, old: str) -> str:
    """A cell after the repair, with its magics again."""
    magics = {
        made: line
        for line, made in zip(old.split("\n"), plain(old).split("\n"), strict=True)
        if line != made
    }
    return "\n".join(magics.get(line, line) for line in new.split("\n"))
