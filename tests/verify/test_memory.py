"""How much a run may hold, and what becomes of one that takes more."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lfix.codemods.verify import Outcome, RequestError, Stage, Status
from lfix.codemods.verify.runner import memory

from .conftest import Call

Run = Callable[..., Outcome]
Program = Callable[..., str]

linux = pytest.mark.skipif(not memory.known(), reason="nobody tells what a process holds")

_TAKES = "taken = b'x' * 400_000_000"
# No process of it takes too much, and all of them together do.
_SHARED = f"""\
import subprocess, sys, time
code = "import time; {_TAKES.replace("400", "200")}; time.sleep(10_000)"
children = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
time.sleep(10_000)
"""
_ALONE = f"import time\n{_TAKES}\ntime.sleep(10_000)\n"


@linux
@pytest.mark.parametrize("launcher", [(), ("env",)], ids=["here", "launcher"])
@pytest.mark.parametrize("source", [_ALONE, _SHARED], ids=["alone", "together"])
def test_a_run_that_takes_too_much_is_ended(
    run: Run,
    source: str,
    launcher: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    outcome = run(source, memory=0.3, launcher=launcher, timeout=9999.0)
    assert outcome.status is Status.NOT_VERIFIABLE
    told = r"it held 0\.\d+ GB of memory after 'started', and 0\.3 GB is its limit here; --memory"
    assert re.match(told, outcome.reason), outcome.reason


@linux
@pytest.mark.usefixtures("warm")
def test_it_says_nothing_about_the_code_in_fit_either(run: Run, make_program: Program) -> None:
    step = f"""
        def training_step(self, batch, batch_idx):
            import time
            {_TAKES.replace("400", "1500")}
            time.sleep(10_000)
        """
    outcome = run(make_program(step), memory=1.2, timeout=9999.0)
    assert outcome.status is Status.NOT_VERIFIABLE, outcome.reason
    assert outcome.stage is Stage.FIRST_BATCH
    assert "after 'first batch', and 1.2 GB is its limit" in outcome.reason


@linux
def test_the_machine_is_spared_without_being_told(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free", lambda: 200_000_000)
    outcome = run(_ALONE, timeout=9999.0)
    assert outcome.status is Status.NOT_VERIFIABLE
    assert "and 0.18 GB is its limit here" in outcome.reason


@linux
def test_what_processes_share_counts_once() -> None:
    code = f"""
import os, sys, time
{_TAKES}
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(10_000)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    numbers = (parent.pid, int(parent.stdout.readline()))
    try:
        assert memory.held(numbers, 2_000_000_000) > 800_000_000
        assert 400_000_000 < memory.held(numbers, 500_000_000) < 500_000_000
    finally:
        for number in numbers:
            os.kill(number, 9)
        parent.wait()
        parent.stdout.close()
    assert memory.held(numbers, 0) == 0


def test_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert memory.limit(8, 2) == 4_000_000_000
    monkeypatch.setattr(memory, "free", lambda: 1000)
    assert memory.limit(0) == 900
    assert memory.limit(0, 3) == 300
    monkeypatch.setattr(memory, "free", lambda: 0)
    assert memory.limit(0) is None


def test_the_memory_that_is_free(tmp_path: Path) -> None:
    root = str(tmp_path)
    assert memory.free(root) == 0
    groups = tmp_path / "sys" / "fs" / "cgroup"
    groups.mkdir(parents=True)
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:  5000 kB\n")
    assert memory.free(root) == 5000 * 1024
    (groups / "memory.max").write_text("max\n")
    (groups / "memory.current").write_text("1000\n")
    assert memory.free(root) == 5000 * 1024
    (groups / "memory.max").write_text("3000\n")
    assert memory.free(root) == 2000
    (groups / "memory.stat").write_text("anon 200\nfile 800\ninactive_file 700\n")
    assert memory.free(root) == 2700


@linux
def test_from_the_command_line_and_the_settings(call: Call, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(_ALONE)
    asked = ("verify", "train.py", "--device", "cpu", "--python", sys.executable)
    done = call(*asked, "--memory", "0.3", cwd=tmp_path)
    assert done.exit_code == 4
    assert "and 0.3 GB is its limit" in done.stdout
    (tmp_path / "pyproject.toml").write_text("[tool.lfix.verify]\nmemory = 0.2\n")
    assert "and 0.2 GB is its limit" in call(*asked, cwd=tmp_path).stdout
    assert "and 0.3 GB is its limit" in call(*asked, "--memory", "0.3", cwd=tmp_path).stdout


@pytest.mark.parametrize("wrong", [-1.0, float("nan")])
def test_wrong_limits(run: Run, wrong: float) -> None:
    with pytest.raises(RequestError, match="the memory limit has to be above 0 GB"):
        run("", memory=wrong)


def test_where_nobody_tells_what_a_process_holds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "known", lambda: False)
    with pytest.raises(RequestError, match="--memory needs Linux"):
        run("", memory=1.0)
