"""What a version check keeps away from the target is no fault there."""

from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.settings import Settings
from lfix.codemods.formats.run import run

_CODE = """\
import importlib.metadata
import torch
import torchmetrics
import pytorch_lightning as pl
from packaging import version
from packaging.version import parse, Version
from torchmetrics import __version__ as metrics_version

NEW = version.parse(pl.__version__) >= version.parse("2.0")
if {test}:
    metric = torchmetrics.Accuracy()
else:
    metric = torchmetrics.Accuracy(task="binary")
"""


def _found(folder: Path, code: str, **settings: str) -> list[tuple[int, str]]:
    (folder / "case.py").write_text(code)
    wanted = Settings(root=folder, select=frozenset({"LF505"}), jobs=1, **settings)  # type: ignore[arg-type]
    return [(f.line, f.code) for f in run([folder], wanted, fix=False).left]


@pytest.mark.parametrize(
    "test",
    [
        'version.parse(pl.__version__) < version.parse("2.0")',
        "not NEW",
        "not parse(metrics_version) > parse(0.8)",
        'Version("1.9") >= Version(pl.__version__)',
        'pl.__version__.startswith("1.")',
        'pl.__version__ < "2.0"',
        'parse(importlib.metadata.version("pytorch-lightning")) <= parse("1.9.5")',
        "int(pl.__version__.split('.')[0]) < 2",
        "tuple(map(int, pl.__version__.split('.')[:2])) < (2, 0)",
        'parse(metrics_version) < parse("0.11")',
        'parse(torch.__version__) < parse("1.8") and metric is None',
        'not (NEW or metric is None) and parse(torch.__version__) < parse("1.8")',
    ],
)
def test_code_for_older_releases_is_left_alone(tmp_path: Path, test: str) -> None:
    assert _found(tmp_path, _CODE.format(test=test)) == []


@pytest.mark.parametrize(
    "test",
    [
        'version.parse(pl.__version__) >= version.parse("2.0")',
        "NEW",
        'parse(pl.__version__) < parse("2.7")',
        'parse(other.__version__) < parse("0.1")',
        "version.parse(pl.__version__) < limit",
        "pl.__version__ in known",
        "metric is None",
        'NEW or parse(torch.__version__) < parse("1.8")',
        'parse(torch.__version__) < parse("1.8") or metric is None',
    ],
)
def test_what_the_target_may_run_is_looked_at(tmp_path: Path, test: str) -> None:
    assert _found(tmp_path, _CODE.format(test=test)) == [(11, "LF505")]


def test_the_target_decides(tmp_path: Path) -> None:
    code = _CODE.format(test='parse(pl.__version__) < parse("2.3")')
    assert _found(tmp_path, code, target="2.2.5") == [(11, "LF505")]
    assert _found(tmp_path, code, target="2.3.0") == []


def test_either_branch_of_an_expression(tmp_path: Path) -> None:
    code = (
        "import torchmetrics\nfrom packaging.version import parse\n"
        'NEW = parse(torchmetrics.__version__) > parse("0.11")\n'
        "a = torchmetrics.Accuracy(task='binary') if NEW else torchmetrics.Accuracy()\n"
        "b = torchmetrics.Accuracy() if NEW else torchmetrics.Accuracy()\n"
    )
    assert _found(tmp_path, code) == [(5, "LF505")]
