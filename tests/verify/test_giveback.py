"""``apply --verify`` writes what trains, and gives back what does not, with real runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ..laws.process import Lfix

_HOOK = "def on_validation_batch_end(self, trainer, pl_module, outputs, batch, batch_idx"
_PROGRAM = """\
import inspect

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
import pytorch_lightning as pl
from pytorch_lightning.callbacks import Callback


class Net(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 1)

    def on_fit_start(self):
        assert len(inspect.signature(Watch{wanted}.on_validation_batch_end).parameters) == 6

    def training_step(self, batch, batch_idx):
        return self.layer(batch[0]).mean()

    def validation_step(self, batch, batch_idx):
        pass

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), 0.1)


{callbacks}
loader = DataLoader(TensorDataset(torch.rand(16, 4)), batch_size=4)
callbacks = [{made}]
trainer = pl.Trainer(max_epochs=1, precision="bf16", callbacks=callbacks)
trainer.fit(Net(), loader, loader)
"""


def _program(wanted: int) -> str:
    """Ten findings: nine hooks, and a precision; the module insists on one hook as it is."""
    callbacks = "".join(
        f"class Watch{i}(Callback):\n    {_HOOK}):\n        pass\n\n\n" for i in range(9)
    )
    made = ", ".join(f"Watch{i}()" for i in range(9))
    return _PROGRAM.format(wanted=wanted, callbacks=callbacks, made=made)


@pytest.mark.parametrize("wanted", [0, 6])
def test_nine_of_ten(lfix: Lfix, tmp_path: Path, wanted: int) -> None:
    script = tmp_path / "train.py"
    script.write_text(_program(wanted))
    done = lfix("apply", "--verify", "train.py", "--device", "cpu", cwd=tmp_path)
    after = script.read_text()
    assert done.code == 1
    assert after.count(f"{_HOOK}, dataloader_idx=0):") == 8
    assert f"class Watch{wanted}(Callback):\n    {_HOOK}):" in after
    assert 'precision="bf16-mixed"' in after
    assert done.err.count("given back, since it makes things worse") == 1
    line = _program(wanted).splitlines().index(f"class Watch{wanted}(Callback):") + 2
    assert f"train.py:{line}:5 LF201" in done.err
    assert "assert len(inspect.signature" in done.err
    assert "fixed 9 findings in 1 file, 1 finding left" in done.err
    found = re.search(r"that took (\d+) runs of the script", done.err)
    assert found is not None
    assert int(found[1]) <= 8
    assert lfix("undo", cwd=tmp_path).code == 0
    assert script.read_text() == _program(wanted)


def test_the_ladders_stand_side_by_side(lfix: Lfix, tmp_path: Path) -> None:
    text = _program(0).replace('precision="bf16"', "gpus=0").replace(" == 6", " >= 6")
    (tmp_path / "train.py").write_text(text)
    done = lfix("apply", "--verify", "train.py", "--device", "cpu", cwd=tmp_path)
    assert done.code == 0
    rows = {line.partition("  ")[0]: line.split() for line in done.err.splitlines()}
    assert "-" not in rows["imported"]
    assert rows["trainer built"][2] == "-"
    assert rows["hooks"][1] == "-"
    assert "failed  verified" in done.err
