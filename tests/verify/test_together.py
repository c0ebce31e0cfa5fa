"""Several processes that train together, and whether they agree, with real runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.verify import Outcome, Stage, Status
from lfix.codemods.verify.outcome import together

from ..laws.process import Lfix

_PROGRAM = """\
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import lightning.pytorch as pl


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)
        self.register_buffer("seen", torch.zeros(()))

    def training_step(self, batch, batch_idx):
        loss = self.layer(batch[0]).pow(2).mean()
        self.seen += {seen}
        return loss

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


rows = TensorDataset(torch.randn(16, 4))
pl.Trainer(max_epochs=1).fit(Net(), DataLoader(rows, batch_size=4))
"""


@pytest.mark.parametrize(
    ("seen", "code", "said"),
    [
        ("1", 0, "verified: one training step on cpu, in 2 processes that agree"),
        ("self.global_rank", 3, "failed: the processes disagree after the step: seen"),
    ],
)
def test_two_processes(lfix: Lfix, tmp_path: Path, seen: str, code: int, said: str) -> None:
    (tmp_path / "train.py").write_text(_PROGRAM.format(seen=seen))
    asked = ("verify", "train.py", "--device", "cpu", "--devices", "2")
    done = lfix(*asked, "--strategy", "ddp", cwd=tmp_path)
    assert done.code == code, done.out
    assert done.out.startswith(said)


def test_less_than_one_device_is_refused(lfix: Lfix, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    assert lfix("verify", "train.py", "--devices", "0", cwd=tmp_path).code == 2


def _rank(status: Status = Status.VERIFIED, **more: object) -> Outcome:
    return Outcome(status, "it", Stage.HOOKS, **more)  # type: ignore[arg-type]


def test_the_worst_of_them_counts() -> None:
    fine = _rank(weights={"w": [1.0, 1.0]})
    failed = _rank(Status.FAILED)
    assert together([fine]) is fine
    assert together([fine, failed]) is failed
    assert together([fine, fine]).status is Status.VERIFIED
    assert together([fine, _rank(weights={"w": [1.0, 2.0]})]).status is Status.FAILED
    assert together([_rank(), _rank()]).status is Status.FAILED
