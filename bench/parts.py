"""The files of a made-up Lightning 1.x project, each drawn from a random source.

How often a fault appears follows what public 1.x repositories show: old device arguments in two of
five training scripts, old epoch-end hooks in half of the modules, the rest in a few of a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from textwrap import indent

WORDS = (
    "anchor", "batch", "beam", "border", "channel", "chunk", "corpus", "crop", "decay", "depth",
    "drift", "edge", "entity", "epoch", "fold", "frame", "gate", "graph", "grid", "head", "index",
    "kernel", "label", "lattice", "layer", "level", "mask", "margin", "memory", "mesh", "merge",
    "mixer", "node", "offset", "pad", "patch", "path", "phase", "pixel", "plane", "pool", "prior",
    "quota", "ramp", "range", "ratio", "record", "region", "sample", "scale", "score", "segment",
    "shard", "shape", "slice", "span", "stage", "stem", "step", "stride", "table", "tile",
    "token", "tower", "trace", "track", "vector", "view", "vocab", "volume", "voxel", "warp",
    "weight", "window",
)  # fmt: skip
VALIDATION_STEP = """\
def validation_step(self, batch, batch_idx):
    features, labels = batch
    loss = self.criterion(self(features), labels)
    self.log("val_loss", loss, prog_bar=True)
    return {"loss": loss}
"""
CONFIGURE_OPTIMIZERS = """\
def configure_optimizers(self):
    optimizer = torch.optim.Adam(self.parameters(), lr=self.hparams.lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, {steps})
    return [optimizer], [scheduler]
"""


@dataclass(frozen=True)
class Style:
    """How a project spells Lightning's names: its import line and the prefix of each name."""

    header: str
    prefix: str


STYLES = (
    Style("import pytorch_lightning as pl", "pl."),
    Style("import pytorch_lightning as pl", "pl."),
    Style("import pytorch_lightning as pl", "pl."),
    Style("import pytorch_lightning", "pytorch_lightning."),
    Style("from pytorch_lightning import {names}", ""),
)


def imports(style: Style, *names: str) -> str:
    """The line that makes ``names`` available in the project's style."""
    return style.header.format(names=", ".join(names))


def chance(random: Random, share: float) -> bool:
    """True in about ``share`` of the draws."""
    return random.random() < share


def names(random: Random, count: int) -> list[str]:
    """``count`` different identifiers."""
    return ["_".join(random.sample(WORDS, 2)) for _ in range(count)]


def helper(random: Random, name: str) -> str:
    """A plain function of some twenty lines, of the kind that fills utility modules."""
    first, second, third = random.sample(WORDS, 3)
    limit = random.randint(2, 64)
    return f'''\
def {name}({first}, {second}=None, {third}={limit}):
    """Collect every {first} that belongs to a {second}, at most {third} of them."""
    if {second} is None:
        {second} = {{}}
    found = []
    for position, entry in enumerate({first}):
        key = f"{first}-{{position % {limit}}}"
        if key in {second} and len({second}[key]) > {third}:
            continue
        {second}.setdefault(key, []).append(entry)
        if position % {random.randint(3, 9)} == 0:
            found.append((key, entry, {{"{third}": position / {limit}}}))
        elif entry is None:
            raise ValueError("no {first} at position {{}}".format(position))
    return sorted(found, key=lambda item: (item[0], -item[2]["{third}"]))
'''


def utilities(random: Random) -> str:
    """A module that knows neither torch nor Lightning."""
    functions = [helper(random, name) for name in names(random, random.randint(3, 10))]
    return "import json\nimport os\nfrom pathlib import Path\n\n\n" + "\n\n".join(functions)


def network(random: Random, name: str) -> str:
    """A module with one plain ``nn.Module``, torch but not Lightning."""
    width = random.choice((16, 32, 64, 128))
    layers = "\n".join(
        f"            nn.Linear({width}, {width}),\n            nn.{activation}(),"
        for activation in random.choices(("ReLU", "GELU", "SiLU", "Tanh"), k=random.randint(2, 6))
    )
    functions = "\n\n".join(helper(random, n) for n in names(random, random.randint(1, 4)))
    return f'''\
import torch
from torch import nn


class {name}(nn.Module):
    """Maps features of width {width} to scores."""

    def __init__(self, width={width}, classes=10, dropout=0.{random.randint(1, 5)}):
        super().__init__()
        self.body = nn.Sequential(
{layers}
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, classes)

    def forward(self, features, mask=None):
        hidden = self.body(features)
        if mask is not None:
            hidden = hidden.masked_fill(~mask.unsqueeze(-1), 0.0)
        return self.head(self.dropout(hidden))


{functions}'''


