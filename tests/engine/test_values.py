from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.kinds import is_surely, may_be
from lfix.codemods.engine.values import infer

from .code import asked, parsed

HEAD = """\
from typing import Dict, List, Optional, Tuple, Union
import pytorch_lightning as pl
import torch
from torch.utils.data import ConcatDataset, DataLoader, Dataset, Subset, TensorDataset, random_split
class Rows(Dataset):
    pass
"""


def _kinds(tmp_path: Path, code: str) -> set[str]:
    file = parsed(tmp_path, HEAD + code)
    return {t.kind for t in infer(file, asked(file))}


@pytest.mark.parametrize(
    "code",
    [
        "ask(Rows())",
        "class Own(Dataset):\n    @classmethod\n    def made(cls):\n        ask(cls())",
        "ask(TensorDataset(x))",
        "ask(ConcatDataset([a, b]))",
        "x = Rows()\ny = x\nask(y)",
        "a, b = random_split(Rows(), [1, 2])\nask(b)",
        "ask(random_split(Rows(), [1, 2])[0])",
        "parts = random_split(Rows(), [1, 2])\nask(parts[1])",
        "for part in random_split(x, [1, 2]):\n    ask(part)",
        "def f(x: Dataset):\n    ask(x)",
        "def f(x: 'Rows'):\n    ask(x)",
        "def f(*, x: Dataset[int] = None):\n    ask(x)",
        "def make():\n    return Rows()\nask(make())",
        "def make() -> Dataset:\n    return load()\nask(make())",
        "def make():\n    a = Rows()\n    return a, 1\nask(make()[0])",
        "def make():\n    return Rows(), Rows()\na, b = make()\nask(b)",
        "x = {'a': Rows()}\nask(x['a'])",
        "x = [Rows() for i in y]\nask(x[3])",
        "x = Rows() if a else TensorDataset()\nask(x)",
        "x: Dataset = load()\nask(x)",
        "ask(x := Rows())",
        "class A:\n    def f(self):\n        self.x = Rows()\n    def g(self):\n        ask(self.x)",
        "class A:\n    x = Rows()\nclass B(A):\n    def g(self):\n        ask(self.x)",
        "class A:\n    x: Dataset\n    def g(self):\n        ask(self.x)",
        (
            "class A:\n    def f(self):\n        self.x, self.y = random_split(z, [1])\n"
            "    def g(self):\n        ask(self.y)"
        ),
        (
            "class A:\n    @property\n    def x(self):\n        return Rows()\n"
            "    def g(self):\n        ask(self.x)"
        ),
        "class A:\n    def make(self):\n        return Rows()\n    def g(self):\n        ask(self.make())",
        "class A:\n    def __init__(self, x: Dataset):\n        self.x = x\na = A(z)\nask(a.x)",
        "def f(x: List[Dataset]):\n    ask(x[0])",
        "def f(x: Tuple[int, Dataset]):\n    ask(x[1])",
        "def f(x: Dict[str, Dataset]):\n    ask(x['a'])",
        "def f(x: Union[Rows, Subset]):\n    ask(x)",
        "def f(x: Rows | Subset):\n    ask(x)",
    ],
)
def test_what_is_surely_a_dataset(tmp_path: Path, code: str) -> None:
    file = parsed(tmp_path, HEAD + code)
    assert is_surely(infer(file, asked(file)), "Dataset")


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        ("ask(DataLoader(Rows()))", {"DataLoader"}),
        ("ask(pl.Trainer())", {"Trainer"}),
        ("ask(Rows)", {"class"}),
        ("ask([Rows(), 1])", {"list"}),
        ("ask((Rows(),))", {"tuple"}),
        ("ask({'a': 1})", {"dict"}),
        ("ask(None)", {"none"}),
        ("ask('text')", {"constant"}),
        ("ask(torch.optim.Adam(p))", {"optimizer"}),
        ("ask(torch.optim.lr_scheduler.StepLR(o))", {"scheduler"}),
        ("def f(x: Optional[Dataset]):\n    ask(x)", {"Dataset", "none"}),
        ("def f(x: Dataset | None):\n    ask(x)", {"Dataset", "none"}),
        ("x = Rows() if a else DataLoader(b)\nask(x)", {"Dataset", "DataLoader"}),
        (
            "def f():\n    if a:\n        return Rows()\n    return None\nask(f())",
            {"Dataset", "none"},
        ),
        ("def f():\n    pass\nask(f())", {"none"}),
        ("class A(pl.LightningModule):\n    def f(self):\n        ask(self)", {"LightningModule"}),
    ],
)
def test_kinds(tmp_path: Path, code: str, kinds: set[str]) -> None:
    assert _kinds(tmp_path, code) == kinds


@pytest.mark.parametrize(
    "code",
    [
        "ask(load())",
        "def f(x):\n    ask(x)",
        "def f(x=Rows()):\n    ask(x)",
        "async def f():\n    return Rows()\nask(f())",
        "def f():\n    yield Rows()\nask(f())",
        "x = Rows()\nx = change(x)\nask(x)",
        "class A:\n    def f(self):\n        self.x = load()\n    def g(self):\n        ask(self.x)",
        "def f():\n    return f()\nask(f())",
        "class A:\n    def f(self):\n        self.x = self.x\n        ask(self.x)",
        "x = y\ny = x\nask(x)",
        "a, b = random_split(x, [1])[1:]\nask(a[0])",
    ],
)
def test_what_cannot_be_followed_is_not_sure(tmp_path: Path, code: str) -> None:
    file = parsed(tmp_path, HEAD + code)
    types = infer(file, asked(file))
    assert may_be(types, "unknown")
    assert not is_surely(types, "Dataset")


def test_values_come_from_other_files(tmp_path: Path) -> None:
    more = {
        "data.py": "from torch.utils.data import TensorDataset\n"
        "def make(n):\n    parts = [TensorDataset()]\n    return parts[0], n\nSET = make(1)[0]\n"
    }
    file = parsed(tmp_path, "import data\nask(data.make(2)[0])\nask(data.SET)\n", more)
    assert is_surely(infer(file, asked(file, 0)), "Dataset")
    assert is_surely(infer(file, asked(file, 1)), "Dataset")
