"""Old code on its old release against new code on the new one, with real runs."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import torch
from lfix.codemods.verify.comparison import compare
from lfix.codemods.verify.runner.places import Places
from lfix.codemods.verify.runner.record import Record
from lfix.codemods.verify.runner.recording import Recording

from ..laws.process import Lfix

_PROGRAM = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import pytorch_lightning as pl


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 1))

    def training_step(self, batch, batch_idx):
        loss = self.layer(batch[0]).pow(2).mean()
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_idx):
        return self.layer(batch[0]).pow(2).mean()

    def validation_epoch_end(self, outputs):
        self.log("val_loss", torch.stack(outputs).mean())

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), 0.01)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1)]


rows = TensorDataset(torch.randn(40, 4, generator=torch.Generator().manual_seed(3)))
loader = DataLoader(rows, batch_size=8, shuffle=True)
trainer = pl.Trainer(max_epochs=2, gpus=0, progress_bar_refresh_rate=0)
trainer.fit(Net(), train_dataloader=loader, val_dataloaders=DataLoader(rows, batch_size=8))
"""
_NEWER = {
    "1.5.10": _PROGRAM,
    "1.9.5": _PROGRAM.replace("train_dataloader=", "train_dataloaders=").replace(
        ", progress_bar_refresh_rate=0", ""
    ),
}


