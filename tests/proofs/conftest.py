"""Runs the programs of all selected proofs in one go, once for all workers of a test run."""

from __future__ import annotations

import fcntl
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest

from .judge import Trial
from .programs import Outcome, Program, run_programs


@pytest.fixture(scope="session")
def outcomes(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[Program, Outcome]:
    """The outcome of every program that a selected test has as its parameter ``tried``."""
    programs = [
        program
        for item in request.session.items
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        for tried in [item.callspec.params.get("tried")]
        if isinstance(tried, Trial)
        for program in tried.programs
    ]
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return run_programs(programs)
    shared = tmp_path_factory.getbasetemp().parent / "proofs.pickle"
    return _once(shared, lambda: run_programs(programs))


def _once(path: Path, make: Callable[[], dict[Program, Outcome]]) -> dict[Program, Outcome]:
    """What ``make`` returns, kept in the file ``path`` for all who ask."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = path.with_suffix(".unfinished")
            unfinished.write_bytes(pickle.dumps(make()))
            unfinished.rename(path)
        made: dict[Program, Outcome] = pickle.loads(path.read_bytes())
        return made
