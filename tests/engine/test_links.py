"""What the bytes of a file say about its imports is never less than what its tree says."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from lfix.codemods.engine.links import Links
from lfix.codemods.engine.members import Members
from lfix.codemods.engine.project import Project

from .code import lay


def links_of(project: Project, path: Path) -> frozenset[Path] | None:
    return Links()._of(project, path)


@pytest.mark.parametrize("package", ["lightning", "torchmetrics"])
def test_links_hold_every_file_that_the_imports_of_an_installed_package_lead_to(
    package: str,
) -> None:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    paths = sorted(Path(spec.origin).parent.rglob("*.py"))[::7]
    project = Project(members=Members(paths))
    told = 0
    for path in paths:
        file = project.file(path)
        found = links_of(project, path)
        assert file is not None
        if found is not None:
            assert file.imported_files <= found, path
            told += bool(found)
    assert told


@pytest.mark.parametrize(
    "statement",
    [
        "from base import Base",
        "from .base import Base",
        "from.base import Base",
        "from .import base",
        "from . import base",
        "from . import (  # a ) b\n    other,\n    base,  # the base\n)",
        "from .\\\nbase \\\n    import Base",
        "from . import other, \\\n    base",
        "import other, base as b",
        "if True: import base",
        "x = 1; from base import *",
        "try:\n\timport base\nexcept ImportError: pass",
    ],
)
def test_every_way_to_write_an_import_is_seen(tmp_path: Path, statement: str) -> None:
    project = lay(
        tmp_path, {"case.py": statement, "base.py": "class Base: ...", "other.py": "", "far.py": ""}
    )
    found = links_of(project, tmp_path / "case.py")
    assert found is None or tmp_path / "base.py" in found
    assert found is None or tmp_path / "far.py" not in found


def test_heirs_come_through_files_between(tmp_path: Path) -> None:
    files = {
        "base.py": "class Base: ...",
        "between.py": "from base import *",
        "heir.py": "from between import Base\nclass Heir(Base): ...",
        "stranger.py": "from somewhere import Base\nclass Stranger(Base): ...",
    }
    project = lay(tmp_path, files)
    base = project.file(tmp_path / "base.py")
    assert base is not None
    assert [heir.name for heir in project.heirs(base.classes[0])] == ["Heir"]
    assert tmp_path / "stranger.py" not in project.read


def test_a_package_without_a_file_of_its_own_may_lead_anywhere(tmp_path: Path) -> None:
    files = {
        "base/inner.py": "class Base: ...",
        "heir.py": "import base\nclass Heir(base.inner.Base): ...",
    }
    project = lay(tmp_path, files)
    assert links_of(project, tmp_path / "heir.py") is None
