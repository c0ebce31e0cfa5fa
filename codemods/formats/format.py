"""What a kind of file has to offer, so that its findings are treated like those in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engine.project import Project
    from ..engine.settings import Settings
    from ..engine.source import Source
    from ..model import FileReport, Finding
    from .carried import Carried


class BrokenError(Exception):
    """A file that is not of its format; the message says where and why, ``line`` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Context:
    """What a format may ask: the project's Python, the settings, and the other files of the run.

    ``left`` are the findings in the Python that are there when the run is over, ``broken`` are its
    files with problems; ``carry`` allows
    to rename a key of a config file together with the code that reads it.
    """

    project: Project
    settings: Settings
    python: tuple[Path, ...]
    others: tuple[Path, ...]
    left: tuple[Finding, ...] = ()
    broken: tuple[Path, ...] = ()
    carry: bool = True

    @cached_property
    def carried(self) -> Carried:
        """The keys of config files that the Python reads by name and that are renamed in both."""
        from .carried import Carried

        return Carried(self)

    @cached_property
    def needs_old(self) -> str:
        """Why the Python may need an old release of Lightning; empty where it surely does not."""
        from .needs import needs_old

        return needs_old(self)


@dataclass(frozen=True)
class Format:
    """One kind of file.

    ``reads`` tells by a file's name; a file without one of ``words`` holds no finding. ``find``
    gives the findings of a file, with edits of its own bytes, and raises BrokenError where it
    cannot be read. The text that edits make is looked at again, so ``find`` has to be content with
    what it wrote. A format that cannot say its fixes as edits has ``repair`` in its place, which
    gives the whole report, with or without fixes.
    """

    name: str
    reads: Callable[[str], bool]
    words: tuple[bytes, ...]
    find: Callable[[Context, Source], Iterable[Finding]] | None = None
    repair: Callable[[Context, Source, bool], FileReport] | None = None

    def may_hold(self, raw: bytes) -> bool:
        """Whether a file with these bytes can hold a finding."""
        return any(word in raw for word in self.words)
