"""Small projects with a place in them to ask about: the argument of ``ask(…)``."""

from __future__ import annotations

import ast
from pathlib import Path

from lfix.codemods.engine.file import File
from lfix.codemods.engine.members import Members
from lfix.codemods.engine.project import Project
from lfix.codemods.engine.source import Source
from lfix.codemods.model import Edit


def lay(folder: Path, files: dict[str, str]) -> Project:
    """Write the files of a project; all of them are its members."""
    (folder / "setup.py").touch()
    paths = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        paths.append(path)
    members = Members(sorted(paths))
    for path in paths:
        members.note(path, path.read_bytes())
    return Project(members=members)


def parsed(folder: Path, text: str, more: dict[str, str] | None = None) -> File:
    """The file ``case.py`` of a project."""
    project = lay(folder, {"case.py": text, **(more or {})})
    file = project.file(folder / "case.py")
    assert file is not None
    return file


def asked(file: File, number: int = 0) -> ast.expr:
    """The expression that is asked about."""
    calls = [c for c in file.tree.calls if isinstance(c.func, ast.Name) and c.func.id == "ask"]
    return calls[number].args[0]


def edited(file: File, edits: tuple[Edit, ...] | Edit | None) -> str:
    """The text after edits, which must parse."""
    assert edits is not None
    text = file.source.apply([edits] if isinstance(edits, Edit) else edits).decode()
    ast.parse(text)
    return text


def of_text(text: str) -> File:
    """A file that stands alone and nowhere."""
    return File(Project(), Source.of(Path("/nowhere/case.py"), text.encode()))
