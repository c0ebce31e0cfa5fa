"""Small Lightning projects in a temporary folder, verified for real."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from lfix.cli.app import app
from lfix.codemods.verify import Outcome, Request, verify
from typer.testing import CliRunner, Result

from .programs import program
from .warm import Stove

Run = Callable[..., Outcome]
Call = Callable[..., Result]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str]], Path]:
    """Write files into a fresh project folder and return it."""

    def write_files(files: Mapping[str, str]) -> Path:
        root = (tmp_path / "project").resolve()
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        return root

    return write_files


@pytest.fixture
def run(write: Callable[[Mapping[str, str]], Path]) -> Run:
    """Write a project and verify its ``train.py`` on the CPU; keywords go to the request."""

    def run_project(files: str | Mapping[str, str], **options: Any) -> Outcome:
        root = write({"train.py": files} if isinstance(files, str) else files)
        asked: dict[str, Any] = {
            "script": Path("train.py"),
            "python": Path(sys.executable),
            "device": "cpu",
            "cwd": root,
            "root": root,
        }
        give_up = options.pop("give_up", None)
        return verify(Request(**(asked | options)), give_up)

    return run_project


@pytest.fixture(scope="session")
def stove() -> Iterator[Stove]:
    """A process that has torch in memory."""
    warm = Stove()
    yield warm
    warm.close()


@pytest.fixture
def warm(stove: Stove, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this test start in a tenth of the time."""
    monkeypatch.setattr(subprocess, "Popen", stove.popen)


@pytest.fixture
def make_program() -> Callable[..., str]:
    """``program``, for tests that lie in other modules."""
    return program


@pytest.fixture
def call(home: Path, warm: None, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command in this process, so that its children start warm, in the folder ``cwd``."""

    def invoke(*words: str | Path, cwd: Path) -> Result:
        monkeypatch.chdir(cwd)
        return CliRunner().invoke(app, [str(word) for word in words])

    return invoke