@pytest.mark.parametrize("release", list(_NEWER))
def test_a_migration_trains_alike(lfix: Lfix, tmp_path: Path, release: str) -> None:
    (tmp_path / "train.py").write_text(_NEWER[release])
    asked = ("verify", "train.py", "--device", "cpu", "--against")
    page = tmp_path.parent / f"{tmp_path.name}.html"
    more = ("--steps", "6", "--format", "json", "--html", page)
    done = lfix(*asked, release, *more, cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    found = done.json
    assert found["old"]["versions"]["pytorch_lightning"] == release
    assert found["new"]["versions"]["pytorch_lightning"].startswith("2.")
    parts = {part["name"]: part for part in found["comparison"]["parts"]}
    assert all(part["equal"] for part in parts.values())
    assert parts["losses"]["pairs"] == parts["optimizer steps"]["pairs"] == 6
    assert parts["logged values"]["pairs"] == 6
    assert len({loss for _, loss, _ in found["comparison"]["losses"]}) == 6
    assert (tmp_path / "train.py").read_text() == _NEWER[release]
    assert _Page(page).complaints() == []


def test_a_planted_difference_is_found_at_its_step(lfix: Lfix, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    (tmp_path / "requirements.txt").write_text("pytorch-lightning==1.5.10\n")
    script.write_text(_PROGRAM)
    assert lfix("apply", "train.py", cwd=tmp_path).code == 0
    planted = '        loss = loss * (1.001 if batch_idx == 2 else 1)\n        self.log("train'
    script.write_text(script.read_text().replace('        self.log("train', planted, 1))
    done = lfix("verify", "train.py", "--against", "pinned", "--device", "cpu", cwd=tmp_path)
    assert done.code == 3
    assert "it trains otherwise than on 1.5.10 from batch 2 on: losses" in done.out


def test_what_a_clock_says_is_not_compared(lfix: Lfix, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    clock = "        self.log('at', time.perf_counter())\n        return loss\n"
    script.write_text("import time\n" + _PROGRAM.replace("        return loss\n", clock))
    asked = ("verify", "train.py", "--steps", "2", "--device", "cpu", "--against", "1.5.10")
    done = lfix(*asked, cwd=tmp_path)
    assert done.code == 0, done.out
    assert "note: differs in each run, and is not compared: at\n" in done.out


def test_what_cannot_be_had_is_not_verifiable(lfix: Lfix, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(_PROGRAM)
    env = {"LFIX_OVERLAYS": str(tmp_path.parent / "empty"), "PIP_NO_INDEX": "1"}
    asked = ("verify", "train.py", "--device", "cpu", "--against")
    absent = lfix(*asked, "1.5.10", cwd=tmp_path, env=env)
    assert absent.code == 4
    assert "cannot be installed, which needs a package index or a filled cache" in absent.out
    wrong = lfix(*asked, "newest", cwd=tmp_path, env=env)
    assert wrong.code == 4
    assert "'newest' is no release of Lightning" in wrong.out
    unpinned = lfix(*asked, "pinned", cwd=tmp_path, env=env)
    assert unpinned.code == 2
    assert "no file pins one release" in unpinned.err


_HOOKS = {
    "hooks": [["LightningModule", "Net", "on_train_start", "train.py:9", []]],
    "forms": [["LightningModule", "Net", "on_train_start", "lightning", [], 1]],
    "calls": [[-1, 0]],
    "is_whole": True,
}


def _recording(**changes: Any) -> dict[str, Any]:
    made = {
        "losses": [[0, 0.5], [1, 0.25]],
        "logged": [{"a": 1.0}, {"a": 2.0}],
        "rates": [[0, 0, 0.1], [1, 0, 0.1]],
        "steps": [[0, 0], [1, 0]],
        "hooks": _HOOKS,
        "initial": {"w": [1.0, 2.0]},
        "weights": {"w": [1.5, 2.5]},
        "final": {"a": 2.0},
    }
    plain: dict[str, Any] = json.loads(json.dumps(made | changes))
    return plain


def test_equal_recordings() -> None:
    found = compare(_recording(), _recording(losses=[[0, 0.5000000001], [1, 0.25]]))
    assert found.equal
    assert found.step is None
    more = compare(_recording(), _recording(final={"a": 2.0, "lr-Adam": 0.1}))
    assert more.equal


@pytest.mark.parametrize(
    ("changes", "name", "step"),
    [
        ({"losses": [[0, 0.5], [1, 0.2501]]}, "losses", 1),
        ({"losses": [[0, 0.5]]}, "losses", 1),
        ({"losses": [[0, "nan"], [1, 0.25]]}, "losses", 0),
        ({"logged": [{"a": 1.0}, {"a": 2.1}]}, "logged values", 1),
        ({"logged": [{}, {"a": 2.0}]}, "logged values", 0),
        ({"rates": [[0, 0, 0.1], [1, 0, 0.01]]}, "learning rates", 1),
        ({"steps": [[0, 0], [0, 1], [1, 0]]}, "optimizer steps", 0),
        ({"initial": {"w": [1.1, 2.0]}}, "initial weights", None),
        ({"weights": {"w": [1.5, 2.6]}}, "final weights", None),
        ({"weights": {"v": [1.5, 2.5]}}, "final weights", None),
        ({"final": {"a": 2.5}}, "values after fit", None),
        ({"hooks": _HOOKS | {"calls": [], "forms": []}}, "hooks", None),
        ({"hooks": _HOOKS | {"calls": [[-1, 0]] * 2}}, "order of hooks", None),
    ],
)
def test_differences(changes: dict[str, Any], name: str, step: int | None) -> None:
    found = compare(_recording(), _recording(**changes))
    assert [part.name for part in found.parts if not part.equal] == [name]
    assert found.step == step
    assert json.loads(json.dumps(found.to_json()))["equal"] is False


def test_a_value_that_differs_in_each_run() -> None:
    old = _recording(final={"a": 2.0, "at": 1.0})
    new = _recording(final={"a": 2.0, "at": 2.0})
    assert not compare(old, new).logs_alike
    assert not compare(old, new, new).equal
    found = compare(old, new, _recording(final={"a": 2.0, "at": 3.0}))
    assert found.equal
    assert found.notes == ("differs in each run, and is not compared: at",)
    other = _recording(final={"a": 2.5, "at": 2.0})
    assert not compare(old, other, _recording(final={"a": 2.5, "at": 3.0})).equal


def test_what_differs_first() -> None:
    old = _recording()
    late = {"losses": [[0, 0.5], [1, 0.3]], "weights": {"w": [1.5, 2.6]}}
    early = late | {"logged": [{"a": 1.5}, {"a": 2.0}]}
    for changes, name in (
        ({}, None),
        (late, "losses"),
        (early, "logged values"),
        (early | {"initial": {"w": [1.1, 2.0]}}, "initial weights"),
        ({"final": {"a": 2.5}}, "values after fit"),
        (early | {"hooks": _HOOKS | {"calls": [[-1, 0]] * 2}}, "order of hooks"),
        (early | {"hooks": _HOOKS | {"calls": [], "forms": []}, "initial": {}}, "hooks"),
    ):
        first = compare(old, _recording(**changes)).first
        assert (first and first.name) == name


def test_a_step_without_gradients_is_none(tmp_path: Path) -> None:
    parameter = torch.nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([parameter], 0.5)
    record = Record(str(tmp_path), 60.0)
    recording = Recording(record, Places("/project", "/copy"), torch, 1, {})
    recording._watch_step(0, optimizer)
    try:
        optimizer.step()
        assert recording.data["steps"] == []
        parameter.grad = torch.ones(2)
        optimizer.step()
    finally:
        record.finish("verified", "")
    assert recording.data["steps"] == [[-1, 0]]
    assert recording.data["rates"] == [[-1, 0, 0.5]]


class _Page(HTMLParser):
    """A page that has its plot, closes what it opens, and loads nothing."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [v for k, v in attrs if k in ("src", "href") and v]
        if tag not in ("meta", "polyline", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def complaints(self) -> list[str]:
        found = [
            f"{tag} is missing" for tag in ("svg", "polyline", "table") if tag not in self.tags
        ]
        return [*found, *self.open, *self.loads]
