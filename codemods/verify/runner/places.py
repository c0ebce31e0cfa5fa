"""Where a path lies: in the copy that runs, in the user's tree, or outside of both."""

from __future__ import annotations

import os
import sys
from types import FrameType, TracebackType
from typing import Iterator, NamedTuple

_HERE = os.path.dirname(os.path.realpath(__file__))


class Line(NamedTuple):
    """One line of source, under the name the user knows it by."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def inside(path: str, folder: str) -> bool:
    """Whether ``path`` is ``folder`` or lies below it; both absolute and resolved."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class Places:
    """The pair of trees: ``root`` is the user's, ``copy`` is the one that runs; both resolved."""

    def __init__(self, root: str, copy: str) -> None:
        self.root = root
        self.copy = copy

    def to_copy(self, path: str) -> str:
        """The place in the copy that stands for ``path``; ``path`` itself where there is none.

        Folders that are not copied (virtual environments, version control) keep their real place.
        """
        full = os.path.abspath(path)
        if not inside(full, self.root) or inside(full, self.copy):
            return path
        mapped = os.path.normpath(os.path.join(self.copy, os.path.relpath(full, self.root)))
        return mapped if os.path.lexists(mapped) else path

    def shown(self, path: str) -> str:
        """``path`` as the user would write it: relative to the project root where it lies in it."""
        full = os.path.abspath(path)
        for tree in (self.copy, self.root):
            if inside(full, tree):
                return os.path.relpath(full, tree)
        return path

    def text(self, text: str) -> str:
        """``text`` with every mention of the copy turned into the user's tree."""
        return text.replace(self.copy, self.root)

    def is_project(self, path: str) -> bool:
        """Whether ``path`` is a source file of the project that runs; ``<string>`` is not."""
        return not path.startswith("<") and inside(os.path.abspath(path), self.copy)

    def user_line(self) -> Line | None:
        """The innermost line of the project on the current call stack."""
        frame: FrameType | None = sys._getframe(1)  # noqa: SLF001
        while frame is not None:
            if self.is_project(frame.f_code.co_filename):
                return Line(self.shown(frame.f_code.co_filename), frame.f_lineno)
            frame = frame.f_back
        return None


def own(path: str) -> bool:
    """Whether ``path`` belongs to the runner or to the import machinery."""
    if path.startswith(("<frozen importlib", "<frozen runpy")):
        return True
    return inside(os.path.realpath(path), _HERE)


def raised_at(traceback: TracebackType | None) -> Iterator[Line]:
    """The lines of a traceback, outermost first, without those of the runner and of importlib."""
    while traceback is not None:
        path = traceback.tb_frame.f_code.co_filename
        if not own(path):
            yield Line(path, traceback.tb_lineno)
        traceback = traceback.tb_next
