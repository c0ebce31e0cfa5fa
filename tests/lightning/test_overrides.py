"""The rows of overridden methods, against what the releases really have."""

from __future__ import annotations

import inspect

import pytest
from lfix.codemods.lightning import api
from lfix.codemods.lightning.overrides import Override, kind_of, overrides
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch.accelerators import Accelerator
from lightning.pytorch.loggers import Logger
from lightning.pytorch.plugins import Precision
from lightning.pytorch.strategies import DDPStrategy

CLASSES: dict[str, type] = {
    "Precision": Precision,
    "Strategy": DDPStrategy,
    "Accelerator": Accelerator,
    "ClusterEnvironment": LightningEnvironment,
    "Logger": Logger,
}
#: The classes of the rows under the names that they had, the newest first.
OLD_NAMES = {
    "Precision": ("plugins.PrecisionPlugin",),
    "Strategy": ("strategies.DDPStrategy", "plugins.DDPPlugin"),
    "Accelerator": ("accelerators.Accelerator",),
    "ClusterEnvironment": ("plugins.environments.ClusterEnvironment",),
    "Logger": ("loggers.Logger", "loggers.LightningLoggerBase"),
}
ROWS = sorted(overrides().values(), key=lambda row: (row.owner, row.old))
THERE = api.State.DEPRECATED


def ids(row: Override) -> str:
    return f"{row.owner}.{row.old}"


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_the_old_method_was_there_and_the_new_one_is(row: Override) -> None:
    before = [r for r in api.RELEASES if tuple(map(int, r.split("."))) < version(row.removed)]
    names = [f"lightning.pytorch.{name}.{row.old}" for name in OLD_NAMES[row.owner]]
    assert any(api.state(name, release) <= THERE for name in names for release in before)
    assert bool(row.becomes) != bool(row.way_out)
    if not row.becomes:
        return
    new = inspect.getattr_static(CLASSES[row.owner], row.becomes)
    assert isinstance(new, property) == row.as_property
    if not row.as_property:
        assert tuple(inspect.signature(new).parameters)[1:] == row.parameters


def version(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))


@pytest.mark.parametrize("row", ROWS, ids=ids)
def test_lightning_does_not_have_the_old_method(row: Override) -> None:
    # What a class of checkpoint hooks gives precision plugins, and what is only warned about.
    kept = row.warns or row.old in ("on_load_checkpoint", "on_save_checkpoint")
    assert hasattr(CLASSES[row.owner], row.old) == kept


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lightning.pytorch.strategies.FSDPStrategy", "Strategy"),
        ("lightning.pytorch.plugins.DDPPlugin", "Strategy"),
        ("lightning.pytorch.plugins.MixedPrecisionPlugin", "Precision"),
        ("lightning.pytorch.plugins.SLURMEnvironment", "ClusterEnvironment"),
        ("lightning.pytorch.plugins.AsyncCheckpointIO", None),
        ("lightning.pytorch.callbacks.BackboneFinetuning", "BaseFinetuning"),
        ("lightning.pytorch.callbacks.Timer", None),
        ("lightning.pytorch.loggers.logger", None),
        ("lightning.fabric.plugins.Precision", None),
        ("other.strategies.DDPStrategy", None),
    ],
)
def test_the_kind_of_a_class(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind
