"""The JSON of each command is what docs/report.schema.json says; runs are in tests/verify."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from lfix.cli.report.jsonreport import against_document
from lfix.codemods.verify import Outcome, Stage, Status
from lfix.codemods.verify.against import Against
from lfix.codemods.verify.comparison import compare

from ..laws.process import Lfix
from ..schema import SCHEMA, complaints

_RECORDING: dict[str, Any] = {
    "losses": [[0, 0.5], [1, "nan"]],
    "logged": [{"a": 1.0}],
    "rates": [[0, 0, 0.1]],
    "steps": [[0, 0]],
    "hooks": {
        "hooks": [["LightningModule", "Net", "training_step", "train.py:9", ["batch"]]],
        "forms": [["LightningModule", "Net", "training_step", "lightning", [["batch", "int"]], 1]],
        "calls": [[0, 0]],
        "is_whole": True,
    },
    "initial": {"w": [1.0, 2.0]},
    "weights": {"w": [1.5, 2.5]},
    "final": {"a": 2.0},
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A fix, a finding that is left, and a file that does not parse."""
    code = "from pytorch_lightning import Trainer\n\nTrainer(weights_summary=None, tpu_cores=x)\n"
    (tmp_path / "a.py").write_text(code)
    (tmp_path / "b.py").write_text("(")
    return tmp_path


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("words", [("check",), ("apply", "--dry-run"), ("apply",)])
def test_findings(lfix: Lfix, project: Path, words: tuple[str, ...]) -> None:
    found = lfix(*words, ".", "--format", "json", cwd=project).json
    assert complaints(found) == []
    assert found["command"] == words[0]
    assert found["problems"]
    assert found["left"]
    assert "written" in found or words != ("apply",)


def test_a_comparison() -> None:
    outcome = Outcome(Status.VERIFIED, "it", Stage.HOOKS, recording=_RECORDING)
    other = copy.deepcopy(_RECORDING) | {"losses": [[0, 0.5]]}
    for new in (_RECORDING, other):
        found = Against("1.5.10", outcome, outcome, compare(_RECORDING, new))
        text = against_document(found, "train.py")
        assert "Infinity" not in text
        assert complaints(json.loads(text)) == []
    absent = Against("1.5.10", outcome, outcome, None)
    assert complaints(json.loads(against_document(absent, "train.py"))) == []


def test_what_is_not_described_is_seen() -> None:
    good = {"version": 1, "command": "check", "looked_at": 1, "changed": [], "fixed": []}
    good |= {"left": [], "problems": []}
    assert complaints(good) == []
    assert complaints(good | {"more": 1}) == ["/more is not in the schema"]
    assert complaints({k: v for k, v in good.items() if k != "left"})
    assert complaints(good | {"looked_at": "one"})
