"""``--report``: what was found and done, as Markdown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..laws.process import Lfix

_TEXT = "from pytorch_lightning import Trainer\n\ntrainer = Trainer(gpus=1, tpu_cores=x)\n"
_FIXED = "from pytorch_lightning import Trainer\n\nTrainer(weights_summary=None)\n"
_CELL: dict[str, object] = {
    "cell_type": "code",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A script with a finding that is left, one that is fixed, and a notebook."""
    (tmp_path / "left.py").write_text(_TEXT)
    (tmp_path / "fixed.py").write_text(_FIXED)
    cells = [{**_CELL, "source": _FIXED}]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    (tmp_path / "run.ipynb").write_text(json.dumps(notebook))
    return tmp_path


@pytest.mark.parametrize(
    ("words", "verb"),
    [(("apply",), "fixed"), (("apply", "--dry-run"), "would be fixed"), (("check",), None)],
)
def test_kinds_rules_and_what_is_left(
    lfix: Lfix, project: Path, words: tuple[str, ...], verb: str | None
) -> None:
    target = project.parent / f"{project.name}.md"
    done = lfix(*words, "--report", target, ".", cwd=project)
    assert done.code == 1
    text = target.read_text()
    assert "target 2.6" in text
    if verb is not None:
        assert "| Python | 1 | 1 |\n| notebooks | 1 | 0 |" in text
        assert f"| files | {verb} | left |" in text
        assert "| LF303 unknown-trainer-argument | A Trainer gets an argument" in text
    assert "- `left.py:3` LF301: " in text
    assert not list(project.glob("*.md"))


def test_a_report_that_cannot_be_written_is_an_error(lfix: Lfix, project: Path) -> None:
    done = lfix("check", "--report", project / "missing" / "a.md", ".", cwd=project)
    assert done.code == 2
    assert "cannot be written" in done.err
