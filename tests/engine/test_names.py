from __future__ import annotations

from pathlib import Path

import pytest

from .code import asked, parsed

TRAINER = "lightning.pytorch.Trainer"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import pytorch_lightning as pl\nask(pl.Trainer)", TRAINER),
        ("import pytorch_lightning\nask(pytorch_lightning.Trainer)", TRAINER),
        ("import lightning as L\nask(L.Trainer)", TRAINER),
        ("import lightning.pytorch as pl\nask(pl.Trainer)", TRAINER),
        ("import lightning.pytorch\nask(lightning.pytorch.Trainer)", TRAINER),
        ("import lightning\nask(lightning.Trainer)", TRAINER),
        ("from lightning import Trainer as T\nask(T)", TRAINER),
        ("from lightning import pytorch as pl\nask(pl.Trainer)", TRAINER),
        ("from pytorch_lightning import Trainer\nask(Trainer)", TRAINER),
        ("from pytorch_lightning.trainer import Trainer\nask(Trainer)", TRAINER),
        ("from pytorch_lightning.trainer.trainer import Trainer\nask(Trainer)", TRAINER),
        ("from pytorch_lightning import *\nask(Trainer)", TRAINER),
        ("import pytorch_lightning as pl\nT = pl.Trainer\nU = T\nask(U)", TRAINER),
        (
            ("try:\n    from lightning import Trainer\nexcept ImportError:\n"
            "    from pytorch_lightning import Trainer\nask(Trainer)"),
            TRAINER,
        ),
        (
            ("try:\n    from lightning import Trainer\nexcept ImportError:\n    Trainer = None\n"
            "ask(Trainer)"),
            TRAINER,
        ),
        ("def f():\n    from lightning import Trainer\n    ask(Trainer)", TRAINER),
        (("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
         "    from lightning import Trainer\nask('Trainer')"), TRAINER),
        ("from torch.utils import data\nask(data.DataLoader)", "torch.utils.data.DataLoader"),
        ("import torch\nask(torch.utils.data.Dataset)", "torch.utils.data.Dataset"),
        ("import torch.utils.data as d\nask(d.Subset)", "torch.utils.data.Subset"),
        ("ask(list)", "list"),
    ],
)  # fmt: skip
def test_every_import_style_gives_the_canonical_name(tmp_path: Path, code: str, name: str) -> None:
    file = parsed(tmp_path, code)
    assert file.canonical(asked(file)) == name


@pytest.mark.parametrize(
    "code",
    [
        "from lightning import Trainer\nclass Trainer: pass\nask(Trainer)",
        "from lightning import Trainer\ndef f(Trainer):\n    ask(Trainer)",
        "from lightning import Trainer\nTrainer = make()\nask(Trainer)",
        "from lightning import Trainer\n[ask(Trainer) for Trainer in x]",
        "from lightning import Trainer\nwith x as Trainer:\n    ask(Trainer)",
        "from lightning import Trainer\nfor Trainer in x:\n    ask(Trainer)",
        "if a:\n    from lightning import Trainer\nelse:\n    Trainer = mine()\nask(Trainer)",
        "from mine import Trainer\nfrom lightning import Trainer as T\nif a:\n    T = 3\nask(T)",
        "class A:\n    from lightning import Trainer\n    def f(self):\n        ask(Trainer)",
        "ask(Trainer)",
        "ask(f().Trainer)",
    ],
)
def test_a_shadowed_or_unknown_name_is_none(tmp_path: Path, code: str) -> None:
    file = parsed(tmp_path, code)
    assert file.canonical(asked(file)) is None


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("from pkg import Trainer\nask(Trainer)", {"pkg/__init__.py": "from lightning import Trainer"}),
        (
            "from pkg import T\nask(T)",
            {
                "pkg/__init__.py": "from .compat import *",
                "pkg/compat.py": "from .deep import Trainer as T",
                "pkg/deep.py": "from pytorch_lightning import Trainer",
            },
        ),
        ("import pkg.compat as c\nask(c.Trainer)", {"pkg/__init__.py": "",
         "pkg/compat.py": "import lightning as L\nTrainer = L.Trainer"}),
        ("from pkg import pl\nask(pl.Trainer)",
         {"pkg/__init__.py": "import pytorch_lightning as pl"}),
        ("import pkg\nask(pkg.compat.Trainer)", {"pkg/__init__.py": "from . import compat",
         "pkg/compat.py": "from lightning import Trainer"}),
        ("from compat import Trainer\nask(Trainer)",
         {"src/compat.py": "from lightning import Trainer"}),
        ("from a import Trainer\nask(Trainer)", {
            "a.py": "try:\n    from b import Trainer\nexcept ImportError:\n    pass",
            "b.py": "from a import other\nfrom lightning import Trainer",
        }),
    ],
)  # fmt: skip
def test_re_exports_of_the_project_are_followed(
    tmp_path: Path, code: str, more: dict[str, str]
) -> None:
    file = parsed(tmp_path, code, more)
    assert file.canonical(asked(file)) == TRAINER


def test_modules_that_import_each_other_come_to_an_end(tmp_path: Path) -> None:
    more = {"a.py": "from b import X\nfrom b import *", "b.py": "from a import X\nfrom a import *"}
    file = parsed(tmp_path, "from a import X\nask(X)\nfrom a import Y\nask(Y)", more)
    assert file.canonical(asked(file, 0)) is None
    assert file.canonical(asked(file, 1)) is None


def test_a_module_of_the_project_hides_the_foreign_one(tmp_path: Path) -> None:
    file = parsed(
        tmp_path,
        "from lightning import Trainer\nask(Trainer)",
        {"lightning.py": "class Trainer: pass"},
    )
    assert file.canonical(asked(file)) is None
    (meaning,) = file.meanings(asked(file))
    assert not isinstance(meaning, str)
    assert meaning.file.path.name == "lightning.py"
