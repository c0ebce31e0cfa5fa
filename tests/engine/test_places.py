"""What lies where, from listings; and when an answer about it no longer holds."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from lfix.codemods.engine.places import Places, Surroundings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a module, a package, a link to a module, and files of data."""
    (tmp_path / "module.py").touch()
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").touch()
    (tmp_path / "dotted.folder").mkdir()
    (tmp_path / "data.bin").touch()
    (tmp_path / "linked.py").symlink_to(tmp_path / "module.py")
    (tmp_path / "astray.py").symlink_to(tmp_path / "later.py")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("module.py", "file"),
        ("package", "folder"),
        ("package/__init__.py", "file"),
        ("dotted.folder", "folder"),
        ("data.bin", "file"),
        ("linked.py", "file"),
        ("astray.py", ""),
        ("absent.py", ""),
        ("absent/module.py", ""),
        ("absent/deeper/module.py", ""),
        ("module.py/inside.py", ""),
    ],
)
def test_what_lies_at_a_path(root: Path, name: str, kind: str) -> None:
    places = Places()
    assert places.kind(str(root / name)) == kind
    assert places.kind(str(root / name)) == kind


def looked(root: Path, *names: str) -> Surroundings:
    """What a look at some paths depends on."""
    places = Places()
    for name in names:
        places.kind(str(root / name))
    return places.news()


def _retarget(root: Path) -> None:
    (root / "linked.py").unlink()
    (root / "linked.py").symlink_to(root / "nowhere.py")


def _fill(root: Path) -> None:
    (root / "absent" / "deeper").mkdir(parents=True)
    (root / "absent" / "deeper" / "module.py").touch()


@pytest.mark.parametrize(
    ("asked", "change"),
    [
        ("absent.py", lambda root: (root / "absent.py").touch()),
        ("module.py", lambda root: (root / "module.py").unlink()),
        ("package", lambda root: (root / "package").rename(root / "renamed")),
        ("linked.py", _retarget),
        ("astray.py", lambda root: (root / "later.py").touch()),
        ("absent/deeper/module.py", _fill),
        ("dotted.folder", lambda root: (root / "dotted.folder").rmdir()),
    ],
)
def test_an_answer_that_no_longer_holds(
    root: Path, asked: str, change: Callable[[Path], object]
) -> None:
    around = looked(root, asked)
    assert around.are_unchanged()
    change(root)
    assert not around.are_unchanged()


def test_what_comes_beside_it_does_not_matter(root: Path) -> None:
    around = looked(root, "module.py", "absent.py")
    before = root.stat().st_mtime_ns
    (root / "another.py").touch()
    os.utime(root, ns=(before + 1, before + 1))
    assert around.are_unchanged()


def test_a_folder_that_may_be_entered_and_not_listed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(folder: str) -> NoReturn:
        raise PermissionError(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    around = looked(root, "package/__init__.py", "package/absent.py")
    assert around.alone == {
        str(root / "package" / "__init__.py"): "file",
        str(root / "package" / "absent.py"): "",
    }


def test_news_are_told_once(root: Path) -> None:
    places = Places()
    places.kind(str(root / "module.py"))
    assert places.news().asked == {str(root): {"module.py": "file"}}
    places.kind(str(root / "module.py"))
    places.kind(str(root / "absent.py"))
    news = places.news()
    assert news.asked == {str(root): {"absent.py": ""}}
    assert set(news.folders) == {str(root)}
