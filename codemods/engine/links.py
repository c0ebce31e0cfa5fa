"""Which project files a file may get a class from, told from its bytes.

Who inherits from a class is asked of every file that names it among its bases. Most of those
mean another class of that name, and need not be parsed: no import leads from them to this one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from .project import Project

#: White space inside a statement.
_GAP = rb"(?:[ \t\f]|\\\r?\n)*"
_NAME = rb"[\w.\x80-\xff]+"
#: What stands behind the word, which is not looked for with ``\b`` in front: the search jumps from
#: one literal to the next. Also finds what only looks like an import, in a string say, which does
#: no harm: what stands behind is only looked at, so that an import in there is found too.
_IMPORT = re.compile(
    rb"import\b" + _GAP + rb"(?=(\((?:[^)#]|#[^\n]*)*|[^\n;\\]*(?:\\\r?\n?[^\n;\\]*)*))"
)
#: What stands in front of it.
_FROM = re.compile(rb"from\b((?:[\w.\x80-\xff \t\f]|\\\r?\n)*)\Z")
#: Bytes in front of it that are searched for its ``from``, where that is in an earlier line.
_BEFORE = 400
_LETTER = re.compile(rb"\w")
_COMMENT = re.compile(rb"#[^\n]*")
_BLANK = re.compile(rb"[\s\\]+")
_WORD = re.compile(_NAME)


class Links:
    """The imports between files; what was read once is kept, which takes little."""

    def __init__(self) -> None:
        self._known: dict[Path, frozenset[Path] | None] = {}

    def reaching(self, project: Project, goal: Path, starts: Iterable[Path]) -> list[Path]:
        """Those of ``starts`` from which imports, over any number of files, may lead to a file."""
        wanted = list(starts)
        importers: dict[Path, list[Path]] = {}
        pending = list(wanted)
        seen: set[Path] = set()
        arrived: set[Path] = {goal}
        while pending:
            path = pending.pop()
            if path in seen:
                continue
            seen.add(path)
            targets = self._of(project, path)
            if targets is None:
                arrived.add(path)
                continue
            for target in targets:
                importers.setdefault(target, []).append(path)
            pending += targets
        pending = list(arrived)
        while pending:
            for importer in importers.get(pending.pop(), ()):
                if importer not in arrived:
                    arrived.add(importer)
                    pending.append(importer)
        return [path for path in wanted if path in arrived]

    def connect(self, project: Project, one: Path, other: Path) -> bool:
        """Whether imports may lead from one file to the other, or back."""
        return bool(self.reaching(project, one, [other]) or self.reaching(project, other, [one]))

    def imports(self, project: Project, path: Path) -> frozenset[Path]:
        """The files that a file imports, as far as its bytes tell."""
        return self._of(project, path) or frozenset()

    def _of(self, project: Project, path: Path) -> frozenset[Path] | None:
        """The files that a file imports; None where that cannot be told."""
        if path in project.overlay:
            return _targets(project, path)
        if path not in self._known:
            self._known[path] = _targets(project, path)
        return self._known[path]


def _targets(project: Project, path: Path) -> frozenset[Path] | None:
    found: set[Path] = set()
    for module, names in _imports(project.raw(path)):
        if not module.startswith(".") and not project.is_local(path, module):
            continue
        target = project.module_path(path, module)
        if target is not None:
            found.add(target)
            if target.name != "__init__.py":
                continue
        joint = "" if module.endswith(".") else "."
        for name in names:
            inner = project.module_path(path, f"{module}{joint}{name}")
            if inner is not None:
                found.add(inner)
            elif target is None:
                return None
        if target is None and not names:
            return None
    return frozenset(found)


def _imports(raw: bytes) -> Iterator[tuple[str, list[str]]]:
    """Modules with the names that are taken from them, which may be modules too."""
    for match in _IMPORT.finditer(raw):
        start = match.start()
        if start and _LETTER.match(raw, start - 1):
            continue
        line = raw.rfind(b"\n", 0, start) + 1
        continued = b"\\" in raw[max(0, line - 3) : line]
        source = _FROM.search(raw, max(0, start - _BEFORE) if continued else line, start)
        rest = match.group(1)
        names = [w.decode("utf-8", "replace") for w in _WORD.findall(_COMMENT.sub(b"", rest))]
        if source is not None:
            yield _BLANK.sub(b"", source.group(1)).decode("utf-8", "replace"), names
        else:
            for name in names:
                yield from ((part, []) for part in _openings(name))


def _openings(dotted: str) -> Iterator[str]:
    """``a.b.c``, and the packages on the way to it."""
    while dotted:
        yield dotted
        dotted = dotted.rpartition(".")[0]
