"""What a step is trained on where the script's own data cannot be had, with real runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lfix.codemods.verify import RequestError, Stage, Status, recorded
from lfix.codemods.verify.data import BatchError, Data, check, read
from lfix.codemods.verify.runner.precision import PrecisionAbsent, whole, with_precision

from .conftest import Call, Run

_BATCH = "float32[4,10], int64[4] < 2"
_NET = """\
import os
import socket
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import lightning.pytorch as pl


class Batch:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def __iter__(self):
        return iter((self.x, self.y))


def batch():
    return [torch.randn(4, 10), torch.randint(0, 2, (4,))]


def loader():
    return DataLoader(TensorDataset(torch.randn(8, 10), torch.randint(0, 2, (8,))), batch_size=4)


def broken():
    return open("missing")


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(10, 2)

    def training_step(self, batch, batch_idx):
        x, y = batch
        assert self.trainer.precision == os.environ.get("WANTED", "32-true")
        return nn.functional.cross_entropy(self.layer(x), y)

    def validation_step(self, batch, batch_idx, dataloader_idx):
        x, y = batch
        self.log("val", nn.functional.cross_entropy(self.layer(x), y))

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)
"""
#: Its data lies on another machine; nothing of it can be had here.
_MODULE = """\
from net import *


class Rows(pl.LightningDataModule):
    def prepare_data(self):
        socket.create_connection(("data.invalid", 80))

    def setup(self, stage):
        self.rows = torch.load("missing.pt")

    def train_dataloader(self):
        return DataLoader(self.rows)

    def val_dataloader(self):
        return DataLoader(self.rows)


pl.Trainer(max_epochs=1).fit(Net(), datamodule=Rows())
"""
_GIVEN = """\
from net import *


class Gone:
    def __len__(self):
        return 100

    def __getitem__(self, index):
        open("missing")


pl.Trainer(max_epochs=1).fit(Net(), {train}, [DataLoader(Gone()), DataLoader(Gone())])
"""
_OWN = """\
from net import *

