"""The tables of what Lightning accepts, against the installed release itself."""

from __future__ import annotations

import inspect
from typing import Any

import lightning
import lightning.pytorch as pl
import pytest
from lfix.codemods.engine.settings import NEWEST
from lfix.codemods.lightning.hooks import hooks
from lfix.codemods.lightning.removed_hooks import removed_hooks
from lfix.codemods.lightning.trainer import (
    ACCELERATORS,
    FABRIC_PARAMETERS,
    FABRIC_STRATEGIES,
    OLD_DEVICE_ARGUMENTS,
    STRATEGIES,
    TRAINER_PARAMETERS,
)
from lightning.fabric import Fabric
from lightning.fabric.strategies import STRATEGY_REGISTRY
from lightning.pytorch.callbacks import BaseFinetuning
from lightning.pytorch.plugins import Precision
from lightning.pytorch.strategies import Strategy, StrategyRegistry

OWNERS: dict[str, type] = {
    "LightningModule": pl.LightningModule,
    "LightningDataModule": pl.LightningDataModule,
    "Callback": pl.Callback,
}
#: Classes with methods that Lightning calls, of which the table has those that changed.
EXTENSIONS: dict[str, type] = {
    "Strategy": Strategy,
    "Precision": Precision,
    "BaseFinetuning": BaseFinetuning,
}
HOOKISH = ("on_", "setup", "teardown", "configure_", "prepare_data")
#: Still called, with a warning that names its successor.
WARNED = {("LightningModule", "configure_sharded_model")}
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def parameters(function: Any) -> list[inspect.Parameter]:
    """The named parameters of a method, without ``self``."""
    found = list(inspect.signature(function).parameters.values())[1:]
    return [p for p in found if p.kind not in VARIADIC]


def test_the_tables_are_of_the_installed_release() -> None:
    assert lightning.__version__ == NEWEST


@pytest.mark.parametrize(("owner", "name"), sorted(hooks()))
def test_a_hook_has_the_parameters_of_the_table(owner: str, name: str) -> None:
    hook = hooks()[owner, name]
    real = parameters(getattr({**OWNERS, **EXTENSIONS}[owner], name))
    if not real:
        # The steps take anything; what they are handed is in the loops.
        assert name.endswith("_step") or not hook.parameters
        return
    assert tuple(p.name for p in real) == hook.parameters
    assert sum(p.default is not p.empty for p in real) == hook.defaulted


@pytest.mark.parametrize("owner", sorted(OWNERS))
def test_every_hook_of_the_release_is_in_the_table(owner: str) -> None:
    real = {
        (owner, name)
        for name, _ in inspect.getmembers(OWNERS[owner], inspect.isfunction)
        if name.startswith(HOOKISH)
    }
    assert real - WARNED <= set(hooks())


def test_removed_hooks_are_gone() -> None:
    assert [key for key in removed_hooks() if hasattr(OWNERS[key[0]], key[1])] == []


def test_the_arguments_are_those_of_the_constructors() -> None:
    assert {p.name for p in parameters(pl.Trainer.__init__)} == TRAINER_PARAMETERS
    assert {p.name for p in parameters(Fabric.__init__)} == FABRIC_PARAMETERS
    assert not OLD_DEVICE_ARGUMENTS & TRAINER_PARAMETERS


def test_the_strategies_are_registered() -> None:
    assert STRATEGIES - {"auto"} <= set(StrategyRegistry.available_strategies())
    assert FABRIC_STRATEGIES - {"auto"} <= set(STRATEGY_REGISTRY.available_strategies())


@pytest.mark.parametrize("name", ["CPU", "my_cpu", "ddp", "qpu"])
def test_the_trainer_refuses_what_the_table_lacks(name: str) -> None:
    assert name not in ACCELERATORS
    with pytest.raises(ValueError, match="invalid accelerator name"):
        pl.Trainer(accelerator=name, logger=False)
