"""Every kind of script, and every fault with its healthy twin."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

from .faults import FAULTS
from .matrix import plainly, tried
from .programs import program
from .scripts import SCRIPTS

pytestmark = pytest.mark.usefixtures("warm")


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(tmp_path: Path, name: str) -> None:
    script = SCRIPTS[name]
    root = (tmp_path / "project").resolve()
    outcome = tried(root, script.files, script.options)
    assert outcome.status.value == script.outcome, outcome.summary() + outcome.output
    assert re.search(script.said, outcome.reason), outcome.reason
    assert re.search(script.printed, outcome.output), outcome.output
    assert outcome.wrote == script.wrote
    assert (outcome.changes, outcome.running, outcome.writes) == ((), (), ())
    left = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert left == set(script.files)
    assert all((root / path).read_text() == text for path, text in script.files.items())


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told(tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]
    if fault.without_cuda and torch.cuda.is_available():
        pytest.skip("this machine has a CUDA device")
    outcome = tried(tmp_path / "project", {"train.py": program(**fault.program)}, fault.options)
    assert outcome.status.value == fault.outcome, outcome.summary() + outcome.output
    told = outcome.notes if fault.outcome == "verified" else (outcome.reason,)
    assert any(re.search(fault.said, text) for text in told), told


@pytest.mark.parametrize("name", FAULTS)
def test_its_healthy_twin_is_verified(tmp_path: Path, name: str) -> None:
    fault = FAULTS[name]
    outcome = tried(tmp_path / "project", {"train.py": program(**fault.twin)}, {})
    assert outcome.summary() == "verified: one training step on cpu", outcome.output
    assert set(outcome.notes) <= {"callback ModelCheckpoint was left out"}


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault.naive])
def test_just_running_it_shows_nothing(tmp_path: Path, name: str) -> None:
    code = plainly(tmp_path / "plain", program(**FAULTS[name].program))
    assert code == 0, (tmp_path / "plain" / "output").read_text()
