"""What may be asked, and which interpreter and which tree it means."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from lfix.codemods.verify import Request, RequestError, default_python, verify


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"script": Path("none.py")}, "none.py is not a file"),
        ({"script": Path("folder")}, "folder is not a file"),
        ({"script": None}, "either a script or a module"),
        ({"module": "pkg"}, "either a script or a module"),
        ({"device": "gpu"}, "unknown device 'gpu': use auto, cpu, cuda, cuda:N, mps or tpu"),
        ({"device": "cuda:"}, "unknown device"),
        ({"timeout": 0.0}, "above 0 seconds"),
    ],
)
def test_wrong_requests_are_refused(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    (tmp_path / "train.py").touch()
    (tmp_path / "folder").mkdir()
    asked: dict[str, Any] = {"script": Path("train.py"), "cwd": tmp_path}
    with pytest.raises(RequestError, match=message):
        verify(Request(**(asked | options)))


def test_a_script_outside_of_the_given_root_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "train.py").touch()
    request = Request(Path("train.py"), cwd=tmp_path, root=tmp_path / "root")
    with pytest.raises(RequestError, match=r"train\.py is not below the project root"):
        verify(request)


@pytest.mark.parametrize(
    ("cwd", "script", "root"),
    [
        (".", "train.py", "."),
        (".", "pkg/train.py", "."),
        ("pkg", "train.py", "."),
        ("pkg", "../train.py", "."),
        ("../elsewhere", "../project/train.py", "."),
    ],
)
def test_the_root_is_the_marked_folder(tmp_path: Path, cwd: str, script: str, root: str) -> None:
    project = (tmp_path / "project").resolve()
    (project / "pkg").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (project / "pyproject.toml").touch()
    request = Request(Path(script), cwd=project / cwd)
    assert request.project_root() == project / root


def test_without_a_marker_the_root_is_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    assert Request(Path("pkg/train.py"), cwd=tmp_path).project_root() == tmp_path.resolve()


def test_the_home_folder_is_never_the_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    request = Request(Path("train.py"), cwd=tmp_path / "work")
    assert request.project_root() == (tmp_path / "work").resolve()


def test_the_projects_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def environment(name: str) -> Path:
        python = tmp_path / name / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.touch()
        return python

    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    assert default_python(tmp_path) == Path(sys.executable)
    conda = environment("conda")
    monkeypatch.setenv("CONDA_PREFIX", str(tmp_path / "conda"))
    assert default_python(tmp_path) == conda
    plain = environment("venv")
    assert default_python(tmp_path) == plain
    hidden = environment(".venv")
    assert default_python(tmp_path) == hidden
    active = environment("active")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "active"))
    assert default_python(tmp_path) == active
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "deleted"))
    assert default_python(tmp_path) == hidden
