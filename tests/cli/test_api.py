"""``lfix api``: what is printed of a name, whole and in part, and of names that nobody knows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ..laws.process import Lfix


def test_a_member_and_the_argument_of_the_same_name(tmp_path: Path, lfix: Lfix) -> None:
    answer = lfix("api", "Trainer.gpus", cwd=tmp_path)
    assert answer.code == 0
    member, argument = answer.out.rstrip().split("\n\n")
    assert member.splitlines()[:2] == [
        "lightning.pytorch.Trainer.gpus  property",
        "    since 1.0, until 1.7; deprecated in 1.6 to 1.7; only raises in 1.8 to 1.9",
    ]
    assert argument.splitlines()[:2] == [
        "lightning.pytorch.Trainer(gpus=)  argument",
        "    since 1.0, until 1.9; deprecated in 1.7 to 1.9",
    ]
    assert "instead: pass devices= and accelerator=" in argument


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("pytorch_lightning.metrics.Accuracy", "lightning.pytorch.metrics.Accuracy"),
        ("pl.Trainer", "lightning.pytorch.Trainer"),
        ("L.Trainer", "lightning.Trainer"),
        ("Accuracy", "lightning.pytorch.metrics.Accuracy"),
        ("ModelCheckpoint", "lightning.pytorch.callbacks.ModelCheckpoint"),
        ("training_epoch_end", "lightning.pytorch.LightningModule.training_epoch_end"),
        ("Trainer.fit.train_dataloader", "lightning.pytorch.Trainer.fit(train_dataloader=)"),
        ("Trainer(gpus=2)", "lightning.pytorch.Trainer(gpus=)"),
        ("best_model_path", "lightning.pytorch.callbacks.ModelCheckpoint.best_model_path"),
        ("callbacks", "lightning.pytorch.callbacks"),
    ],
)
def test_a_name_in_part_is_found(tmp_path: Path, lfix: Lfix, query: str, name: str) -> None:
    answer = lfix("api", query, cwd=tmp_path)
    assert answer.code == 0
    assert answer.out.split()[0] == name


def test_what_is_meant_is_one_object_over_all_its_paths(tmp_path: Path, lfix: Lfix) -> None:
    found = lfix("api", "Trainer", "--format", "json", cwd=tmp_path).json["found"]
    assert [f["name"] for f in found] == ["lightning.pytorch.Trainer"]


def test_an_ambiguous_name_lists_all(tmp_path: Path, lfix: Lfix) -> None:
    answer = lfix("api", "metrics", cwd=tmp_path)
    assert answer.code == 0
    heads = [block.splitlines()[0] for block in answer.out.split("\n\n")]
    assert heads == [
        "lightning.pytorch.utilities.metrics  module",
        "lightning.pytorch.metrics  module",
    ]


@pytest.mark.parametrize(
    ("query", "way_out"),
    [
        ("pytorch_lightning.metrics.Accuracy", "torchmetrics.Accuracy"),
        ("plugins.DDPPlugin", "lightning.pytorch.strategies.DDPStrategy"),
        ("LightningModule.training_epoch_end", "on_train_epoch_end"),
        ("Callback.on_batch_end", "on_train_batch_end"),
        ("auto_move_data", "trainer.predict"),
        ("Trainer(replace_sampler_ddp=)", "use_distributed_sampler"),
    ],
)
def test_the_way_out_is_told(tmp_path: Path, lfix: Lfix, query: str, way_out: str) -> None:
    (found,) = lfix("api", query, "--format", "json", cwd=tmp_path).json["found"]
    assert way_out in found["instead"]


def test_a_name_that_works_has_no_way_out(tmp_path: Path, lfix: Lfix) -> None:
    (found,) = lfix("api", "Trainer.callback_metrics", "--format", "json", cwd=tmp_path).json[
        "found"
    ]
    assert found["instead"] is None
    assert (found["since"], found["until"]) == ("1.0", "2.6")


def test_json_has_every_release(tmp_path: Path, lfix: Lfix) -> None:
    answer = lfix("api", "Trainer(gpus=)", "--format", "json", cwd=tmp_path)
    (found,) = answer.json["found"]
    releases = found.pop("releases")
    assert len(releases) == 17
    assert (releases["1.6"], releases["1.7"], releases["2.0"]) == (
        *("present", "deprecated", "absent"),
    )
    assert found == {
        "name": "lightning.pytorch.Trainer",
        "argument": "gpus",
        "kind": "argument",
        "since": "1.0",
        "until": "1.9",
        "definition": None,
        "instead": "pass devices= and accelerator=",
    }


@pytest.mark.parametrize(
    ("query", "close"),
    [
        ("Trainer.gpu", "lightning.pytorch.Trainer.gpus"),
        ("ModelChekpoint", "lightning.pytorch.callbacks.ModelCheckpoint"),
    ],
)
def test_an_unknown_name_is_1_with_its_neighbours(
    tmp_path: Path, lfix: Lfix, query: str, close: str
) -> None:
    answer = lfix("api", query, cwd=tmp_path)
    assert answer.code == 1
    assert answer.out == ""
    assert close in answer.err
    told = lfix("api", query, "--format", "json", cwd=tmp_path)
    assert told.code == 1
    assert close in told.json["nearest"]


@pytest.mark.parametrize("query", ["zzzzzz.qqqq", "", ".", "a..b", "Trainer(", "torch.nn.Module"])
def test_a_name_like_nothing_is_1_with_a_sentence(tmp_path: Path, lfix: Lfix, query: str) -> None:
    answer = lfix("api", query, cwd=tmp_path)
    assert answer.code == 1
    assert answer.err.startswith("lfix: error: no release of Lightning")


@pytest.mark.parametrize("query", ["TensorBoardLogger._convert_params", "pl.Callback._nothing()"])
def test_a_protected_member_is_not_called_unknown_to_the_releases(
    tmp_path: Path, lfix: Lfix, query: str
) -> None:
    answer = lfix("api", query, cwd=tmp_path)
    assert answer.code == 1
    assert "the protected members of this class are not recorded" in answer.err
    assert "no release" not in answer.err


@pytest.mark.parametrize("query", ["Trainer._nothing", "Callback.__nothing__", "_nothing_at_all"])
def test_other_underscores_are_looked_up(tmp_path: Path, lfix: Lfix, query: str) -> None:
    answer = lfix("api", query, cwd=tmp_path)
    assert answer.code == 1
    assert answer.err.startswith("lfix: error: no release of Lightning")


def test_help_does_without_the_data() -> None:
    code = (
        "import sys\n"
        "from lfix.cli.app import app\n"
        "try:\n"
        "    app(['--help'])\n"
        "except SystemExit:\n"
        "    pass\n"
        "assert not [m for m in sys.modules if m.startswith('lfix.codemods')], sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
