"""One requirement as it is written: its name, its versions, and the bytes where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from ..model import Edit, Span

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet


class Style(Enum):
    """How versions are written."""

    PIP = "pip"
    POETRY = "poetry"
    CONDA = "conda"


class Place(Enum):
    """What a requirement is in: a list where another one has room, one where it has not."""

    LINE = "line"
    ITEM = "item"
    TABLE = "table"
    NOWHERE = "nowhere"


@dataclass(frozen=True)
class Requirement:
    """A requirement in a file.

    ``name`` is in lower case with ``-``; ``versions`` is the place of what is ``written`` of
    versions, empty where nothing is. ``whole`` is the place of the requirement and ``text`` what
    stands there, ``first`` is the byte where its line, item or entry begins. ``quote`` is put
    around a requirement that gets new versions. ``obstacle`` says why it must not be rewritten. Of
    a ``floor`` each version counts: it is what a project says to run on.
    """

    name: str
    named: Span
    extras: frozenset[str]
    versions: Span
    written: str
    style: Style
    whole: Span
    text: str
    first: int
    place: Place = Place.NOWHERE
    quote: str = ""
    obstacle: str = ""
    floor: bool = False

    @property
    def admitted(self) -> SpecifierSet | None:
        """The versions that it admits; None where they cannot be read."""
        return _specifiers(self.written, self.style)

    @property
    def shown(self) -> str:
        """Name and versions in one line."""
        return f"{self.name}{self.written if self.written[:1] in '<>=!~' else ' ' + self.written}"

    def edits(self, name: str | None, versions: str | None) -> tuple[Edit, ...]:
        """The edits that put another name and other versions in; None for what stays."""
        found = [Edit(self.named, name)] if name is not None else []
        if versions is not None:
            found.append(Edit(self.versions, versions))
        if not self.quote or versions is None:
            return tuple(found)
        text = self.text.encode()
        for edit in sorted(found, reverse=True):
            start, end = edit.span.start - self.whole.start, edit.span.end - self.whole.start
            text = text[:start] + edit.text.encode() + text[end:]
        return (Edit(self.whole, f"{self.quote}{text.decode()}{self.quote}"),)


_CLAUSE = r"(?:===?|[<>!~]=|[<>])\s*[\w.*+!-]+"
_PIP = re.compile(
    rf"\s*(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[(?P<extras>[\w\s,.-]*)\])?"
    rf"\s*(?P<open>\()?(?P<versions>{_CLAUSE}(?:\s*,\s*{_CLAUSE})*)?,?\s*(?(open)\))\s*"
    r"(?P<url>@[^;]*)?(?:;.*)?",
    re.DOTALL,
)
_CONDA = re.compile(
    r"\s*(?:[\w./-]+::)?(?P<name>[A-Za-z0-9][\w.-]*?)(?:\[[^\]]*\])?"
    r"(?P<versions>\s*(?:[=<>!~]=?|\s)\s*[\d*][^\s\"']*(?:\s*[,|]\s*[^\s\"']+)*(?:\s+[\w.*]+)?)?\s*"
)


def canonical(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def of_pip(text: str, at: int) -> Requirement | None:
    """The requirement of PEP 508 in a text that begins at a byte; None where it is none."""
    match = _PIP.fullmatch(text)
    if match is None or not _is_valid(text):
        return None
    extras = frozenset(e.strip() for e in (match["extras"] or "").split(",") if e.strip())
    url = match["url"]
    return _made(match, text, at, Style.PIP, extras, "it is taken from an address" if url else "")


def of_conda(text: str, at: int) -> Requirement | None:
    """A requirement as conda writes it: ``name``, ``name=1.5``, ``name >=1.5,<2``."""
    match = _CONDA.fullmatch(text)
    return None if match is None else _made(match, text, at, Style.CONDA, frozenset(), "")


def _made(
    match: re.Match[str],
    text: str,
    at: int,
    style: Style,
    extras: frozenset[str],
    obstacle: str,
) -> Requirement:
    def span(start: int, end: int) -> Span:
        return Span(at + len(text[:start].encode()), at + len(text[:end].encode()))

    written = match["versions"] or ""
    start = match.start("versions") + len(written) - len(written.lstrip()) if written else 0
    end = match.start("versions") + len(written.rstrip()) if written else 0
    stripped = len(text) - len(text.lstrip())
    return Requirement(
        canonical(match["name"]),
        span(*match.span("name")),
        extras,
        span(start, end) if written else span(match.end("name"), match.end("name")),
        written.strip(),
        style,
        span(stripped, len(text.rstrip())),
        text.strip(),
        at + stripped,
        obstacle=obstacle,
    )


def _is_valid(text: str) -> bool:
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Parsed

    try:
        Parsed(text.strip())
    except InvalidRequirement:
        return False
    return True


def _specifiers(written: str, style: Style) -> SpecifierSet | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if written in ("", "*"):
        return SpecifierSet()
    clauses = [clause.strip() for clause in written.split(",")]
    if style is Style.CONDA:
        clauses = [_of_conda(clause) for clause in clauses]
    if style is Style.POETRY:
        clauses = [_of_poetry(clause) for clause in clauses]
    try:
        return SpecifierSet(",".join(clauses))
    except InvalidSpecifier:
        return None


def _of_conda(clause: str) -> str:
    """A clause of conda's in pip's words; the build behind the version is left out."""
    clause = re.sub(r"\s*([=<>!~]+)\s*", r"\1", clause)
    match = re.fullmatch(r"([<>!~]=?|={0,2})([^=<>!~\s]+)(?:[=\s].*)?", clause)
    if match is None:
        return clause
    operator, version = match[1], match[2]
    if operator in ("<", ">", "<=", ">=", "!=", "~="):
        return f"{operator}{version.removesuffix('.*').removesuffix('*')}"
    if operator == "==":
        return f"=={version}"
    return f"=={version.rstrip('*').rstrip('.')}.*"


def _of_poetry(clause: str) -> str:
    """A clause of poetry's in pip's words."""
    clause = clause.replace(" ", "")
    if clause[:1].isdigit():
        return f"=={clause}"
    if clause.startswith("=") and not clause.startswith("=="):
        return f"={clause}"
    version = clause.lstrip("^~")
    if clause.startswith("^"):
        parts = version.split(".")
        place = next((i for i, part in enumerate(parts) if part != "0"), len(parts) - 1)
        if not parts[place].isdigit():
            return clause
        return f">={version},<{'.'.join([*parts[:place], str(int(parts[place]) + 1)])}"
    if clause.startswith("~") and not clause.startswith("~="):
        return f"~={version}" if "." in version else f"=={version}.*"
    return clause


def spaced(written: str, clauses: list[str]) -> str:
    """Clauses joined with the blanks that the old ones have."""
    gap = " " if re.search(r"[<>=!~]\s+[\d*]", written) else ""
    comma = re.search(r"\s*,\s*", written)
    joined = [re.sub(r"^([<>=!~]+)", rf"\g<1>{gap}", clause) for clause in clauses]
    return (comma[0] if comma else "," + gap).join(joined)
