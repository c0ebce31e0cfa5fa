"""Whole programs of 1.x, each with the releases that it was written for.

``migrations/*.md`` hold one program under each ``##`` heading. The words behind the first fence are
``old=1.9.5``, as often as there are releases, and ``unsafe`` where the repair needs unsafe fixes;
``file=base.py`` names a block that is not the program itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lfix.codemods.engine.run import run
from lfix.codemods.engine.settings import Settings

from ..golden.markdown import Section, sections
from .programs import NEWEST, Program

FOLDER = Path(__file__).with_name("migrations")
_MAIN = "case.py"


@dataclass(frozen=True, slots=True)
class Migration:
    """A program of several files, and how it is repaired."""

    name: str
    files: tuple[tuple[str, str], ...]
    releases: tuple[str, ...]
    unsafe: bool

    def before(self, release: str) -> Program:
        """The program as it was written."""
        return Program(self.files, _MAIN, "", release)

    def after(self, folder: Path) -> Program:
        """The program for the newest release, with all rules, repaired in an empty folder."""
        for name, text in self.files:
            (folder / name).write_text(text)
        settings = Settings(root=folder, unsafe=self.unsafe)
        report = run([folder], settings, fix=True)
        assert not report.all_problems
        for file in report.files:
            file.path.write_bytes(file.after)
        again = run([folder], settings, fix=True)
        assert not any(file.changed for file in again.files)
        texts = tuple((name, (folder / name).read_text()) for name, _ in self.files)
        return Program(texts, _MAIN, "", NEWEST)


def migrations() -> Iterator[Migration]:
    """All programs, in the order of the files."""
    for path in sorted(FOLDER.glob("*.md")):
        for section in sections(path.read_text(), path):
            if section.level == 2:
                yield _migration(path, section)


def _migration(path: Path, section: Section) -> Migration:
    releases: list[str] = []
    files: list[tuple[str, str]] = []
    unsafe = False
    for block in section.blocks:
        language, *words = block.words
        if language != "python":
            raise block.place.error(f"a program is Python, not {language}")
        name = _MAIN
        for word in words:
            key, _, value = word.partition("=")
            if key == "old" and value:
                releases.append(value)
            elif key == "file" and value:
                name = value
            elif word == "unsafe":
                unsafe = True
            else:
                raise block.place.error(f"{word} is not one of old=, file=, unsafe")
        files.append((name, block.text))
    if not releases or _MAIN not in dict(files):
        raise section.place.error("a program needs a block with old=, and one without file=")
    return Migration(f"{path.stem}::{section.heading}", tuple(files), tuple(releases), unsafe)
