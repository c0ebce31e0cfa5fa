"""The requirements in files that hold one in a line: pip's, ``setup.cfg``, conda's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..model import Span
from ..rules._requirement import Place, Requirement, Style, of_conda, of_pip

if TYPE_CHECKING:
    from ..engine.source import Source

_COMMENT = re.compile(r"(?:^|\s)#.*")
#: What ends a requirement in a file of pip's: an option, or the mark of a line that goes on.
_OPTION = re.compile(r"\s+(?:--?[a-zA-Z].*|\\$)")
_OPTION_LINE = re.compile(r"\s*(?:-|https?:|git\+|\.{0,2}/|$)")
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]")
_KEY = re.compile(r"(?P<key>[A-Za-z][\w.-]*)\s*[=:]\s*")
_ITEM = re.compile(r"(?P<indent>\s*)-\s+(?P<text>.*)")
_TOP = re.compile(r"[A-Za-z_][\w-]*\s*:")
_NESTED = re.compile(r"['\"]?pip['\"]?\s*:\s*$")


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    """Each line without its end, and the byte where it begins."""
    for number, start in enumerate(source.line_starts, start=1):
        text = source.slice(source.line_span(number)).rstrip("\r\n")
        yield start, text


def is_hashed(source: Source) -> bool:
    """Whether a file of pip's says which files may be installed."""
    return b"--hash=" in source.data


def of_requirements(source: Source) -> list[Requirement] | None:
    """The requirements of a file of pip's; None where most lines are of something else."""
    found = []
    odd = 0
    goes_on = False
    for start, line in _lines(source):
        is_rest, goes_on = goes_on, line.rstrip().endswith("\\")
        bare = _COMMENT.sub("", line)
        if is_rest or _OPTION_LINE.match(bare):
            continue
        written = _OPTION.sub("", bare)
        requirement = of_pip(written, start)
        if requirement is None:
            odd += 1
            continue
        place = Place.NOWHERE if goes_on else Place.LINE
        obstacle = "it has hashes" if is_hashed(source) else requirement.obstacle
        found.append(replace(requirement, place=place, obstacle=obstacle))
    return found if odd < len(found) or not odd else None


def of_setup_cfg(source: Source) -> list[Requirement]:
    """The requirements of ``[options]`` and ``[options.extras_require]``."""
    found: list[Requirement] = []
    section = key = ""
    for start, line in _lines(source):
        header = _SECTION.match(line)
        if header is not None:
            section, key = header["name"].strip(), ""
            continue
        named = _KEY.match(line)
        text, at = line, start
        if named is not None:
            key = named["key"]
            text, at = line[named.end() :], start + len(line[: named.end()].encode())
        elif not line[:1].isspace():
            continue
        if section == "options" and key == "python_requires" and text.strip():
            found.append(_python(text, at))
        is_list = (section, key) == ("options", "install_requires")
        if not is_list and section != "options.extras_require":
            continue
        bare = _COMMENT.sub("", text)
        requirement = of_pip(bare, at) if bare.strip() else None
        if requirement is not None:
            place = Place.LINE if named is None else Place.NOWHERE
            found.append(replace(requirement, place=place))
    return found


def _python(text: str, at: int) -> Requirement:
    written = text.strip()
    start = at + len(text[: len(text) - len(text.lstrip())].encode())
    span = Span(start, start + len(written.encode()))
    return Requirement(
        "python",
        Span(start, start),
        frozenset(),
        span,
        written,
        Style.PIP,
        span,
        written,
        start,
        floor=True,
    )


def of_environment(source: Source) -> list[Requirement]:
    """The requirements of conda's ``environment.yml``, and of the list of pip in it."""
    found: list[Requirement] = []
    is_inside, pip_indent = False, -1
    for start, line in _lines(source):
        if _TOP.match(line):
            is_inside, pip_indent = line.startswith("dependencies"), -1
            continue
        item = _ITEM.match(_COMMENT.sub("", line))
        if not is_inside or item is None:
            continue
        indent = len(item["indent"])
        if _NESTED.fullmatch(item["text"].strip()):
            pip_indent = indent
            continue
        is_pip = 0 <= pip_indent < indent
        if not is_pip:
            pip_indent = -1
        text = item["text"].rstrip()
        at = start + len(line[: item.start("text")].encode())
        first = at
        if text[:1] in "\"'" and text[-1:] == text[:1] and len(text) > 1:
            text, at = text[1:-1], at + 1
        requirement = of_pip(text, at) if is_pip else of_conda(text, at)
        if requirement is not None:
            found.append(replace(requirement, place=Place.LINE, first=first))
    return found
