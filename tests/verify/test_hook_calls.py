"""Which hooks are called, in which order and with what: told of two releases, with real runs."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch
from lfix.codemods.lightning.heard import ELSEWHERE, is_gone, successor, watched
from lfix.codemods.lightning.hooks import hook_names
from lfix.codemods.verify.hooks import HookCalls, compare_hooks
from lfix.codemods.verify.runner import calls
from lfix.codemods.verify.runner.kinds import kind_of
from lfix.codemods.verify.runner.places import Places
from lightning.pytorch import Callback
from lightning.pytorch.core.optimizer import LightningOptimizer
from lightning.pytorch.trainer.states import TrainerFn

from ..laws.process import Lfix
from ..schema import complaints

_PROGRAM = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import pytorch_lightning as pl


class Watch(pl.Callback):
    def on_init_end(self, trainer):
        self.seen = []

    def setup(self, trainer, pl_module, stage=None):
        self.stage = stage

    def on_epoch_end(self, trainer, pl_module):
        self.seen.append(trainer.current_epoch)

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx):
        self.seen.append(outputs)

    def on_validation_batch_end(
        self, trainer, pl_module, outputs, batch, batch_idx, dataloader_idx
    ):
        self.seen.append(outputs)

    def on_fit_end(self, trainer, pl_module):
        pass


class Data(pl.LightningDataModule):
    def setup(self, stage=None):
        self.rows = TensorDataset(torch.randn(40, 4, generator=torch.Generator().manual_seed(3)))

    def train_dataloader(self):
        return DataLoader(self.rows, batch_size=8, shuffle=True)

    def val_dataloader(self):
        return DataLoader(self.rows, batch_size=8)


class Base(pl.LightningModule):
    def on_train_epoch_start(self):
        self.started = self.current_epoch


class Net(Base):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def on_train_epoch_start(self):
        super().on_train_epoch_start()

    def training_step(self, batch, batch_idx):
        loss = self.layer(batch[0]).pow(2).mean()
        self.log("train_loss", loss)
        return loss

    def validation_step(self, batch, batch_nb):
        return self.layer(batch[0]).pow(2).mean()

    def validation_epoch_end(self, outputs):
        self.log("val_loss", torch.stack(outputs).mean())

    @torch.no_grad()
    def on_after_backward(self):
        self.norm = self.layer.weight.grad.norm()

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.01)


trainer = pl.Trainer(max_epochs=2, gpus=0, callbacks=[Watch()])
trainer.fit(Net(), datamodule=Data())
"""
_ASKED = ("verify", "train.py", "--device", "cpu", "--steps", "6", "--against", "1.5.10")


@pytest.fixture
def migrated(lfix: Lfix, tmp_path: Path) -> Path:
    """A project that ``lfix apply`` has migrated, for safe."""
    (tmp_path / "train.py").write_text(_PROGRAM)
    (tmp_path / "requirements.txt").write_text("pytorch-lightning==1.5.10\n")
    lfix("apply", "--unsafe-fixes", "train.py", cwd=tmp_path)
    return tmp_path


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert text.count(old) == 1, text
    path.write_text(text.replace(old, new))


def test_a_migration_calls_the_same_hooks(lfix: Lfix, migrated: Path) -> None:
    found = lfix(*_ASKED, "--format", "json", cwd=migrated).json
    assert complaints(found) == []
    assert found["status"] == "verified", found["reason"]
    parts = {part["name"]: part for part in found["comparison"]["parts"]}
    # All but on_fit_end, which does nothing; a parent's method is no hook of its own.
    assert parts["hooks"]["pairs"] == 14
    assert parts["order of hooks"]["pairs"] > 30
    assert parts["what hooks receive"]["pairs"] > 25
    rows = {row["hook"]: row for row in found["comparison"]["hooks"]}
    assert "Watch.on_fit_end" not in rows
    told = {name: (row["old"], row["new"], row["remark"]) for name, row in rows.items()}
    assert told["Watch.on_train_batch_end"] == (6, 6, "")
    assert told["Net.on_train_epoch_start"] == (2, 2, "")
    assert told["Net.on_after_backward"] == (6, 6, "")
    assert told["Data.setup"] == (1, 1, "")
    assert told["Net.validation_epoch_end"] == (2, 2, "is on_validation_epoch_end now")
    # It ran around the validation too.
    assert told["Watch.on_epoch_end"] == (4, 2, "is on_train_epoch_end now")
    notes = " ".join(found["comparison"]["notes"])
    assert "Watch.on_epoch_end -> on_train_epoch_end" in notes
    assert "in another order, as Lightning itself and new names have it: after" in notes


