"""What a golden case demands of the engine."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from lfix.codemods.model import Finding, Problem, Safety

from .case import Case, Kind, Said

LF = "\n"
CRLF = "\r\n"


@dataclass(frozen=True, slots=True)
class Applied:
    """What a run of one rule over a folder gave; ``files`` are the bytes it would leave there.

    Paths are relative to the folder, also those of the findings.
    """

    files: Mapping[str, bytes]
    fixed: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()


Engine = Callable[[Path, str, bool], Applied]
"""Applies the rule of a name to a folder, with or without unsafe fixes, and writes nothing."""


@dataclass(frozen=True, slots=True)
class Check:
    """One case, run in an empty ``folder`` with all its lines ended by ``newline``."""

    case: Case
    rule: str
    folder: Path
    newline: str
    engine: Engine

    def complaints(self) -> list[str]:
        """What does not hold; empty if the case passes."""
        kinds = {
            Kind.FIX: self.fix,
            Kind.UNSAFE: self.unsafe,
            Kind.KEEP: self.keep,
            Kind.TOLD: self.told,
        }
        return list(kinds[self.case.kind]())

    def fix(self) -> Iterator[str]:
        wanted = self.wanted()
        applied = self.apply(self.before(), unsafe=False)
        yield from self.compare("after the fixes", wanted, applied)
        yield from self.findings("after the fixes", self.case.says or (), applied.left)
        yield from self.again(applied, unsafe=False)

    def unsafe(self) -> Iterator[str]:
        before = self.before()
        safe = self.apply(before, unsafe=False)
        yield from self.compare("with safe fixes only", before, safe)
        if self.case.says is not None:
            yield from self.findings("with safe fixes only", self.case.says, safe.left)
        elif not safe.left:
            yield "with safe fixes only: there is no finding"
        applied = self.apply(before, unsafe=True)
        yield from self.compare("after the unsafe fixes", self.wanted(), applied)
        yield from self.again(applied, unsafe=True)

    def keep(self) -> Iterator[str]:
        before = self.before()
        for unsafe, when in ((False, "with safe fixes"), (True, "with unsafe fixes")):
            applied = self.apply(before, unsafe=unsafe)
            yield from self.compare(when, before, applied)
            yield from self.findings(when, (), applied.fixed + applied.left)

    def told(self) -> Iterator[str]:
        before = self.before()
        for unsafe, when in ((False, "with safe fixes"), (True, "with unsafe fixes")):
            applied = self.apply(before, unsafe=unsafe)
            yield from self.compare(when, before, applied)
            yield from self.findings(when, self.case.says or (), applied.fixed + applied.left)
            for finding in applied.left:
                if finding.safety is not Safety.MANUAL:
                    yield f"{when}: {_show(finding)} has a fix and should have none"

    def before(self) -> dict[str, bytes]:
        """The files of the case as they are laid."""
        return {file.path: self.encode(file.before) for file in self.case.files}

    def wanted(self) -> dict[str, bytes]:
        """The files of the case as they have to become."""
        return {file.path: self.encode(file.wanted) for file in self.case.files}

    def encode(self, text: str) -> bytes:
        return text.replace(LF, self.newline).encode()

    def apply(self, files: Mapping[str, bytes], *, unsafe: bool) -> Applied:
        """Lay ``files`` in an otherwise empty folder and run the rule over it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        if self.case.config is not None:
            (self.folder / "pyproject.toml").write_text(self.case.config, encoding="utf-8")
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        applied = self.engine(self.folder, self.rule, unsafe)
        if self.case.config is None:
            return applied
        kept = {name: raw for name, raw in applied.files.items() if name != "pyproject.toml"}
        return replace(applied, files=kept)

    def again(self, applied: Applied, *, unsafe: bool) -> Iterator[str]:
        """Applying twice equals applying once."""
        second = self.apply(applied.files, unsafe=unsafe)
        yield from self.compare("applied a second time", applied.files, second)

    def compare(self, when: str, wanted: Mapping[str, bytes], got: Applied) -> Iterator[str]:
        for problem in got.problems:
            yield f"{when}: {problem.path}: {problem.message}"
        for name in sorted(wanted.keys() | got.files.keys()):
            left, right = wanted.get(name, b""), got.files.get(name, b"")
            if left != right:
                yield f"{when}, {name} is not as wanted:\n{_diff(left, right)}"

    def findings(
        self, when: str, said: tuple[Said, ...], found: tuple[Finding, ...]
    ) -> Iterator[str]:
        """Each line of ``said`` is one finding, and there are no others."""
        unsaid = list(found)
        for line in said:
            match = next((finding for finding in unsaid if _matches(line, finding)), None)
            if match is None:
                yield f"{when}: nothing was found like {line}"
            else:
                unsaid.remove(match)
        for finding in unsaid:
            yield f"{when}: not expected: {_show(finding)}"


def _matches(said: Said, finding: Finding) -> bool:
    return (
        (said.path, said.line, said.code) == (finding.path.as_posix(), finding.line, finding.code)
        and said.safety in (None, finding.safety.value)
        and said.fragment in f"{finding.message}\n{finding.reason or ''}"
    )


def _show(finding: Finding) -> str:
    place = f"{finding.path.as_posix()}:{finding.line}"
    reason = f" ({finding.reason})" if finding.reason else ""
    return f"{place} {finding.code} {finding.safety.value}: {finding.message}{reason}"


def _diff(wanted: bytes, got: bytes) -> str:
    left, right = (
        content.decode(errors="backslashreplace").replace("\r", "\\r").split("\n")
        for content in (wanted, got)
    )
    return "\n".join(difflib.unified_diff(left, right, "wanted", "got", lineterm=""))
