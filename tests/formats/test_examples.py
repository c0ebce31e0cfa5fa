"""A whole project, its notebook, configurations, requirements and script included, in one run."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from lfix.codemods.lightning import api
from ruamel.yaml import YAML

from ..laws.process import Lfix, snapshot

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
HERE = ("--device", "cpu", "--python", sys.executable)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "shapes"
    ignored = shutil.ignore_patterns("__pycache__", "lightning_logs")
    for name in ("classifier", "around"):
        shutil.copytree(EXAMPLES / name, folder, ignore=ignored, dirs_exist_ok=True)
    return folder


def test_one_run_repairs_all_of_it_and_undo_gives_it_back(project: Path, lfix: Lfix) -> None:
    before = snapshot(project)
    ran = lfix("apply", ".", cwd=project)
    assert ran.code == 0, ran.out
    changed = {name for name, file in snapshot(project).items() if file != before[name]}
    assert changed == {
        *("cli.py", "train.py", "configs/classify.yaml", "conf/trainer/default.yaml"),
        *("conf/trainer/ddp.yaml", "notebooks/train.ipynb", "requirements.txt"),
        *("scripts/train.sh", "shapes/autoencoder.py", "shapes/callback.py", "shapes/data.py"),
        "shapes/model.py",
    }
    assert len(lfix.journals) == 1
    assert "found nothing to do" in lfix("apply", ".", cwd=project).err
    assert len(lfix.journals) == 1
    ran = lfix("undo", ".", cwd=project)
    assert (ran.code, "12 files restored" in ran.err) == (0, True)
    assert snapshot(project) == before


def test_what_was_repaired_trains(project: Path, lfix: Lfix) -> None:
    # The cells as a script: a notebook has no other way into a process.
    def cells() -> str:
        held = json.loads((project / "notebooks" / "train.ipynb").read_text())["cells"]
        texts = ["".join(c["source"]) for c in held if c["cell_type"] == "code"]
        return "\n".join(texts).replace("%matplotlib inline", "")

    programs = (
        ("cli.py", "--", "fit", "--config", "configs/classify.yaml"),
        ("notebook.py",),
    )
    assert lfix("apply", ".", cwd=project).code == 0
    (project / "notebook.py").write_text(cells())
    for words in programs:
        ran = lfix("verify", *HERE, *words, cwd=project)
        assert (ran.code, words) == (0, words), ran.out


def test_the_configurations_hold_what_a_trainer_takes(project: Path, lfix: Lfix) -> None:
    assert lfix("apply", ".", cwd=project).code == 0
    taken = {p.name for p in api.parameters("lightning.pytorch.Trainer", "2.6") or ()}
    yaml = YAML(typ="safe", pure=True)
    default = yaml.load(project / "conf" / "trainer" / "default.yaml")
    ddp = yaml.load(project / "conf" / "trainer" / "ddp.yaml")
    classify = yaml.load(project / "configs" / "classify.yaml")["trainer"]
    assert {*default, *ddp, *classify} - taken == {"_target_", "defaults"}
    assert (ddp["devices"], ddp["strategy"]) == (4, "ddp")
    script = (project / "scripts" / "train.sh").read_text()
    assert "--trainer.accelerator gpu --trainer.devices 1" in script