def test_a_hook_that_is_never_called_comes_first(lfix: Lfix, migrated: Path) -> None:
    script = migrated / "train.py"
    _replace(script, "    def on_train_epoch_end(self, trainer, pl_module):", "    def on_epoch_end(self, trainer, pl_module):")  # fmt: skip
    # Though the losses part before it.
    _replace(script, '        self.log("train', '        loss = loss * 2\n        self.log("train')  # fmt: skip
    page, markdown = migrated.parent / "page.html", migrated.parent / "page.md"
    done = lfix(*_ASKED, "--html", page, "--report", markdown, cwd=migrated)
    line = script.read_text().splitlines().index("    def on_epoch_end(self, trainer, pl_module):") + 1  # fmt: skip
    detail = f"Watch.on_epoch_end was called 4 times, and is never called now (at train.py:{line})"
    assert done.code == 3
    first, *lines = done.out.splitlines()
    assert first == f"failed: a hook that ran on 1.5.10 does not run any more: {detail}"
    assert any(line.startswith("losses") and "batch 0: " in line for line in lines)
    row = "Watch.on_epoch_end        4          0          is never called now"
    heads = [place for place, line in enumerate(lines) if line.startswith("hook ")]
    assert lines[heads[-1] + 1] == row
    assert f"train.py:{line}: no Lightning 2.x calls on_epoch_end: it ran around" in done.out
    assert "is never called now" in markdown.read_text()
    assert "<td>Watch.on_train_batch_end</td><td>6</td><td>6</td>" in page.read_text()


def test_parameters_that_changed_places(lfix: Lfix, migrated: Path) -> None:
    script = migrated / "train.py"
    _replace(script, "outputs, batch, batch_idx, dataloader_idx=0\n", "batch, outputs, batch_idx, dataloader_idx=0\n")  # fmt: skip
    # Or lfix mends it.
    script.write_text("# lfix: skip-file\n" + script.read_text())
    done = lfix(*_ASKED, cwd=migrated)
    assert done.code == 3
    assert done.out.startswith(
        "failed: hooks run otherwise than on 1.5.10 from batch 4 on: what hooks receive, "
        "Watch.on_validation_batch_end receives other values: "
        "outputs: float32[] became list of 1 float32[8,4], "
        "batch: list of 1 float32[8,4] became float32[]"
    ), done.out


_STEPS = ("on_train_batch_start", "training_step", "on_train_batch_end")
Form = tuple[Any, ...]


def _heard(
    *forms: Form, repeat: int = 1, defined: tuple[Form, ...] = (), reads: tuple[str, ...] = ()
) -> dict[str, Any]:
    """A recording in which every form is called once a batch, in this order."""
    every = [form if len(form) > 3 else (*form, "lightning") for form in forms]
    shaped = [form if len(form) > 4 else (*form, []) for form in every]
    known = dict.fromkeys(form[:3] for form in (*every, *defined))
    return {
        "hooks": [[*form, "a.py:1", reads] for form in known],
        "forms": [[*form, repeat] for form in shaped],
        "calls": [[batch, place] for batch in range(repeat) for place in range(len(shaped))],
        "is_whole": True,
    }


def _net(name: str, *more: Any) -> Form:
    return ("LightningModule", "Net", name, *more)


def _callback(name: str, *more: Any) -> Form:
    return ("Callback", "Watch", name, *more)


def _plain(*names: str) -> tuple[Form, ...]:
    return tuple(_net(name) for name in names)


def _compared(old: dict[str, Any], new: dict[str, Any], release: str = "1.5.10") -> HookCalls:
    return compare_hooks(old, new, release)


def _details(found: HookCalls) -> list[str]:
    return [part.detail for part in (found.called, found.order, found.given) if part.detail]


def test_the_same_calls() -> None:
    found = _compared(_heard(*_plain(*_STEPS), repeat=3), _heard(*_plain(*_STEPS), repeat=3))
    assert _details(found) == []
    assert found.notes == ()
    assert [part.pairs for part in (found.called, found.order, found.given)] == [3, 9, 9]


def test_another_order() -> None:
    old = _heard(*_plain("on_train_start", "training_step", "on_after_backward"), repeat=2)
    new = _heard(*_plain("on_train_start", "on_after_backward", "training_step"), repeat=2)
    found = _compared(old, new)
    assert _details(found) == [
        "after Net.on_train_start came Net.training_step, and now Net.on_after_backward"
    ]
    assert found.order.step == 0


