"""Faulty Lightning programs, and ways to repair them without a process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lfix.codemods.engine.run import run
from lfix.codemods.engine.settings import Settings
from lfix.codemods.model import Report

CODES = frozenset({"LF101", "LF102"})
SETTINGS = Settings(select=CODES)

FAULTY = """\
import pytorch_lightning as pl
from torch.utils.data import Dataset


class Rows(Dataset):
    def __len__(self):
        return 10


class Net(pl.LightningModule):
    pass


trainer = pl.Trainer()
trainer.fit(Net(), Rows())
"""
FIXED = FAULTY.replace("import Dataset\n", "import Dataset, DataLoader\n").replace(
    "trainer.fit(Net(), Rows())", "trainer.fit(Net(), DataLoader(Rows(), batch_size=32))"
)


def repair(path: Path, settings: Settings = SETTINGS) -> Report:
    """Fix a file or folder in memory."""
    root = path if path.is_dir() else path.parent
    return run([path], replace(settings, root=settings.root or root), fix=True)


def repaired(path: Path, raw: bytes | str, settings: Settings = SETTINGS) -> bytes:
    """What becomes of ``raw`` when it is the content of the file ``path``; no problem may arise."""
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    report = repair(path, settings)
    assert not report.all_problems, report.all_problems
    return next((f.after for f in report.files if f.changed), path.read_bytes())


def faulty_tree(folder: Path, count: int) -> dict[Path, bytes]:
    """Write ``count`` faulty files below a folder; gives the content of each."""
    tree = {}
    for number in range(count):
        path = folder / f"part{number % 7}" / f"train{number}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# program {number}\n{FAULTY}")
        tree[path] = path.read_bytes()
    return tree
