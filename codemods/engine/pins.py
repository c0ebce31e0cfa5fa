"""What a project says of the Lightning release that it wants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from packaging.specifiers import SpecifierSet

_FILES = re.compile(
    r"(requirements[\w.-]*\.(txt|in|ya?ml)|pyproject\.toml|setup\.(py|cfg)|Pipfile"
    r"|(conda|env)[\w.-]*\.ya?ml)",
    re.IGNORECASE,
)
_FOLDERS = ("requirements", "requirements.d", "conda")
_PIN = re.compile(
    r"""(?:^|[\s"'\[,-])(?P<name>(?:pytorch[-_])?lightning)(?:[ \t]*\[[\w,\s-]*\])?["']?\s*\(?\s*
    (?:[=:]\s*["'](?P<poetry>[\^~=<>!\d][^"']*)["']|(?P<spec>[=<>!~]=?\s*\d[\w.*]*
    (?:\s*,\s*[=<>!~]=?\s*\d[\w.*]*)*))""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*", re.MULTILINE)
_LARGEST = 1_000_000


@dataclass(frozen=True)
class Pin:
    """A requirement of Lightning: the distribution, its versions as written, and the file."""

    distribution: str
    written: str
    path: Path

    @property
    def versions(self) -> SpecifierSet | None:
        """The versions that it admits; None where they cannot be read."""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            return SpecifierSet(",".join(_translated(p.strip()) for p in self.written.split(",")))
        except InvalidSpecifier:
            return None

    @property
    def text(self) -> str:
        """The requirement in one line."""
        return f"{self.distribution}{self.written}"


def pins(root: Path) -> list[Pin]:
    """All requirements of Lightning in the files of a project's root that declare any."""
    found: list[Pin] = []
    for path in declaring(root):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for match in _PIN.finditer(_COMMENT.sub("", text)):
            name = match["name"].lower().replace("_", "-")
            found.append(Pin(name, (match["poetry"] or match["spec"]).strip(), path))
    return found


def naming(root: Path, names: tuple[str, ...]) -> list[Path]:
    """The files in a folder that declare requirements and name one of some distributions."""
    named = re.compile(rf"(?<![\w.-])({'|'.join(names)})(?![\w.-]*\w)", re.IGNORECASE)
    found = []
    for path in declaring(root):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        if named.search(_COMMENT.sub("", text)):
            found.append(path)
    return found


def declaring(root: Path) -> Iterator[Path]:
    """The files in a folder, and in those for that purpose below it, that declare requirements."""
    for folder in (root, *(root / name for name in _FOLDERS)):
        try:
            held = sorted(folder.iterdir())
        except OSError:
            continue
        for path in held:
            listed = folder != root and path.suffix == ".txt"
            if not (listed or _FILES.fullmatch(path.name)):
                continue
            try:
                readable = path.is_file() and path.stat().st_size < _LARGEST
            except OSError:
                continue
            if readable:
                yield path


def _translated(spec: str) -> str:
    """One clause of conda's or poetry's in the words of pip."""
    spec = spec.replace(" ", "")
    if spec.startswith("^"):
        major = spec[1:].partition(".")[0]
        return f">={spec[1:]},<{int(major) + 1}" if major.isdigit() else spec
    if spec.startswith("~") and not spec.startswith("~="):
        return f"~={spec[1:]}" if "." in spec else f"=={spec[1:]}.*"
    if spec.startswith("=") and not spec.startswith("=="):
        return f"=={spec[1:].rstrip('*').rstrip('.')}.*"
    if spec[:1].isdigit():
        return f"=={spec}"
    return spec
