"""The seed examples as proofs of all kinds: the true ones stand, each broken one falls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ..golden.case import Case, CaseFile, Kind, Proof
from .judge import Trial, complaints, trial
from .programs import Outcome, Program

HEAD = """\
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Rows(Dataset):
    def __init__(self):
        self.x = torch.randn(100, 10)
        self.y = torch.randint(0, 2, (100,))

    def __len__(self):
        return 100

    def __getitem__(self, i):
        return self.x[i], self.y[i]


class Classifier(pl.LightningModule):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(10, 2)

    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = nn.functional.cross_entropy(self.layer(x), y)
        self.log("train_loss", loss)
        return loss

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.02)


"""

FIT = "trainer = pl.Trainer(max_epochs=1)\ntrainer.fit(Classifier(), {})\n"
RAW = HEAD + FIT.format("Rows()")
LOADER = HEAD + FIT.format("DataLoader(Rows(), batch_size=32)")
SQUEEZED = ("cross_entropy(self.layer(x), y)", "cross_entropy(self.layer(x), y.squeeze(1))")
COLUMN = ("(100,))", "(100, 1))")

CALLBACK = """\
class Counter(pl.Callback):
    seen = None

    def on_train_batch_end(self, trainer, pl_module, {}):
        self.seen = list(batch[0].shape) if isinstance(batch, list) else "no batch"


"""
OLD_HOOK = HEAD + CALLBACK.format("outputs, batch, batch_idx, dataloader_idx")
SWAPPED_HOOK = HEAD + CALLBACK.format("batch, outputs, batch_idx")
NEW_HOOK = HEAD + CALLBACK.format("outputs, batch, batch_idx")
DRIVE_CALLBACK = """\
counter = Counter()
proofkit.fit(Classifier(), callbacks=[counter])
proofkit.show(seen=counter.seen)
"""

NO_RETURN = HEAD.replace("        return loss\n", "")

DEAD_CALLS = HEAD.replace(
    '        self.log("train_loss", loss)\n',
    '        self.log("train_loss", loss)\n'
    "        self.optimizers().zero_grad()\n"
    "        self.optimizers().step()\n",
)
BACKWARD = HEAD.replace(
    '        self.log("train_loss", loss)\n',
    '        self.log("train_loss", loss)\n        self.manual_backward(loss)\n',
)

EPOCH_END = """\
class Averaging(Classifier):
    def validation_step(self, batch, batch_idx):
        x, y = batch
        return {"loss": nn.functional.cross_entropy(self.layer(x), y)}

    def validation_epoch_end(self, outputs):
        self.log("val_loss", torch.stack([o["loss"] for o in outputs]).mean())
"""
ON_EPOCH_END = """\
class Averaging(Classifier):
    def __init__(self):
        super().__init__()
        self.validation_step_outputs = []

    def validation_step(self, batch, batch_idx):
        x, y = batch
        output = {"loss": nn.functional.cross_entropy(self.layer(x), y)}
        self.validation_step_outputs.append(output)
        return output

    def on_validation_epoch_end(self):
        outputs = self.validation_step_outputs
        self.log("val_loss", torch.stack([o["loss"] for o in outputs]).mean())
        self.validation_step_outputs.clear()
"""
DRIVE_VALIDATION = "proofkit.fit(Averaging(), proofkit.loader(), proofkit.loader(50), max_epochs=2)"
FIT_ALONE = "proofkit.fit(Classifier())"


def swap(text: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text


def seed(before: str, after: str, proof: Proof) -> Trial:
    file = CaseFile("case.py", before, after)
    return trial(Case(Kind.FIX, "seed", 1, (file,)), proof)


def namespace(tried: Trial) -> Trial:
    """The same trial with the other distribution."""

    def other(program: Program | None) -> Program | None:
        if program is None:
            return None
        files = tuple(
            (path, swap(text, ("import pytorch_lightning", "import lightning.pytorch")))
            for path, text in program.files
        )
        return replace(program, files=files)

    return replace(tried, before=other(tried.before), after=other(tried.after))


RAW_FAILS = seed(
    swap(RAW, SQUEEZED, COLUMN),
    swap(LOADER, SQUEEZED, COLUMN),
    Proof("", 1, fails="IndexError: Dimension out of range"),
)
RAW_MISBEHAVES = seed(RAW, LOADER, Proof("", 1, misbehaves=r'"fit": \[\[\[10\], \[\]\]'))
HOOK = seed(
    OLD_HOOK, NEW_HOOK, Proof(DRIVE_CALLBACK, 1, old="1.5.10", fails="TypeError: .*missing 1")
)
SWAPPED = seed(SWAPPED_HOOK, NEW_HOOK, Proof(DRIVE_CALLBACK, 1, misbehaves='"seen": "no batch"'))
UNTRAINED = seed(NO_RETURN, HEAD, Proof(FIT_ALONE, 1, untrained=True))
DEAD = seed(DEAD_CALLS, HEAD, Proof(FIT_ALONE, 1, same=True))
BACKWARD_FAILS = seed(BACKWARD, HEAD, Proof(FIT_ALONE, 1, fails="MisconfigurationException"))
VALIDATION = seed(
    HEAD + EPOCH_END,
    HEAD + ON_EPOCH_END,
    Proof(DRIVE_VALIDATION, 1, old="1.9.5", fails="NotImplementedError: .*validation_epoch_end"),
)
DATA = """\
class Data(pl.LightningDataModule):
    def setup(self, stage=None):
        self.rows = Rows()

    def train_dataloader(self):
        return DataLoader(self.rows, batch_size=10, shuffle=True)