def training_step(random: Random) -> str:
    """One of the ways in which 1.x projects wrote it, a few of them wrong."""
    idx = ", optimizer_idx=None" if chance(random, 0.05) else ""
    manual = chance(random, 0.06)
    lines = [f"def training_step(self, batch, batch_idx{idx}):", "    features, labels = batch"]
    if manual:
        lines += ["    optimizer = self.optimizers()", "    optimizer.zero_grad()"]
    lines += [
        "    scores = self(features)",
        "    loss = self.criterion(scores, labels)",
        '    self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)',
    ]
    if manual:
        lines += ["    self.manual_backward(loss)", "    optimizer.step()"]
    if not chance(random, 0.04):
        lines.append("    return loss" if chance(random, 0.6) else '    return {"loss": loss}')
    return "\n".join(lines) + "\n"


def epoch_end(random: Random, stage: str) -> str:
    """The removed ``*_epoch_end`` hook in half of the modules, today's hook in the rest."""
    if chance(random, 0.5):
        return (
            f"def {stage}_epoch_end(self, outputs):\n"
            '    mean = torch.stack([output["loss"] for output in outputs]).mean()\n'
            f'    self.log("{stage}_epoch_loss", mean)\n'
        )
    return f"def on_{stage}_epoch_end(self):\n    self.{stage}_seen = 0\n"


def module(random: Random, style: Style, name: str, net: str) -> str:
    """A file with a LightningModule."""
    methods = [
        training_step(random),
        VALIDATION_STEP,
        epoch_end(random, "validation"),
        CONFIGURE_OPTIMIZERS.format(steps=random.randint(5, 50)),
    ]
    body = "\n".join(indent(method, "    ") for method in methods)
    functions = "\n\n".join(helper(random, n) for n in names(random, random.randint(0, 4)))
    return f"""\
{imports(style, "LightningModule")}
import torch
from torch import nn

from .{net.lower()} import {net}


class {name}({style.prefix}LightningModule):
    def __init__(self, lr={random.choice(("1e-3", "3e-4", "0.02"))}, width=64, classes=10):
        super().__init__()
        self.save_hyperparameters()
        self.net = {net}(width, classes)
        self.criterion = nn.CrossEntropyLoss()

    def forward(self, features):
        return self.net(features)

{body}

{functions}"""


def data(random: Random, style: Style) -> str:
    """A file with a Dataset and a LightningDataModule."""
    returned = (
        "self.val_set"
        if chance(random, 0.05)
        else "DataLoader(self.val_set, batch_size=self.batch_size)"
    )
    functions = "\n\n".join(helper(random, n) for n in names(random, random.randint(0, 4)))
    return f"""\
import torch
{imports(style, "LightningDataModule")}
from torch.utils.data import DataLoader, Dataset, random_split


class Rows(Dataset):
    def __init__(self, length={random.randint(50, 5000)}, features=64):
        self.features = torch.randn(length, features)
        self.labels = torch.randint(0, 10, (length,))

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.features[index], self.labels[index]


class Data({style.prefix}LightningDataModule):
    def __init__(self, batch_size={random.choice((16, 32, 128))}, num_workers=4):
        super().__init__()
        self.batch_size = batch_size
        self.num_workers = num_workers

    def setup(self, stage=None):
        rows = Rows()
        held_out = len(rows) // 5
        self.train_set, self.val_set = random_split(rows, [len(rows) - held_out, held_out])

    def train_dataloader(self):
        return DataLoader(self.train_set, batch_size=self.batch_size, shuffle=True)

    def val_dataloader(self):
        return {returned}


{functions}"""


def callbacks(random: Random, style: Style) -> str:
    """A file with a Callback, old batch hooks in two of five."""
    extra = ", dataloader_idx" if chance(random, 0.4) else ""
    return f"""\
import time

{imports(style, "Callback")}


class {random.choice(WORDS).title()}Timer({style.prefix}Callback):
    def __init__(self, every={random.randint(1, 100)}):
        self.every = every
        self.started = None

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx{extra}):
        self.started = time.perf_counter()

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx{extra}):
        if batch_idx % self.every == 0:
            pl_module.log("batch_seconds", time.perf_counter() - self.started)


{helper(random, names(random, 1)[0])}"""


def script(random: Random, style: Style, package: str, name: str) -> str:
    """A training script with a Trainer, old device arguments in two of five."""
    device = random.choice(
        (
            "gpus=args.gpus",
            "gpus=1 if torch.cuda.is_available() else 0",
            'gpus=2, accelerator="ddp"',
            "gpus=0",
            "gpus=[0], precision=16, progress_bar_refresh_rate=20",
        )
        if chance(random, 0.4)
        else ('accelerator="auto", devices=1', 'accelerator="gpu", devices=1', "devices=1")
    )
    return f"""\
import argparse

{imports(style, "Trainer", "seed_everything")}
import torch

from {package}.data import Data
from {package}.{name.lower()} import {name}


def parse_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gpus", type=int, default=1)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default={random.randint(1, 200)})
    return parser.parse_args()


{helper(random, names(random, 1)[0])}

def main():
    args = parse_args()
    {style.prefix}seed_everything({random.randint(0, 9999)})
    model = {name}(lr=args.lr)
    trainer = {style.prefix}Trainer(max_epochs=args.epochs, {device})
    trainer.fit(model, datamodule=Data())


if __name__ == "__main__":
    main()
"""