def test_one_call_more() -> None:
    old, new = _heard(*_plain(*_STEPS)), _heard(*_plain(*_STEPS))
    new["calls"].append([0, 1])
    assert _details(_compared(old, new)) == [
        "after Net.on_train_batch_end came the end, and now Net.training_step"
    ]
    new["is_whole"] = False
    found = _compared(old, new)
    assert _details(found) == []
    assert found.notes == ("the order of hooks is compared for the first 3 calls only",)


def test_what_lightning_calls_at_another_moment() -> None:
    old = _heard(*_plain("on_before_optimizer_step", "training_step", "on_after_backward"))
    new = _heard(*_plain("training_step", "on_after_backward", "on_before_optimizer_step"))
    found = _compared(old, new, "1.4.9")
    assert _details(found) == []
    assert found.notes == (
        "in another order, as Lightning itself and new names have it: after the start came "
        "Net.on_before_optimizer_step, and now Net.training_step",
        "Net.on_before_optimizer_step on 1.4.9: it came before the forward and backward pass of "
        "its batch",
    )
    assert _details(_compared(old, new, "1.5.0")) != []


def test_a_hook_under_a_new_name_may_move() -> None:
    old = _heard(_net("validation_epoch_end"), _callback("on_validation_epoch_end"))
    new = _heard(_callback("on_validation_epoch_end"), _net("on_validation_epoch_end"))
    found = _compared(old, new)
    assert _details(found) == []
    assert len(found.notes) == 2


def test_a_hook_that_goes_into_one_that_was_there() -> None:
    old = _heard(_callback("on_epoch_end"), _callback("on_train_epoch_end"))
    new = _heard(_callback("on_train_epoch_end"))
    found = _compared(old, new)
    assert _details(found) == []
    assert found.order.pairs == 1


@pytest.mark.parametrize("name", ["optimizer_idx", "hiddens"])
def test_a_step_for_each_optimizer_or_piece(name: str) -> None:
    given = [["batch", "float32[]"], [name, "int"]]
    old = _heard(_net("training_step", "lightning", given), _callback("on_train_batch_end"))
    old["calls"].insert(0, [0, 0])
    old["forms"][0][-1] = 2
    once = _net("training_step", "lightning", given[:1])
    new = _heard(once, _callback("on_train_batch_end"))
    assert _details(_compared(old, new)) == []
    # Where it is told nothing of them, one step less is one step less.
    old["forms"][0][4] = given[:1]
    assert _details(_compared(old, new)) != []


@pytest.mark.parametrize(
    ("new", "detail"),
    [
        # Still there, and called by nobody.
        (
            _heard(*_plain("training_step"), defined=(_net("on_epoch_end"),)),
            "Net.on_epoch_end was called once, and is never called now (at a.py:1)",
        ),
        # Gone without what takes its place.
        (
            _heard(*_plain("training_step")),
            "Net.on_epoch_end was called once; the new code has neither it nor on_train_epoch_end",
        ),
        # Called by the new code itself.
        (_heard(*_plain("training_step"), _net("on_epoch_end", "project")), ""),
        (_heard(*_plain("training_step", "on_train_epoch_end")), ""),
    ],
)
def test_what_became_of_a_hook(new: dict[str, Any], detail: str) -> None:
    found = _compared(_heard(*_plain("training_step", "on_epoch_end")), new)
    assert _details(found) == ([detail] if detail else [])


def test_hooks_without_a_successor_may_go() -> None:
    old = _heard(*_plain("training_step", "training_step_end", "on_train_start"))
    found = _compared(old, _heard(*_plain("training_step", "on_train_start")))
    assert _details(found) == []
    assert found.notes == (
        "hooks that are gone, in Lightning and in the new code: Net.training_step_end",
    )
    kept = _compared(old, _heard(*_plain("training_step", "training_step_end")))
    assert _details(kept) == ["Net.on_train_start was called once; the new code does not have it"]


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ([["batch", "float32[4]"]], [["batch", "float32[4]"]], ""),
        ([["batch_nb", "int"]], [["batch_idx", "int"]], ""),
        ([["batch_nb", "int"]], [["batch_idx", "float32[4]"]], "batch_idx: int became float32[4]"),
        ([["outputs", "None"], ["dataloader_idx", "int"]], [["outputs", "None"]], ""),
        ([["outputs", "list of 0"]], [["outputs", "dict()"]], ""),
        ([["outputs", "None"]], [["outputs", "dict(loss: float32[])"]],
         "outputs: None became dict(loss: float32[])"),
    ],
)  # fmt: skip
def test_what_a_hook_receives(old: list[Any], new: list[Any], detail: str) -> None:
    before = _heard(_net("on_train_batch_end", "lightning", old), repeat=2)
    after = _heard(_net("on_train_batch_end", "lightning", new), repeat=2)
    read = _heard(_net("on_train_batch_end", "lightning", new), repeat=2, reads=(new[0][0],))
    said = f"Net.on_train_batch_end receives other values: {detail}"
    assert _details(_compared(before, read)) == ([said] if detail else [])
    unread = _compared(before, after)
    assert _details(unread) == []
    assert unread.notes == ((f"{said}; nothing reads them",) if detail else ())


