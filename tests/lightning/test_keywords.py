"""The rows of changed arguments, against the signatures of each release."""

from __future__ import annotations

import pytest
from lfix.codemods.lightning import api
from lfix.codemods.lightning.changes.keywords import KEYWORDS
from lfix.codemods.lightning.changes.row import Keyword, minor
from lfix.codemods.lightning.instead import instead

_NEWEST = api.RELEASES[-1]


def _keyword_id(row: Keyword) -> str:
    return f"{row.owner.removeprefix('lightning.pytorch.')}({row.old}=)"


def _formerly(row: Keyword) -> str:
    """What took the argument while it was one."""
    owners = (row.owner, *_EARLIER.get(row.owner, ()))
    return next(o for o in owners if any(_had(o, row.old, r) for r in api.RELEASES))


def _had(owner: str, name: str, release: str) -> bool:
    signature = api.signature(owner, release)
    return signature is not None and signature.parameter(name) is not None


#: What classes were called while they had the arguments in question.
_EARLIER = {
    "lightning.pytorch.callbacks.DeviceStatsMonitor": (
        "lightning.pytorch.callbacks.GPUStatsMonitor",
    ),
    "lightning.pytorch.loggers.TensorBoardLogger": ("lightning.pytorch.loggers.TestTubeLogger",),
    "lightning.pytorch.loggers.Logger": (
        "lightning.pytorch.loggers.LightningLoggerBase",
        "lightning.pytorch.loggers.base.LightningLoggerBase",
    ),
    "lightning.pytorch.profilers.PyTorchProfiler": ("lightning.pytorch.profiler.PyTorchProfiler",),
    "lightning.pytorch.strategies.DDPStrategy": ("lightning.pytorch.plugins.DDPPlugin",),
    "lightning.pytorch.strategies.DeepSpeedStrategy": (
        "lightning.pytorch.plugins.DeepSpeedPlugin",
    ),
    "lightning.pytorch.utilities.model_summary.ModelSummary": (
        "lightning.pytorch.core.memory.ModelSummary",
    ),
}
#: `category` was one of `*args`; by position or not, no release names it.
_KEYWORDS = [r for r in KEYWORDS if r.old != "category"]


@pytest.mark.parametrize("row", _KEYWORDS, ids=_keyword_id)
def test_an_argument_was_one_and_went_when_the_row_says(row: Keyword) -> None:
    had = [r for r in api.RELEASES if _had(_formerly(row), row.old, r)]
    if row.new == row.old:
        return
    gone = row.removed or row.deprecated
    assert minor(had[-1]) < minor(gone)
    if row.removed and row.deprecated and row.deprecated in had:
        assert row.deprecated != row.removed


@pytest.mark.parametrize("row", _KEYWORDS, ids=_keyword_id)
def test_what_an_argument_became_is_taken(row: Keyword) -> None:
    signature = api.signature(row.owner, _NEWEST)
    if signature is None:
        assert not row.new or api.until(row.owner) is not None
        return
    if row.new:
        assert signature.takes(row.new)
    else:
        assert signature.parameter(row.old) is None


@pytest.mark.parametrize(
    ("name", "argument", "wanted"),
    [
        ("callbacks.ModelCheckpoint", "period", "pass every_n_epochs="),
        ("callbacks.ModelCheckpoint", "filepath", "pass dirpath= and filename="),
        ("loggers.CometLogger", "offline", "pass online=not"),
        ("loggers.CSVLogger", "agg_key_funcs", "nothing: leave it away"),
        ("LightningModule.log", "tbptt_pad_token", "nothing: leave it away"),
        ("plugins.DDPPlugin", "num_nodes", "hand it to the Trainer"),
    ],
)
def test_the_way_out_of_an_argument(name: str, argument: str, wanted: str) -> None:
    assert wanted in (instead(f"lightning.pytorch.{name}", argument) or "")


def test_an_argument_that_is_fine_has_no_way_out() -> None:
    assert instead("lightning.pytorch.callbacks.ModelCheckpoint", "every_n_epochs") is None
