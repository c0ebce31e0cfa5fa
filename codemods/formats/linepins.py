"""The requirements in files that hold one in a line: pip's, ``setup.cfg``, conda's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..model import Span
from ..rules._pin_verdicts import LIGHTNING
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
#: What tells for which environments of tox a line is.
_FACTOR = re.compile(r"\s*[\w{},!.-]+:\s+")
_SOME = "it is for some environments, and others may be for other releases"
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


@dataclass(frozen=True)
class _Entry:
    """A line of an option: its section and key, what it says, and the byte where that begins."""

    section: str
    key: str
    text: str
    at: int
    is_first: bool

    def requirement(self) -> Requirement | None:
        """The requirement that it is, if it is one."""
        bare = _COMMENT.sub("", self.text)
        found = of_pip(bare, self.at) if bare.strip() else None
        if found is None:
            return None
        return replace(found, place=Place.NOWHERE if self.is_first else Place.LINE)


def _entries(source: Source) -> Iterator[_Entry]:
    """The lines of all options of an INI file."""
    section = key = ""
    for start, line in _lines(source):
        header = _SECTION.match(line)
        if header is not None:
            section, key = header["name"].strip(), ""
            continue
        named = _KEY.match(line)
        if named is not None:
            key = named["key"]
            at = start + len(line[: named.end()].encode())
            yield _Entry(section, key, line[named.end() :], at, True)
        elif line[:1].isspace():
            yield _Entry(section, key, line, start, False)


def of_setup_cfg(source: Source) -> list[Requirement]:
    """The requirements of ``[options]`` and ``[options.extras_require]``."""
    found: list[Requirement] = []
    for entry in _entries(source):
        place = (entry.section, entry.key)
        if place == ("options", "python_requires") and entry.is_first and entry.text.strip():
            found.append(_python(entry.text, entry.at))
        is_list = place == ("options", "install_requires")
        requirement = entry.requirement()
        if requirement and (is_list or entry.section == "options.extras_require"):
            found.append(requirement)
    return found


def of_tox(source: Source) -> list[Requirement]:
    """The requirements of ``deps`` in the environments of tox, those for some of them too."""
    found: list[Requirement] = []
    for entry in _entries(source):
        if entry.section.partition(":")[0] != "testenv" or entry.key != "deps":
            continue
        factor = _FACTOR.match(entry.text)
        skipped = factor[0] if factor is not None else ""
        text, at = entry.text[len(skipped) :], entry.at + len(skipped.encode())
        requirement = replace(entry, text=text, at=at).requirement()
        if requirement is not None:
            # Another line would be for all environments.
            is_own = factor is None and not entry.is_first
            made = replace(requirement, place=Place.LINE if is_own else Place.NOWHERE)
            found.append(made if factor is None else replace(made, obstacle=_SOME))
    if len({r.written for r in found if r.name in LIGHTNING}) > 1:
        found = [replace(r, obstacle=_SOME) if r.name in LIGHTNING else r for r in found]
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