class Pair(NamedTuple):
    """A tuple with a name of its own."""

    a: int
    b: float


class Model(torch.nn.Module):
    """An object that has its class's name."""


class Broken(dict[str, int]):
    """What raises on whatever is asked of it."""

    def __iter__(self) -> Any:
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ((torch.ones(4, 10), torch.ones(4).long()), "(float32[4,10], int64[4])"),
        ([{"loss": torch.tensor(1.0)}] * 2, "list of 2 dict(loss: float32[])"),
        ([1, "a"], "list of 2 (int, str)"),
        ([], "list of 0"),
        ((torch.tensor(1),), "(int64[],)"),
        (OrderedDict(a=1), "dict(a: int)"),
        ({str(n): n for n in range(9)}, "dict(0: int, 1: int, 2: int, 3: int, 4: int, 5: int, 6: int, 7: int and 1 more)"),
        (Pair(1, 2.0), "Pair of 2 (int, float)"),
        (None, "None"),
        (lambda: None, "function"),
        (Model(), "Model"),
        (TrainerFn.FITTING, "str"),
        (LightningOptimizer(torch.optim.SGD(torch.nn.Linear(1, 1).parameters(), 0.1)), "SGD"),
        ([[[[[1]]]]], "list of 1 list of 1 list of 1 list of 1"),
        (Broken(a=1), "Broken"),
        (["x" * 3] * 4000, "list of 4000 str"),
        ({"k" * 400: 1}, "dict(" + "k" * 155 + "…"),
    ],
)  # fmt: skip
def test_kinds(value: Any, kind: str) -> None:
    assert kind_of(value) == kind


class Seen(Callback):
    """A callback of the project, where this folder is the project."""

    def on_train_batch_start(self, *given: Any, **named: Any) -> None:
        self.last = given

    def on_train_batch_end(
        self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        self.last = outputs

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:
        """Nothing but words."""


def test_a_recording_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_MOST_CALLS", 4)
    monkeypatch.setattr(calls, "_MOST_FORMS", 2)
    for name in ("on_train_batch_start", "on_train_batch_end"):
        monkeypatch.setattr(Seen, name, vars(Seen)[name])
    heard = calls.Calls(Places("/nowhere", str(Path(__file__).parent)), watched())
    seen: Any = Seen()
    heard.watch(seen, None, "no hook")
    heard.watch(seen)
    for size in range(5):
        heard.batch = size
        seen.on_train_batch_end("trainer", "net", torch.ones(size), [], batch_idx=size)
    seen.on_train_batch_start("trainer", "net", batch=1)
    data = json.loads(json.dumps(heard.data))
    assert [(hook[2], hook[4]) for hook in data["hooks"]] == [
        ("on_train_batch_end", ["outputs", "self"]),
        ("on_train_batch_start", ["given", "self"]),
    ]
    kinds = [[f"{name}: {kind}" for name, kind in form[4] or ()] for form in data["forms"]]
    first = ["trainer: str", "pl_module: str", "outputs: float32[0]", "batch: list of 0"]
    assert kinds == [[*first, "batch_idx: int"], [first[0], first[1], "outputs: float32[1]", first[3], "batch_idx: int"], [], []]  # fmt: skip
    assert [form[2:4] for form in data["forms"][2:]] == [
        ["on_train_batch_end", "project"],
        ["on_train_batch_start", "project"],
    ]
    assert [form[5] for form in data["forms"]] == [1, 1, 3, 1]
    assert data["calls"] == [[0, 0], [1, 1], [2, 2], [3, 2]]
    assert data["is_whole"] is False


def test_hooks_that_are_heard() -> None:
    names = {name for listed in watched().values() for name in listed}
    assert names > hook_names() - {"finetune_function"}
    assert {name for row in ELSEWHERE for name in row.names} <= names
    for owner, listed in watched().items():
        became = {name for one in listed if (name := successor(owner, one)) is not None}
        assert became <= set(listed)
        assert not any(is_gone(owner, name) for name in became)
