"""What the servers make of programs that hang, die, or leave through the back door."""

from __future__ import annotations

import pytest

from .programs import Program, run_programs

FIT = "proofkit.fit(proofkit.Net())"


def program(text: str, driver: str = "") -> Program:
    return Program((("case.py", text),), "case.py", driver)


@pytest.mark.xdist_group("proofs")
def test_a_program_that_hangs_or_dies_is_told_from_one_that_raises() -> None:
    hangs = program("while True:\n    pass\n")
    dies = program("import os\nos._exit(3)\n")
    leaves = program("import sys\nprint('bye')\nsys.exit('why')\n")
    outcomes = run_programs([hangs, dies, leaves], limit=5.0)
    assert outcomes[hangs].status == "hung"
    assert (outcomes[dies].status, outcomes[dies].exception) == ("died", "exit status 3")
    assert (outcomes[leaves].status, outcomes[leaves].exception) == ("raised", "SystemExit: why")
    assert "bye" in outcomes[leaves].output


@pytest.mark.xdist_group("proofs")
def test_a_program_does_not_touch_the_next_one() -> None:
    spoils = program("import proofkit, torch\ntorch.manual_seed(9)\nproofkit.Net = None\n")
    good = program("assert __name__ == '__main__'\n", FIT)
    first = run_programs([good, spoils])
    last = run_programs([spoils, good])
    assert (first[spoils].status, first[good].status) == ("done", "done")
    assert first[good].result["updates"] == 4
    assert first[good].result == last[good].result


def test_a_server_that_can_not_start_says_why() -> None:
    broken = Program((("case.py", ""),), "case.py", "", release="0.0.0")
    outcome = run_programs([broken])[broken]
    assert outcome.status == "died"
    assert "no overlay for Lightning 0.0.0" in outcome.exception


def test_the_imports_choose_the_server() -> None:
    assert program("import lightning.pytorch as pl\n").namespaces == ("lightning.pytorch",)
    assert program("from lightning import Trainer\n").namespaces == ("lightning.pytorch",)
    assert program("from pytorch_lightning import Trainer\n").namespaces == ("pytorch_lightning",)
    assert program("# import lightning\n").namespaces == ("pytorch_lightning",)
    both = "import lightning as L\nimport pytorch_lightning as pl\n"
    assert program(both).namespaces == ("lightning.pytorch", "pytorch_lightning")
