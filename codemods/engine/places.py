"""What lies where on the disk, and what an answer about it depends on."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from .walk import kind_at

#: What marks the folder that a project starts in.
MARKERS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")

#: A folder's time of change and number: other ones as soon as something is put in or taken out.
Stamp = tuple[int, int]


@dataclass
class Surroundings:
    """What was asked for and what lay there.

    ``folders`` are those that were listed, ``asked`` what was looked for in each of them, and
    ``alone`` holds the paths whose folder says nothing about them: links, and what cannot be
    listed.
    """

    folders: dict[str, Stamp] = field(default_factory=dict)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    alone: dict[str, str] = field(default_factory=dict)

    def merge(self, other: Surroundings) -> None:
        """Take over what another part of a run looked at."""
        self.folders |= other.folders
        self.alone |= other.alone
        for folder, names in other.asked.items():
            self.asked.setdefault(folder, {}).update(names)

    def are_unchanged(self) -> bool:
        """Whether all that was asked for is still as it was, whatever else came or went."""
        others = {
            os.path.join(folder, name): kind
            for folder, was in self.folders.items()
            if _stamp(folder) != tuple(was)
            for name, kind in self.asked[folder].items()
        }
        return all(
            kind_at(path) == kind for some in (others, self.alone) for path, kind in some.items()
        )


class Places:
    """Answers what lies at a path, from one listing for each folder.

    Imports are looked for at many places where nothing lies; asking the disk for each is what a
    look at a large project would spend its time on, and so would a check of whether an old answer
    still holds.
    """

    def __init__(self) -> None:
        self._news = Surroundings()
        self._listings: dict[str, dict[str, str] | None] = {}
        self._stamps: dict[str, Stamp] = {}
        self._known: dict[str, str] = {}

    def kind(self, path: str) -> str:
        """``file``, ``folder``, or an empty string for nothing of these."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._look(path)
        return known

    def news(self) -> Surroundings:
        """What was looked at since the last time that this was asked."""
        news, self._news = self._news, Surroundings()
        return news

    def _look(self, path: str) -> str:
        folder, name = os.path.split(path)
        listing = self._listing(folder) if _is_listed(name) else None
        kind = None if listing is None else listing.get(name, "")
        if kind is None or kind == "link":
            kind = self._news.alone[path] = kind_at(path)
        elif folder in self._stamps:
            self._news.folders[folder] = self._stamps[folder]
            self._news.asked.setdefault(folder, {})[name] = kind
        return kind

    def _listing(self, folder: str) -> dict[str, str] | None:
        if folder not in self._listings:
            above = os.path.dirname(folder)
            known = above in self._listings and above != folder
            gone = known and self.kind(folder) != "folder"
            self._listings[folder] = {} if gone else self._list(folder)
        return self._listings[folder]

    def _list(self, folder: str) -> dict[str, str] | None:
        """What lies in a folder, nothing where there is none; None where it cannot be listed."""
        # Taken before the listing: what changes in between makes the next run look again.
        stamp = _stamp(folder)
        try:
            with os.scandir(folder) as entries:
                listing = {e.name: _kind(e) for e in entries if _is_listed(e.name)}
        except (FileNotFoundError, NotADirectoryError):
            if folder != os.path.dirname(folder):
                self.kind(folder)
            return {}
        except OSError:
            return None
        if stamp is None:
            return None
        self._stamps[folder] = stamp
        return listing


def _is_listed(name: str) -> bool:
    """Whether a name is kept of a listing: a folder of data may hold a million others."""
    return name.endswith(".py") or "." not in name or name in MARKERS


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_symlink():
            return "link"
        return "folder" if entry.is_dir() else "file" if entry.is_file() else ""
    except OSError:
        return ""


def _stamp(folder: str) -> Stamp | None:
    try:
        stat = os.stat(folder)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino
