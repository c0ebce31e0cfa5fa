from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.classes import Class, Role, role_of_name

from .code import parsed


def _last(tmp_path: Path, code: str, more: dict[str, str] | None = None) -> Class:
    return parsed(tmp_path, code, more).classes[-1]


@pytest.mark.parametrize(
    ("base", "role"),
    [
        ("pl.LightningModule", Role.MODULE),
        ("pl.LightningDataModule", Role.DATAMODULE),
        ("pl.Callback", Role.CALLBACK),
        ("pl.callbacks.ModelCheckpoint", Role.CALLBACK),
        ("pl.callbacks.base.Callback", Role.CALLBACK),
        ("pl.loggers.TensorBoardLogger", Role.LOGGER),
        ("pl.Trainer", Role.TRAINER),
        ("pl.core.lightning.LightningModule", Role.MODULE),
        ("d.Dataset", Role.DATASET),
        ("d.Dataset[int]", Role.DATASET),
        ("d.IterableDataset", Role.DATASET),
        ("d.DataLoader", Role.LOADER),
        ("d.Sampler", Role.SAMPLER),
        ("torchvision.datasets.MNIST", Role.DATASET),
    ],
)
def test_a_base_gives_its_role(tmp_path: Path, base: str, role: Role) -> None:
    imports = "import pytorch_lightning as pl, torch.utils.data as d, torchvision\n"
    cls = _last(tmp_path, f"{imports}class A({base}): pass\nclass B(A): pass\n")
    assert cls.roles == {role}
    assert not cls.opaque or role in (Role.CALLBACK, Role.LOGGER)


def test_roles_cross_files_through_any_chain(tmp_path: Path) -> None:
    more = {
        "pkg/__init__.py": "from .base import *\n",
        "pkg/base.py": "from .deep.root import Root as R\nclass Base(R): pass\n",
        "pkg/deep/__init__.py": "",
        "pkg/deep/root.py": "import lightning as L\nclass Root(L.LightningModule): pass\n",
    }
    cls = _last(tmp_path, "import pkg\nclass A(pkg.Base): pass\nclass B(A): pass\n", more)
    assert cls.has(Role.MODULE)
    assert [c.name for c in cls.mro] == ["B", "A", "Base", "Root"]


def test_a_mixin_plays_what_it_is_mixed_into(tmp_path: Path) -> None:
    more = {
        "other.py": "import lightning as L\nfrom case import Mixin as M\n"
        "class Net(M, L.LightningModule): pass\n"
    }
    file = parsed(tmp_path, "class Mixin: pass\nclass Lonely: pass\n", more)
    mixin, lonely = file.classes
    assert mixin.plays(Role.MODULE)
    assert not mixin.has(Role.MODULE)
    assert not mixin.plays(Role.CALLBACK)
    assert not lonely.plays(Role.MODULE)


def test_a_base_of_which_nothing_is_known_is_told(tmp_path: Path) -> None:
    cls = _last(tmp_path, "class A(make()): pass\nclass B(A): pass\n")
    assert len(cls.unknown_bases) == 1
    assert cls.opaque
    assert not cls.roles
    assert _last(tmp_path, "import other\nclass A(other.Base): pass\n").opaque
    assert not _last(tmp_path, "import torch\nclass A(torch.nn.Module): pass\n").opaque


def test_classes_that_inherit_from_each_other_come_to_an_end(tmp_path: Path) -> None:
    more = {"other.py": "from case import A\nclass B(A): pass\n"}
    cls = _last(tmp_path, "from other import B\nclass A(B): pass\n", more)
    assert {c.name for c in cls.mro} == {"A", "B"}
    assert not cls.roles


def test_methods_values_and_attributes_come_from_the_bases_too(tmp_path: Path) -> None:
    code = (
        "class A:\n    n = 1\n    def f(self): pass\n    def g(self):\n        self.x, self.y = 1, 2\n"
        "class B(A):\n    n = 2\n    if a:\n        def f(this):\n            this.x = 3\n"
        "    @staticmethod\n    def s(x):\n        x.y = 4\n"
    )
    cls = _last(tmp_path, code)
    found = cls.method("f")
    assert found is not None
    assert found[0] is cls
    assert cls.method("g") is not None
    assert cls.method("h") is None
    assert [c.name for c, _ in cls.class_values("n")] == ["B", "A"]
    assert [(c.name, path) for c, _, _, path in cls.self_assignments("x")] == [
        ("B", ()),
        ("A", (0,)),
    ]
    assert [(c.name, path) for c, _, _, path in cls.self_assignments("y")] == [("A", (1,))]


@pytest.mark.parametrize(
    "name",
    [
        *("torch.utils.data.random_split", "torchvision.datasets.utils", "list", "torch.nn.Module"),
        *("pl_bolts.models.rl.common.memory.Buffer", "pl_bolts.datamodules.FashionDataset"),
        *("pl_bolts.Bolt", "pl_bolts.models.self_supervised.simclr.transforms.TrainTransform"),
    ],
)
def test_names_that_play_no_role(name: str) -> None:
    assert role_of_name(name) is None


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("pl_bolts.models.self_supervised.MocoV2", Role.MODULE),
        ("pl_bolts.models.mnist_module.LitMNIST", Role.MODULE),
        ("pl_bolts.models.self_supervised.moco.callbacks.MocoLRScheduler", Role.CALLBACK),
        ("pl_bolts.callbacks.PrintTableMetricsCallback", Role.CALLBACK),
        ("pl_bolts.datamodules.CIFAR10DataModule", Role.DATAMODULE),
        ("lightning.pytorch.callbacks.ModelCheckpoint", Role.CALLBACK),
    ],
)
def test_names_that_play_one(name: str, role: Role) -> None:
    assert role_of_name(name) is role
