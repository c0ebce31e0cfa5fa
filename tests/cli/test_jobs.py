"""Several processes see what one sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..laws.process import Lfix, snapshot
from ..laws.programs import FAULTY

ON = ("--select", "LF101,LF102")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Classes whose roles lie in other files, mixins and broken files among forty scripts."""
    pkg = tmp_path / "pkg"
    pkg.mkdir()
    (pkg / "__init__.py").write_text("from .base import Rows as Base\n")
    (pkg / "base.py").write_text(
        "from torch.utils.data import Dataset\n\n\nclass Rows(Dataset):\n    pass\n"
    )
    (pkg / "mixin.py").write_text(
        "from .base import Rows\n\n\nclass Loading:\n"
        "    def train_dataloader(self):\n        return Rows()\n"
    )
    for number in range(40):
        (tmp_path / f"train{number:02}.py").write_text(
            "import pytorch_lightning as pl\nfrom pkg import Base\n"
            "from pkg.mixin import Loading\n\n\n"
            f"class Rows{number}(Base):\n    pass\n\n\n"
            "class Data(Loading, pl.LightningDataModule):\n"
            f"    def val_dataloader(self):\n        return Rows{number}()\n\n\n"
            f"pl.Trainer().fit(pl.LightningModule(), Rows{number}())\n"
        )
    for number in range(3):
        (tmp_path / f"broken{number}.py").write_text(f"trainer.fit({'(' * number}")
    (tmp_path / "told.py").write_text(FAULTY.replace("Rows())", "train_set)"))
    return tmp_path


@pytest.mark.parametrize("format_", ["text", "json"])
def test_the_report_is_the_same(project: Path, lfix: Lfix, format_: str) -> None:
    words = (*ON, "--format", format_)
    one = lfix("check", *words, "--jobs", "1", cwd=project, env={"XDG_CACHE_HOME": "/dev/null"})
    two = lfix("check", *words, "--jobs", "2", cwd=project, env={"XDG_CACHE_HOME": "/dev/null"})
    assert one == two
    assert one.code == 2
    if format_ == "json":
        assert len(one.json["left"]) == 82
        assert len(one.json["problems"]) == 3


def test_the_same_is_written(project: Path, lfix: Lfix) -> None:
    lfix("apply", *ON, "--jobs", "1", cwd=project)
    alone = snapshot(project)
    lfix("undo", cwd=project)
    assert snapshot(project) != alone
    lfix("apply", *ON, "--jobs", "2", cwd=project)
    assert snapshot(project) == alone
