"""However a run ends, nothing of it is left: processes, folders, files in the tree."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from lfix.codemods.verify import Outcome, Status

from ..laws.process import Lfix
from .matrix import tried
from .programs import program

# One process in the group of the run, one in a session of its own, as a service would be.
_HANGS = """\
import os, subprocess, sys, time
sleeper = [sys.executable, "-c", "import time; time.sleep(10_000)"]
children = [subprocess.Popen(sleeper), subprocess.Popen(sleeper, start_new_session=True)]
with open("beside.txt", "w"), open(sys.argv[1] + ".part", "w") as file:
    file.write(" ".join(str(pid) for pid in [os.getpid(), *(child.pid for child in children)]))
os.rename(sys.argv[1] + ".part", sys.argv[1])
time.sleep(10_000)
"""
_PATIENCE = 1200


def _lives(pid: int) -> bool:
    """Whether the process still runs; one that is dead and not yet reaped does not."""
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()[:1] not in ("", "Z")


def _until(holds: Callable[[], bool]) -> bool:
    """Whether it came to hold."""
    for _ in range(_PATIENCE):
        if holds():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """A project with a script that hangs, and an empty folder for what is temporary."""
    (tmp_path / "project").mkdir()
    (tmp_path / "temp").mkdir()
    (tmp_path / "project" / "train.py").write_text(_HANGS)
    return tmp_path


def _call(lfix: Lfix, folder: Path, *words: str) -> tuple[list[str], dict[str, str]]:
    command = [*lfix.command, "verify", "train.py", "--python", sys.executable, *words]
    return [*command, "--", str(folder / "pids")], lfix.environment | {
        "TMPDIR": str(folder / "temp")
    }


def _pids(folder: Path) -> list[int]:
    assert _until((folder / "pids").exists)
    return [int(pid) for pid in (folder / "pids").read_text().split()]


def _nothing_is_left(folder: Path, pids: list[int]) -> None:
    assert len(pids) == 3
    assert _until(lambda: not any(map(_lives, pids))), pids
    assert _until(lambda: not any((folder / "temp").iterdir())), list((folder / "temp").iterdir())
    assert [path.name for path in (folder / "project").iterdir()] == ["train.py"]


LAUNCHERS = [(), ("--launcher", "env FOO=1")]


@pytest.mark.parametrize("words", LAUNCHERS, ids=["here", "launcher"])
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_nothing_outlives_a_killed_parent(
    lfix: Lfix, hanging: Path, words: tuple[str, ...], sent: signal.Signals
) -> None:
    command, environment = _call(lfix, hanging, *words)
    running = subprocess.Popen(
        command,
        cwd=hanging / "project",
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    pids = _pids(hanging)
    assert all(map(_lives, pids))
    running.send_signal(sent)
    running.wait()
    _nothing_is_left(hanging, pids)
    cache = lfix.home / "cache" / "lfix"
    assert _until(lambda: not list(cache.glob("launch-*"))), list(cache.iterdir())


@pytest.mark.parametrize("words", LAUNCHERS, ids=["here", "launcher"])
def test_ctrl_c_on_a_terminal(lfix: Lfix, hanging: Path, words: tuple[str, ...]) -> None:
    command, environment = _call(lfix, hanging, *words)
    terminal = pexpect.spawn(
        command[0], command[1:], cwd=str(hanging / "project"), env=environment, timeout=120
    )
    pids = _pids(hanging)
    terminal.sendintr()
    terminal.expect(pexpect.EOF)
    terminal.close()
    said = (terminal.before or b"").decode()
    assert "Traceback" not in said, said
    assert terminal.exitstatus == 130, said
    _nothing_is_left(hanging, pids)


@pytest.mark.usefixtures("warm")
def test_what_is_left_running_is_told_and_killed(tmp_path: Path) -> None:
    main = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(4321)"])
print("pid", child.pid)
pl.Trainer(max_epochs=1).fit(Net(), DataLoader(Rows(), batch_size=8, num_workers=1))
"""
    outcome = tried(tmp_path / "project", {"train.py": program(main=main)}, {})
    assert outcome.status is Status.VERIFIED, outcome.output
    assert [
        re.search(r"time\.sleep\(\d+\)", command) is not None for command in outcome.running
    ] == [True]
    found = re.search(r"pid (\d+)", outcome.output)
    assert found is not None
    assert not _lives(int(found.group(1)))


Run = Callable[..., Outcome]


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="nobody else knows the group")
def test_what_left_the_group_is_told_and_killed(run: Run) -> None:
    outcome = run("""
        import subprocess, sys
        sleeper = [sys.executable, "-c", "import time; time.sleep(4321)"]
        print("pid", subprocess.Popen(sleeper, start_new_session=True).pid)
        """)
    found = re.search(r"pid (\d+)", outcome.output)
    assert found is not None
    assert len(outcome.running) == 1
    assert not _lives(int(found.group(1)))
