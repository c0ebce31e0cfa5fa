"""What became of the Trainer's arguments, against the mined data of the releases."""

from __future__ import annotations

import pytest
from lfix.codemods.lightning import api
from lfix.codemods.lightning.trainer import (
    LEFT_LATER,
    OLD_DEVICE_ARGUMENTS,
    OLD_PRECISION_ARGUMENTS,
    REMOVED_ARGUMENTS,
    RENAMED_ARGUMENTS,
    SINCE_1_5,
    TRAINER_PARAMETERS,
    UNTIL_1_4,
)
from lfix.codemods.rules._trainer_arguments import HANDLERS

TRAINER = "lightning.pytorch.Trainer"
OLD = [r for r in api.RELEASES if r.startswith("1.")]
NEW = [r for r in api.RELEASES if r.startswith("2.")]


def arguments(release: str) -> set[str]:
    return {p.name for p in api.parameters(TRAINER, release) or ()}


def test_every_argument_that_is_gone_is_looked_after() -> None:
    gone = {name for release in OLD for name in arguments(release)} - TRAINER_PARAMETERS
    known = {*OLD_DEVICE_ARGUMENTS, *OLD_PRECISION_ARGUMENTS, *REMOVED_ARGUMENTS}
    assert len(gone) == 29
    assert gone - known - RENAMED_ARGUMENTS.keys() - HANDLERS.keys() == set()


@pytest.mark.parametrize("new", sorted(set(RENAMED_ARGUMENTS.values())))
def test_a_new_name_is_there_at_every_target(new: str) -> None:
    assert [release for release in NEW if new not in arguments(release)] == []


@pytest.mark.parametrize("old", [*RENAMED_ARGUMENTS, *REMOVED_ARGUMENTS, *HANDLERS])
def test_an_old_name_is_at_no_target(old: str) -> None:
    assert [release for release in NEW if old in arguments(release)] == []


def test_arguments_that_date_a_program() -> None:
    before, after = arguments("1.4"), arguments("1.5") | arguments("1.8")
    assert after - before >= SINCE_1_5
    assert not UNTIL_1_4 & arguments("1.5")


@pytest.mark.parametrize(
    "name",
    [
        "utilities.grad_norm",
        "utilities.CombinedLoader",
        "tuner.Tuner.lr_find",
        "tuner.Tuner.scale_batch_size",
        "accelerators.find_usable_cuda_devices",
        "LightningModule.clip_gradients",
        "LightningModule.prepare_data_per_node",
        "LightningDataModule.prepare_data_per_node",
        "Trainer.ckpt_path",
        *(
            f"callbacks.{cls}"
            for cls in (
                "DeviceStatsMonitor",
                "GradientAccumulationScheduler",
                "ModelCheckpoint",
                "ModelSummary",
                "StochasticWeightAveraging",
                "TQDMProgressBar",
            )
        ),
    ],
)
def test_what_fixes_write_is_there_at_every_target(name: str) -> None:
    full = f"lightning.pytorch.{name}"
    assert [r for r in NEW if api.state(full, r) is not api.State.PRESENT] == []


def test_keywords_of_what_fixes_write() -> None:
    for release in NEW:
        find = api.signature("lightning.pytorch.tuner.Tuner.lr_find", release)
        scale = api.signature("lightning.pytorch.tuner.Tuner.scale_batch_size", release)
        assert find is not None
        assert scale is not None
        assert all(find.takes(n) for n in ("model", "train_dataloaders", "datamodule", "attr_name"))
        assert all(scale.takes(n) for n in ("model", "val_dataloaders", "datamodule", "mode"))


def test_hardware_left_when_its_classes_did() -> None:
    for name, last in (("ipu", "IPUAccelerator"), ("hpu", "HPUAccelerator")):
        full = f"lightning.pytorch.accelerators.{last}"
        assert api.state(full, "2.0") is api.State.PRESENT
        assert api.state(full, LEFT_LATER[name]) > api.State.DEPRECATED
