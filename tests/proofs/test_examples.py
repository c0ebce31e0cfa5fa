"""Whole programs of the 1.4 and 1.5 days: there as they are, on the newest release once repaired."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from lfix.codemods.engine.run import run
from lfix.codemods.engine.settings import Settings

from .judge import differences
from .programs import NEWEST, Program, run_programs

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SUFFIXES = (".py", ".yaml")
# What a validation reads of the counter cannot be written with certainty; here it decides nothing.
TOLD = [("LF914", "codec.py"), ("LF914", "codec.py")]
START = """\
import runpy
import sys

sys.argv[1:] = {words!r}
runpy.run_path("main.py", run_name="__main__")
"""
# A second run goes on from the checkpoint of the first one.
AGAIN = """\
import glob
import runpy
import sys

words = {words!r}
sys.argv[1:] = [*words, "--max_epochs", "1", "--name", "first"]
runpy.run_path("main.py", run_name="__main__")
found = glob.glob("logs/*_first/checkpoints/last.ckpt")
sys.argv[1:] = [*words, "--resume_from_checkpoint", *found]
runpy.run_path("main.py", run_name="__main__")
"""
DENOISER = ("--base", "configs/denoiser.yaml", "-t", "--max_epochs", "2")
CODEC = ("--base", "configs/codec.yaml", "-t", "--max_epochs", "2")


@pytest.fixture(scope="module")
def latent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Program]:
    """The project as it is, and repaired by safe fixes alone."""
    folder = tmp_path_factory.mktemp("latent") / "latent"
    ignored = shutil.ignore_patterns("__pycache__", "logs")
    shutil.copytree(EXAMPLES / "latent", folder, ignore=ignored)
    before = _program(folder)
    report = run([folder], Settings(root=folder), fix=True)
    for file in report.files:
        file.path.write_bytes(file.after)
    assert not report.all_problems
    assert [(f.code, f.path.name) for file in report.files for f in file.left] == TOLD
    return {"before": before, "after": _program(folder)}


def _program(folder: Path) -> Program:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in SUFFIXES)
    texts = tuple((p.relative_to(folder).as_posix(), p.read_text()) for p in paths)
    return Program(texts, "start.py", "")


def _started(
    program: Program, words: tuple[str, ...], release: str, script: str = START
) -> Program:
    start = ("start.py", script.format(words=list(words)))
    return replace(program, files=(*program.files, start), release=release)


@pytest.mark.xdist_group("proofs")
@pytest.mark.parametrize("release", ["1.4.9", "1.5.10"])
@pytest.mark.parametrize("words", [DENOISER, CODEC], ids=["denoiser", "codec"])
def test_it_trains_as_it_did(
    words: tuple[str, ...], release: str, latent: dict[str, Program]
) -> None:
    old = _started(latent["before"], words, release)
    new = _started(latent["after"], words, NEWEST)
    outcomes = run_programs([old, new])
    for program in (old, new):
        found = outcomes[program]
        assert (found.status, found.exception) == ("done", ""), found.output
        assert found.result["stages"] == ["fit", "test"]
        assert found.result["updates"]
    assert differences(outcomes[old], outcomes[new]) == []


@pytest.mark.xdist_group("proofs")
def test_it_goes_on_from_a_checkpoint_as_it_did(latent: dict[str, Program]) -> None:
    old = _started(latent["before"], DENOISER, "1.5.10", AGAIN)
    new = _started(latent["after"], DENOISER, NEWEST, AGAIN)
    outcomes = run_programs([old, new])
    for program in (old, new):
        assert outcomes[program].status == "done", outcomes[program].output
        assert outcomes[program].result["stages"] == ["fit", "test"] * 2
        # Four batches in each of two epochs: the second run does not repeat the first one's.
        assert len(outcomes[program].result["losses"]) == 8
    assert differences(outcomes[old], outcomes[new]) == []


def test_a_strategy_among_plugins_is_a_strategy(latent: dict[str, Program]) -> None:
    main = dict(latent["after"].files)["main.py"]
    assert 'trainer_kwargs["strategy"] = DDPStrategy(find_unused_parameters=False)' in main


@pytest.mark.xdist_group("proofs")
def test_it_does_not_run_unrepaired(latent: dict[str, Program]) -> None:
    program = _started(latent["before"], DENOISER, NEWEST)
    outcome = run_programs([program])[program]
    assert outcome.status == "raised"
