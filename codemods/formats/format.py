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


#: Folders whose files are a Trainer's arguments without a word of it: groups of Hydra.
GROUPS = frozenset({"trainer", "trainers", "lightning_trainer"})


class BrokenError(Exception):
    """A file that is not of its format; the message says where and why, ``line`` counts from 1."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Context:
    """What a format may ask: the project's Python, the settings, and the other files of the run.

    ``left`` are the findings in the Python that are there when the run is over, ``broken`` are its
    files with problems, ``tops`` the folders and files beyond which nothing is written; ``carry``
    allows to rename a key of a config file together with the code that reads it.
    """

    project: Project
    settings: Settings
    python: tuple[Path, ...]
    others: tuple[Path, ...]
    left: tuple[Finding, ...] = ()
    broken: tuple[Path, ...] = ()
    tops: tuple[Path, ...] = ()
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

    ``reads`` tells by a file's name; a file without one of ``words`` holds no finding, unless its
    folder has one of the names in ``folders``. ``find``
    gives the findings of a file, with edits of its own bytes, and raises BrokenError where it
    cannot be read. The text that edits make is looked at again, so ``find`` has to be content with
    what it wrote. A format that cannot say its fixes as edits has ``repair``, which gives the whole
    report, with or without fixes; if it has ``find`` too, that gives what is only told.
    """

    name: str
    reads: Callable[[str], bool]
    words: tuple[bytes, ...]
    find: Callable[[Context, Source], Iterable[Finding]] | None = None
    repair: Callable[[Context, Source, bool], FileReport] | None = None
    folders: frozenset[str] = frozenset()

    def may_hold(self, path: Path, raw: bytes) -> bool:
        """Whether a file with these bytes can hold a finding."""
        return path.parent.name in self.folders or any(word in raw for word in self.words)
