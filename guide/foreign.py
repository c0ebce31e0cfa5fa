"""The same measure over a table of changes in JSON whose examples are fragments without imports."""

from __future__ import annotations

import ast
import json
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lfix.codemods.engine.tree import UnparsableError

from .measure import look
from .same import normal
from .valid import faults

_LIGHTNING = (
    "Trainer", "LightningModule", "LightningDataModule", "Callback", "seed_everything",
)  # fmt: skip
_CALLBACKS = (
    "ModelCheckpoint", "EarlyStopping", "LearningRateMonitor", "TQDMProgressBar", "ModelSummary",
    "DeviceStatsMonitor", "StochasticWeightAveraging", "BaseFinetuning", "BackboneFinetuning",
    "GradientAccumulationScheduler", "RichProgressBar", "ModelPruning", "LambdaCallback",
    "BasePredictionWriter", "Timer", "ProgressBar", "GPUStatsMonitor", "QuantizationAwareTraining",
)  # fmt: skip
_LOGGERS = (
    "TensorBoardLogger",
    "CSVLogger",
    "WandbLogger",
    "MLFlowLogger",
    "CometLogger",
    "NeptuneLogger",
)
_IMPORTS = {
    "pl": "import pytorch_lightning as pl",
    "L": "import lightning as L",
    "torch": "import torch",
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "os": "import os",
    "Path": "from pathlib import Path",
    "DataLoader": "from torch.utils.data import DataLoader",
    "torchmetrics": "import torchmetrics",
    "ArgumentParser": "from argparse import ArgumentParser",
    "LightningCLI": "from pytorch_lightning.cli import LightningCLI",
    "rank_zero_only": "from pytorch_lightning.utilities import rank_zero_only",
    **{name: f"from pytorch_lightning import {name}" for name in _LIGHTNING},
    **{name: f"from pytorch_lightning.callbacks import {name}" for name in _CALLBACKS},
    **{name: f"from pytorch_lightning.loggers import {name}" for name in _LOGGERS},
}


@dataclass(frozen=True, slots=True)
class Judged:
    """How far lfix comes with one example; ``exact`` where the result is the published one."""

    id: str
    kind: str
    fixability: str
    recognized: bool
    fixed: bool
    exact: bool
    result: str


def judge(path: Path) -> list[Judged]:
    """Every example of a table.

    It is a list of objects with id, kind, fixability, example_before and example_after.
    """
    return [_judge(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def report(judged: list[Judged]) -> str:
    """The numbers, in all and by kind and fixability."""
    lines = [_line("all", judged)]
    for key in ("fixability", "kind"):
        names = Counter(getattr(j, key) for j in judged)
        lines += [
            _line(name, [j for j in judged if getattr(j, key) == name]) for name in sorted(names)
        ]
    return "\n".join(lines)


def _line(name: str, some: list[Judged]) -> str:
    recognized = sum(j.recognized for j in some)
    fixed, exact = sum(j.fixed for j in some), sum(j.exact for j in some)
    known = f"{name:<26} recognized {recognized}/{len(some)}"
    return f"{known}, fixed {fixed}/{len(some)}, as published {exact}"


def _judge(entry: dict[str, str]) -> Judged:
    before = program(entry["example_before"])
    head = before.count("\n") - entry["example_before"].count("\n") - 1
    ran = look("case.py", before, fix=True, unsafe=True)
    seen = look("case.py", before, fix=False).report.left
    recognized = any(f.line > head for f in seen)
    fixed = exact = False
    if ran.text != before:
        try:
            got = normal(ran.text)
            fixed = not faults(ran.text)
            exact = fixed and got == normal(program(entry["example_after"]))
        except UnparsableError:
            fixed = exact = False
    return Judged(
        entry["id"], entry["kind"], entry["fixability"], recognized, fixed, exact, ran.text
    )


def program(fragment: str) -> str:
    """A fragment as a program: in a class where it uses ``self``, and with imports."""
    text = fragment
    if _needs_class(text):
        base = "pl.Callback" if "pl_module" in text else "pl.LightningModule"
        inner = (
            text
            if text.lstrip().startswith(("def ", "@"))
            else f"def work(self):\n{_indented(text)}"
        )
        text = f"class Example({base}):\n{_indented(inner)}"
    tree = _tree(text)
    if tree is None:
        return fragment + "\n"
    names = {n.id: n.ctx for n in ast.walk(tree) if isinstance(n, ast.Name)}
    bound = {
        a.asname or a.name
        for n in ast.walk(tree)
        if isinstance(n, (ast.Import, ast.ImportFrom))
        for a in n.names
    }
    wanted = [_IMPORTS[n] for n in sorted(names) if n in _IMPORTS and n not in bound]
    head = "\n".join([*wanted, ""]) if wanted else ""
    return f"{head}{text}\n"


def _needs_class(text: str) -> bool:
    tree = _tree(text)
    if tree is None:
        return _tree(f"def work():\n{_indented(text)}") is not None
    if any(
        isinstance(s, ast.FunctionDef) and s.args.args[:1] and s.args.args[0].arg == "self"
        for s in tree.body
    ):
        return True
    return any(
        isinstance(n, ast.Name) and n.id == "self"
        for s in tree.body
        if not isinstance(s, (ast.ClassDef, ast.FunctionDef))
        for n in ast.walk(s)
    )


def _tree(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line.strip() else line for line in text.splitlines())


def main(path: str, *, verbose: bool) -> int:
    """Print the numbers of a table."""
    judged = judge(Path(path))
    if verbose:
        for one in judged:
            words = (
                "recognized" if one.recognized else "missed",
                "fixed" * one.fixed,
                "exact" * one.exact,
            )
            sys.stdout.write(
                f"{one.id} [{one.kind}, {one.fixability}]: {' '.join(filter(None, words))}\n"
            )
    sys.stdout.write(report(judged) + "\n")
    return 0
