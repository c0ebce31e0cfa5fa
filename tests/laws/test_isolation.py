"""Law 9: no network, and no user code runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .process import Lfix, git
from .programs import FAULTY, FIXED

_WATCH = """\
import os
import sys

_WATCHED = ("socket.", "import", "subprocess.Popen", "os.system", "os.exec", "urllib.Request")
_log = os.open(os.environ["WATCH_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def _watch(event, arguments):
    if event.startswith(_WATCHED):
        what = arguments[0] if event == "import" else repr(arguments)[:300]
        os.write(_log, f"{event} {what}\\n".encode(errors="replace"))


sys.addaudithook(_watch)
"""
_MARKS = "import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_nothing_is_connected_to_and_nothing_of_the_project_is_run(
    tmp_path: Path, lfix: Lfix, jobs: str
) -> None:
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(_WATCH)
    log = tmp_path / "log"
    project = tmp_path / "project"
    package = project / "pkg"
    package.mkdir(parents=True)
    # Names that a careless import would take instead of the real ones.
    names = ("libcst", "json", "typer", "pathspec", "tomli", "rich", "conftest")
    for name in (*names, "sitecustomize", "setup", "pkg/__init__", "pkg/data"):
        (project / f"{name}.py").write_text(_MARKS + "from torch.utils.data import Dataset\n")
    (package / "data.py").write_text(f"{_MARKS}{FAULTY}")
    for number in range(12):
        (project / f"train{number}.py").write_text(
            _MARKS
            + FAULTY.replace("from torch.utils.data import Dataset", "from pkg.data import *")
        )
    (project / "pyproject.toml").write_text('[tool.lfix]\nselect = ["LF101", "LF102"]\n')
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "commit", "-qm", "before")
    paths = [str(watch), *filter(None, [os.environ.get("PYTHONPATH")])]
    env = {
        "PYTHONPATH": os.pathsep.join(paths),
        "WATCH_LOG": str(log),
        "HTTPS_PROXY": "http://proxy.invalid:1",
    }
    for words in (["check"], ["apply", "--dry-run"], ["apply"], ["undo"], ["rules"]):
        more = ["--jobs", jobs] if words[0] in ("check", "apply") else []
        ran = lfix(*words, *more, cwd=project, env=env)
        assert ran.code in (0, 1), ran.err
    assert not list(project.rglob("*.ran"))
    lines = log.read_text(errors="replace").splitlines()
    imported = {line.partition(" ")[2] for line in lines if line.startswith("import ")}
    assert "lfix.cli.app" in imported
    assert not {m for m in imported if m.partition(".")[0] in ("torch", "lightning", "pkg")}
    assert not [line for line in lines if line.startswith(("socket.connect", "socket.getaddrinfo"))]
    assert not [line for line in lines if line.startswith(("socket.bind", "urllib."))]
    started = [line for line in lines if line.startswith(("subprocess", "os.system", "os.exec"))]
    assert started
    assert all(line.startswith("subprocess.Popen ('git'") for line in started)


def test_code_that_acts_when_imported_is_only_read(tmp_path: Path, lfix: Lfix) -> None:
    marker = tmp_path / "marker"
    acting = f"open({str(marker)!r}, 'w')\n{FAULTY}"
    (tmp_path / "act.py").write_text(acting)
    assert lfix("apply", "--select", "LF101", cwd=tmp_path).code == 0
    assert (tmp_path / "act.py").read_text() == acting.replace(FAULTY, FIXED)
    assert not marker.exists()