"""
DRIVE_DATA = "pl.Trainer(max_epochs=2).fit(Classifier(), datamodule=Data())"
OLDEST = seed(HEAD + DATA, HEAD + DATA, Proof(DRIVE_DATA, 1, old="1.4.9"))
MULTIPLE_FILES = trial(
    Case(
        Kind.KEEP,
        "seed",
        1,
        (
            CaseFile("pkg/__init__.py", ""),
            CaseFile("pkg/model.py", HEAD),
            CaseFile("train.py", "from pkg.model import Classifier\n"),
        ),
    ),
    Proof(FIT_ALONE, 1, trains=True, main="train.py"),
)

SLOWER = ("lr=0.02", "lr=0.01")
STEP_NAN = ("return loss", "return loss * float('nan')")


STANDING = {
    "1 dataset given to fit fails": RAW_FAILS,
    "1 dataset given to fit misbehaves": RAW_MISBEHAVES,
    "1 dataset, other distribution": namespace(RAW_MISBEHAVES),
    "2 removed parameter": HOOK,
    "2 swapped parameters": SWAPPED,
    "4 loss not returned": UNTRAINED,
    "4 loss not returned, other distribution": namespace(UNTRAINED),
    "5 dead optimizer calls": DEAD,
    "5 backward by hand": BACKWARD_FAILS,
    "6 validation_epoch_end": VALIDATION,
    "the oldest release": OLDEST,
    "several files": MULTIPLE_FILES,
}

FALLING = {
    "fails: it runs": (
        seed(HEAD, HEAD, Proof(FIT_ALONE, 1, fails="TypeError")),
        "before does not fail: it ran to the end",
    ),
    "fails: other error": (
        replace(RAW_FAILS, proof=Proof("", 1, fails="TypeError")),
        "before fails otherwise: 'IndexError: .* is not 'TypeError'",
    ),
    "fails: after fails too": (
        seed(BACKWARD, BACKWARD, Proof(FIT_ALONE, 1, fails="Misconfiguration")),
        "after does not train: raised, MisconfigurationException",
    ),
    "misbehaves: it does not": (
        seed(LOADER, LOADER, Proof("", 1, misbehaves=r"\[\[\[10\], \[\]\]")),
        "before does not misbehave",
    ),
    "misbehaves: after does too": (
        seed(RAW, RAW, Proof("", 1, misbehaves=r"\[\[\[10\], \[\]\]")),
        "after still misbehaves",
    ),
    "misbehaves: before raises": (
        seed(BACKWARD, HEAD, Proof(FIT_ALONE, 1, misbehaves="fit")),
        "before does not run: raised, Misconfiguration",
    ),
    "untrained: before trains": (
        seed(HEAD, HEAD, Proof(FIT_ALONE, 1, untrained=True)),
        "before trains: 4 batches changed a parameter",
    ),
    "untrained: after does not train": (
        seed(NO_RETURN, NO_RETURN, Proof(FIT_ALONE, 1, untrained=True)),
        "after does not train: no batch changed a parameter",
    ),
    "untrained: nothing runs": (
        seed(HEAD, HEAD, Proof("", 1, untrained=True)),
        "before never reaches the end of fit",
    ),
    "untrained: no batches": (
        seed(
            HEAD,
            HEAD,
            Proof("proofkit.fit(Classifier(), limit_train_batches=0)", 1, untrained=True),
        ),
        "before sees no training batch",
    ),
    "same: other weights": (
        seed(HEAD, swap(HEAD, SLOWER), Proof(FIT_ALONE, 1, same=True)),
        r"before and after differ: RESULT\.losses\[1\]",
    ),
    "same: another logged value": (
        seed(HEAD, swap(HEAD, ('"train_loss"', '"loss"')), Proof(FIT_ALONE, 1, same=True)),
        r"RESULT\.logged\.fit\.loss is only on the right",
    ),
    "same: nothing runs": (
        seed(HEAD, HEAD, Proof("", 1, same=True)),
        "no stage of a trainer ran",
    ),
    "trains: not finite": (
        trial(
            Case(Kind.KEEP, "seed", 1, (CaseFile("case.py", swap(HEAD, STEP_NAN)),)),
            Proof(FIT_ALONE, 1, trains=True),
        ),
        "before does not train: a loss or a weight is not finite",
    ),
    "old: other weights": (
        seed(HEAD, swap(HEAD, SLOWER), Proof(FIT_ALONE, 1, old="1.9.5")),
        r"before on 1\.9\.5 and after differ: RESULT\.losses\[1\]",
    ),
    "old: another average": (
        seed(
            HEAD + EPOCH_END,
            HEAD + swap(ON_EPOCH_END, ("        self.validation_step_outputs.clear()\n", "")),
            Proof(DRIVE_VALIDATION, 1, old="1.9.5"),
        ),
        r"before on 1\.9\.5 and after differ: RESULT\.logged\.fit\.val_loss",
    ),
    "old: before fails there": (
        seed(HEAD + "pl.gone\n", HEAD, Proof(FIT_ALONE, 1, old="1.9.5")),
        r"before does not train on 1\.9\.5: raised, AttributeError",
    ),
    "old: no such release": (
        seed(HEAD, HEAD, Proof(FIT_ALONE, 1, old="1.5.99")),
        r"no overlay for Lightning 1\.5\.99",
    ),
}


def _cases() -> Iterator[object]:
    for title, tried in STANDING.items():
        yield pytest.param(tried, None, id=title)
    for title, (tried, message) in FALLING.items():
        yield pytest.param(tried, message, id=title)


@pytest.mark.xdist_group("proofs")
@pytest.mark.parametrize(("tried", "message"), list(_cases()))
def test_proof(tried: Trial, message: str | None, outcomes: dict[Program, Outcome]) -> None:
    found = "\n".join(complaints(tried, outcomes))
    if message is None:
        assert not found
    else:
        assert re.search(message, found)