rows = {rows}
pl.Trainer(max_epochs=1).fit(Net(), {loaders})
"""

pytestmark = pytest.mark.usefixtures("home")


def _project(script: str) -> dict[str, str]:
    return {"net.py": _NET, "train.py": script}


@pytest.mark.usefixtures("warm")
def test_the_scripts_own_data_is_asked_for_first(run: Run) -> None:
    outcome = run(_project(_MODULE))
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.network[0].what == "data.invalid"
    assert outcome.data == "the script's own"


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("batch", "told"),
    [
        (_BATCH, f"a batch that is made up, {_BATCH} (--batch)"),
        (["float32[4,10]", "int64[4] < 2"], 'made up, ["float32[4,10]", "int64[4] < 2"] (--batch)'),
        ("net:batch", "what net:batch gives (--batch)"),
        ("net:loader", "what net:loader gives (--batch)"),
    ],
)
def test_a_datamodule_without_its_data(run: Run, batch: Any, told: str) -> None:
    outcome = run(_project(_MODULE), data=Data("synthetic", batch))
    assert outcome.status is Status.VERIFIED, outcome.reason
    assert "validation batch" in {rung.stage.value for rung in outcome.ladder}
    assert outcome.data.endswith(told)
    assert "data" in outcome.reason
    assert not outcome.network
    assert any(note.startswith("Rows.setup fails, and its data is") for note in outcome.notes)


@pytest.mark.usefixtures("warm")
def test_loaders_that_are_given(run: Run) -> None:
    made = Data("synthetic", _BATCH)
    outcome = run(_project(_GIVEN.format(train="DataLoader(Gone())")), data=made)
    assert outcome.status is Status.VERIFIED, outcome.reason
    assert "validation batch" in {rung.stage.value for rung in outcome.ladder}
    faulty = run(_project(_GIVEN.format(train="TensorDataset(batch()[0])")), data=made)
    assert faulty.status is Status.FAILED
    assert [check.name for check in faulty.failing] == ["loader"]


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("batch", "script", "reason"),
    [
        ("net:broken", _MODULE, "net:broken gives no batch: FileNotFoundError"),
        (None, _MODULE, "Net has no example_input_array: say what a batch is with --batch"),
        (
            None,
            _MODULE.replace("Net()", "Given()").replace(
                "class Rows",
                "class Given(Net):\n    example_input_array = torch.ones(4, 10)\n    forward = nn.Identity()\n\n\nclass Rows",
            ),
            "its data was a guess, so say what a batch is with --batch",
        ),
    ],
)
def test_what_gives_no_batch(run: Run, batch: Any, script: str, reason: str) -> None:
    outcome = run(_project(script), data=Data("synthetic", batch))
    assert outcome.status is Status.NOT_VERIFIABLE
    assert reason in outcome.reason


def test_a_batch_that_does_not_fit_fails(run: Run) -> None:
    outcome = run(_project(_MODULE), data=Data("synthetic", "float32[4,9], int64[4] < 2"))
    assert outcome.status is Status.FAILED
    assert outcome.data.startswith("a batch that is made up")


@pytest.mark.parametrize("batch", ["net:none", "none:batch", "quaternion8[4]"])
@pytest.mark.usefixtures("warm")
def test_wrong_descriptions_are_wrong_calls(run: Run, batch: str) -> None:
    if batch == "none:batch":
        outcome = run(_project(_MODULE), data=Data("synthetic", batch))
        assert outcome.status is Status.NOT_VERIFIABLE
        return
    with pytest.raises(RequestError, match=r"has no function none|has no type quaternion8"):
        run(_project(_MODULE), data=Data("synthetic", batch))


@pytest.mark.usefixtures("warm")
def test_the_first_batch_is_recorded_and_used(run: Run, tmp_path: Path) -> None:
    rows = "TensorDataset(torch.randn(8, 10), torch.randint(0, 2, (8,)))"
    own = _OWN.format(rows=rows, loaders="DataLoader(rows, batch_size=4)")
    gone = _OWN.format(rows="None", loaders="DataLoader([open], batch_size=4)")
    recording = run(_project(own), data=Data(record=True))
    assert recording.status is Status.VERIFIED
    assert recording.data == "the script's own"
    assert recording.notes[-1].startswith("the first batch, [float32[4,10], int64[4]], is recorded")
    for kind in ("recorded", "synthetic"):
        again = run(_project(gone), data=Data(kind))
        assert again.status is Status.VERIFIED, again.reason
        assert "was recorded from train.py on 20" in again.data
    file = tmp_path / "kept.pt"
    assert run(_project(own), data=Data(record=True, to=file)).status is Status.VERIFIED
    given = run(_project(gone), data=Data("synthetic", file))
    assert given.status is Status.VERIFIED
    assert given.data == "the batch in kept.pt (--batch)"
    assert run(_project(gone)).status is Status.FAILED


@pytest.mark.usefixtures("warm")
def test_a_batch_of_objects_is_trusted_where_we_kept_it(run: Run, tmp_path: Path) -> None:
    """A file that is named may come from anywhere, and loading it would run what it says."""
    own = _OWN.format(
        rows="[batch()] * 4", loaders="DataLoader(rows, None, collate_fn=lambda row: Batch(*row))"
    )
    recording = run(_project(own), data=Data(record=True))
    assert "only unpickling restores" in recording.notes[-1]
    again = run(_project(own), data=Data("recorded"))
    assert again.status is Status.VERIFIED, again.reason
    assert "the batch holds objects beside tensors: it is unpickled" in again.notes
    file = tmp_path / "kept.pt"
    run(_project(own), data=Data(record=True, to=file))
    for data in (Data("synthetic", file), Data("recorded")):
        refused = run(_project(own), data=data)
        assert refused.status is Status.NOT_VERIFIABLE
        assert "cannot be read without running code that is in it" in refused.reason


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize(
    ("loaders", "note"),
    [
        ("{'a': DataLoader(rows, 4), 'b': DataLoader(rows, 2)}", "{a: [float32[4,10]], b: [float"),
        ("iter([batch()])", "no batch is recorded: a list_iterator as loader cannot be listened"),
    ],
)
def test_what_is_recorded_of_other_loaders(run: Run, loaders: str, note: str) -> None:
    own = _OWN.format(rows="TensorDataset(torch.randn(8, 10))", loaders=loaders)
    outcome = run(_project(own), data=Data(record=True))
    assert any(note in said for said in outcome.notes), outcome.notes


def test_the_options_of_the_command_line(call: Call, tmp_path: Path) -> None:
    rows = "TensorDataset(torch.randn(8, 10), torch.randint(0, 2, (8,)))"
    own = _OWN.format(rows=rows, loaders="DataLoader(rows, 4)")
    for name, text in _project(own).items():
        (tmp_path / name).write_text(text)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.lfix.verify]\ndevice = "cpu"\ndata = "synthetic"\nbatch = "kept.pt"\n'
    )
    absent = call("verify", "train.py", cwd=tmp_path)
    assert absent.exit_code == 2
    assert "[tool.lfix.verify] batch: there is no file kept.pt" in absent.stderr
    (tmp_path / "pyproject.toml").write_text('[tool.lfix.verify]\ndevice = "cpu"\n')
    told = "the first batch, [float32[4,10], int64[4]], is recorded in "
    recording = call("verify", "train.py", "--record-to", "kept.pt", cwd=tmp_path)
    assert f"{told}{tmp_path / 'kept.pt'}" in recording.stdout
    assert "changed in your tree" not in recording.stdout
    given = call("verify", "train.py", "--batch", "kept.pt", "--precision", "64", cwd=tmp_path)
    assert given.exit_code == 3
    assert "data: the batch in kept.pt (--batch)" in given.stdout
    assert "precision 64-true, as --precision says; the script asks for none" in given.stdout
    assert f"{told}{tmp_path}" not in call("verify", "train.py", "--record", cwd=tmp_path).stdout
    again = call("verify", "train.py", "-q", "--data", "recorded", cwd=tmp_path)
    assert again.stdout == "verified: one training step on cpu, on a recorded batch\n"


def test_nothing_recorded_and_nothing_to_record(run: Run) -> None:
    outcome = run(_project(_MODULE), data=Data("recorded"))
    assert (outcome.status, outcome.stage) == (Status.NOT_VERIFIABLE, Stage.STARTED)
    assert "no batch of train.py is recorded: run it with --record" in outcome.reason
    with pytest.raises(RequestError, match="only a script's own data can be recorded"):
        run(_project(_MODULE), data=Data("synthetic", record=True))
    with pytest.raises(RequestError, match="unknown data 'mine': use one of own, synthetic"):
        run(_project(_MODULE), data=Data("mine"))


def test_recordings_of_a_project(home: Path, tmp_path: Path) -> None:
    def kept(program: str, module: str, to: Path | None = None) -> recorded.Recorded:
        batch = tmp_path / "batch.pt"
        batch.write_bytes(b"")
        facts = {"shape": "float32[1]", "module": module, "plain": True}
        return recorded.keep(tmp_path, program, batch, facts, to)

    assert recorded.find(tmp_path, "train.py", "") is None
    one = kept("train.py", "pkg.net:Net")
    assert one.file.is_relative_to(home / "cache" / "lfix" / "recorded")
    assert recorded.find(tmp_path, "train.py", "") == one
    assert recorded.find(tmp_path, "other.py", "pkg.net:Net") == one
    assert recorded.find(tmp_path, "other.py", "pkg.net:Other") is None
    assert recorded.find(tmp_path / "elsewhere", "train.py", "") is None
    named = kept("train.py", "pkg.net:Net", tmp_path / "named.pt")
    assert recorded.find(tmp_path, "train.py", "") == named
    named.file.unlink()
    assert recorded.find(tmp_path, "train.py", "") is None
    with pytest.raises(recorded.RecordingError, match="No such file"):
        kept("train.py", "pkg.net:Net", tmp_path / "none" / "named.pt")


def test_descriptions_of_a_batch(tmp_path: Path) -> None:
    (tmp_path / "kept.pt").touch()
    assert read("float32[4,10], int64[4] < 2", tmp_path) == "float32[4,10], int64[4] < 2"
    assert read("pkg.data:batch", tmp_path) == "pkg.data:batch"
    assert read("kept.pt", tmp_path) == tmp_path.resolve() / "kept.pt"
    nested = {"x": "float32[4,3]", "more": ["int64[4] < 9", "a=bool[1], b=bool[2]"]}
    assert read(json.dumps(nested), tmp_path) == check(nested) == nested
    assert read('{x = "float32[4,3]", y = "int64[4] < 9"}', tmp_path) == {
        "x": "float32[4,3]",
        "y": "int64[4] < 9",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("none.pt", "there is no file none.pt"),
        ("float32", "'float32' is no tensor"),
        ("pkg.data:", "is no tensor"),
        ("[", "is no JSON"),
        ("{}", "is no batch"),
        ('{"x": 3}', "3 is no batch"),
        ('["float32[4"]', "is no tensor"),
    ],
)
def test_what_describes_no_batch(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(BatchError) as caught:
        read(text, tmp_path)
    assert told in str(caught.value)


@pytest.mark.usefixtures("warm")
def test_a_precision_counts_over_the_scripts_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = "TensorDataset(torch.randn(8, 10), torch.randint(0, 2, (8,)))"
    script = _OWN.format(rows=rows, loaders="DataLoader(rows, 4)")
    script = script.replace("max_epochs=1", "max_epochs=1, precision='16-mixed'")
    monkeypatch.setenv("WANTED", "bf16-mixed")
    outcome = run(_project(script), precision="bf16")
    assert outcome.status is Status.VERIFIED, outcome.reason
    told = "precision bf16-mixed, as --precision says; the script asks for 16-mixed"
    assert told in outcome.notes
    absent = run(_project(script), precision="16-mixed")
    assert absent.status is Status.NOT_VERIFIABLE
    assert absent.reason == "precision 16-mixed needs a GPU, and the step runs on cpu"
    with pytest.raises(RequestError, match="unknown precision '8': use one of 64-true, 32-true"):
        run(_project(script), precision="8")


class MixedPrecision:
    pass


class Precision(MixedPrecision):
    pass


def test_precisions_of_old_and_new_releases() -> None:
    assert [whole(text) for text in ("16", "bf16", "64-true", "8")] == [
        *("16-mixed", "bf16-mixed", "64-true", ""),
    ]
    assert with_precision({}, "16", "cuda", "1.0.8")[0] == {"precision": 16}
    assert with_precision({}, "bf16", "cpu", "1.9.5")[0] == {"precision": "bf16"}
    assert with_precision({}, "bf16", "cpu", "2.6.6")[0] == {"precision": "bf16-mixed"}
    plugin = object()
    wanted, told = with_precision({"plugins": [Precision(), plugin]}, "32", "cpu", "2.0")
    assert wanted == {"precision": "32-true", "plugins": [plugin]}
    assert told.endswith("the script asks for a plugin")
    for text, release in (("bf16", "1.4.9"), ("16-true", "2.0.9"), ("bf16-true", "1.9.5")):
        with pytest.raises(PrecisionAbsent, match="came with Lightning"):
            with_precision({}, text, "cuda", release)
