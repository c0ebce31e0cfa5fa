"""The mined data: known facts of old releases, and the installed release by real imports."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import subprocess
import sys
import warnings
from typing import Any

import lightning.fabric
import lightning.pytorch as pl
import pytest
from lfix.codemods.lightning import api, mined
from lfix.codemods.lightning.api import RELEASES, Kind, State

NEWEST = RELEASES[-1]
PRESENT, DEPRECATED, RAISES, ABSENT = State

#: Every release from the first to the last one, by what becomes of the name there.
HISTORY = {
    "pytorch_lightning.Trainer": "present 1.0-2.6",
    "lightning.Trainer": "present 1.8-2.6",
    "pytorch_lightning.callbacks.model_checkpoint.ModelCheckpoint": "present 1.0-2.6",
    "pytorch_lightning.metrics": "present 1.0-1.2, deprecated 1.3-1.4",
    "pytorch_lightning.metrics.Accuracy": "present 1.0-1.2, deprecated 1.3-1.4",
    "pytorch_lightning.cli.LightningCLI": "present 1.7-2.6",
    "pytorch_lightning.utilities.cli.LightningCLI": (
        "present 1.3-1.6, deprecated 1.7-1.8, raises 1.9-1.9"
    ),
    "pytorch_lightning.core.lightning": "present 1.0-1.6, deprecated 1.7-1.8, raises 1.9-1.9",
    "pytorch_lightning.core.lightning.LightningModule": (
        "present 1.0-1.6, deprecated 1.7-1.8, raises 1.9-1.9"
    ),
    "pytorch_lightning.plugins.DDPPlugin": "present 1.2-1.5, deprecated 1.6-1.7, raises 1.8-1.9",
    "pytorch_lightning.plugins.training_type.ddp.DDPPlugin": (
        "present 1.2-1.5, deprecated 1.6-1.7, raises 1.8-1.9"
    ),
    "pytorch_lightning.strategies.DDPStrategy": "present 1.6-2.6",
    "pytorch_lightning.plugins.DDP2Plugin": ("present 1.2-1.5, deprecated 1.6-1.6, raises 1.7-1.9"),
    "pytorch_lightning.utilities.enums.AMPType": "present 1.2-1.8, deprecated 1.9-1.9",
    "pytorch_lightning.utilities.memory.get_memory_profile": "deprecated 1.5-1.6",
    "pytorch_lightning.loggers.NeptuneLogger": "present 1.0-2.5",
    "pytorch_lightning.loggers.neptune.NeptuneLogger": "present 1.0-2.5, raises 2.6-2.6",
    "pytorch_lightning.plugins.MixedPrecisionPlugin": "present 1.9-2.1, deprecated 2.2-2.6",
    "pytorch_lightning.strategies.HPUParallelStrategy": "present 1.6-2.0, raises 2.1-2.6",
    "pytorch_lightning.accelerators.HPUAccelerator.is_available": "present 1.6-2.0, raises 2.1-2.6",
    "pytorch_lightning.loggers.TestTubeLogger": "present 1.0-1.4, deprecated 1.5-1.6",
    "pytorch_lightning.utilities.seed.seed_everything": "present 1.0-1.7, deprecated 1.8-1.9",
    "pytorch_lightning.utilities.distributed.rank_zero_only": (
        "present 1.0-1.7, deprecated 1.8-1.9"
    ),
    "lightning_fabric.Fabric": "present 1.9-2.6",
    "lightning_lite.LightningLite": "present 1.8-1.8",
    "lightning.app.LightningApp": "present 1.8-2.3",
    "pytorch_lightning.Trainer.gpus": "present 1.0-1.5, deprecated 1.6-1.7, raises 1.8-1.9",
    "pytorch_lightning.Trainer.training_type_plugin": (
        "present 1.2-1.5, deprecated 1.6-1.7, raises 1.8-1.9"
    ),
    "pytorch_lightning.Trainer.running_sanity_check": "present 1.0-1.2, deprecated 1.3-1.4",
    "pytorch_lightning.Trainer.lr_schedulers": "present 1.0-1.5, deprecated 1.6-1.7",
    "pytorch_lightning.Trainer.tune": "present 1.0-1.9",
    "pytorch_lightning.Trainer.callback_metrics": "present 1.0-2.6",
    "pytorch_lightning.Trainer.limit_val_batches": "present 1.0-2.6",
    "pytorch_lightning.LightningModule.on_epoch_end": "present 1.0-1.5, deprecated 1.6-1.7",
    "pytorch_lightning.Callback.on_epoch_end": "present 1.0-1.5, deprecated 1.6-1.7",
    "pytorch_lightning.Callback.on_load_checkpoint": "present 1.0-2.6",
    "pytorch_lightning.LightningModule.training_epoch_end": "present 1.0-1.9",
    "pytorch_lightning.LightningModule.use_amp": "present 1.0-1.5, deprecated 1.6-1.7",
    "pytorch_lightning.LightningModule.hparams": "present 1.0-2.6",
    "pytorch_lightning.LightningModule.device": "present 1.0-2.6",
    "pytorch_lightning.LightningDataModule.on_save_checkpoint": (
        "present 1.0-1.5, deprecated 1.6-1.7, raises 1.8-1.9"
    ),
    "pytorch_lightning.LightningModule.on_save_checkpoint": "present 1.0-2.6",
    "pytorch_lightning.callbacks.ModelCheckpoint.save_checkpoint": (
        "present 1.0-1.5, deprecated 1.6-1.7, raises 1.8-1.9"
    ),
    "pytorch_lightning.no_such_thing": "",
    "torch.nn.Module": "",
}


def _history(name: str) -> str:
    spans: list[list[str]] = []
    for release in RELEASES:
        state = api.state(name, release).name.lower()
        if spans and spans[-1][0] == state:
            spans[-1][2] = release
        else:
            spans.append([state, release, release])
    return ", ".join(f"{s} {a}-{b}" for s, a, b in spans if s != "absent")


@pytest.mark.parametrize("name", HISTORY)
def test_states_over_the_releases(name: str) -> None:
    assert _history(name) == HISTORY[name]


def test_since_and_until_count_what_can_be_used() -> None:
    assert api.since("pytorch_lightning.plugins.DDPPlugin") == "1.2"
    assert api.until("pytorch_lightning.plugins.DDPPlugin") == "1.7"
    assert api.since("pytorch_lightning.no_such_thing") is None


@pytest.mark.parametrize(
    ("argument", "releases", "deprecated"),
    [
        ("gpus", "1.0-1.9", "1.7-1.9"),
        ("max_epochs", "1.0-2.6", ""),
        ("accelerator", "1.0-2.6", ""),
        ("strategy", "1.5-2.6", ""),
        ("devices", "1.4-2.6", ""),
        ("checkpoint_callback", "1.0-1.6", "1.5-1.6"),
        ("progress_bar_refresh_rate", "1.0-1.6", "1.5-1.6"),
        ("reload_dataloaders_every_epoch", "1.0-1.5", "1.4-1.5"),
        ("distributed_backend", "1.0-1.4", "1.4-1.4"),
        ("resume_from_checkpoint", "1.0-1.9", "1.5-1.9"),
        ("inference_mode", "1.8-2.6", ""),
        ("barebones", "2.0-2.6", ""),
    ],
)
def test_arguments_of_the_trainer(argument: str, releases: str, deprecated: str) -> None:
    known = {r: api.signature("lightning.pytorch.Trainer", r) for r in RELEASES}
    found = {r: s.parameter(argument) for r, s in known.items() if s and s.parameter(argument)}
    warned = [r for r, parameter in found.items() if parameter and parameter.deprecated]
    assert "-".join([min(found), max(found)]) == releases
    assert (f"{warned[0]}-{warned[-1]}" if warned else "") == deprecated


def test_parameters_have_kinds_and_defaults() -> None:
    old = api.signature("pytorch_lightning.Trainer", "1.9")
    new = api.signature("pytorch_lightning.Trainer", "2.0")
    assert old
    assert new
    assert old.parameter("logger") == api.Parameter("logger", "", "True")
    assert new.parameter("logger") == api.Parameter("logger", "*", "None")
    step = api.signature("pytorch_lightning.LightningModule.optimizer_step", "1.9")
    assert step
    assert [p.name for p in step.parameters][:4] == [
        *("epoch", "batch_idx", "optimizer", "optimizer_idx"),
    ]
    batch = api.signature("pytorch_lightning.Callback.on_train_batch_end", "1.6")
    assert batch
    assert [p.name for p in batch.parameters][-1] == "unused"
    shim = api.signature("pytorch_lightning.plugins.DDPPlugin", "1.6")
    assert shim
    assert (shim.args, shim.kwargs) == ("args", "kwargs")
    assert shim.takes("anything")
    assert api.signature("pytorch_lightning.Trainer.callback_metrics", "2.6") is None


def test_two_paths_are_known_to_be_one_object() -> None:
    one = api.definition("pytorch_lightning.callbacks.Callback", "1.4")
    assert one == "lightning.pytorch.callbacks.base.Callback"
    assert one == api.definition("pytorch_lightning.Callback", "1.4")
    # The same path, another object: a class of its own stands there to tell that it is over.
    assert api.definition("pytorch_lightning.callbacks.base.Callback", "1.9") != api.definition(
        "pytorch_lightning.Callback", "1.9"
    )
    inherited = api.definition("pytorch_lightning.LightningModule.train_dataloader", "2.6")
    assert inherited == "lightning.pytorch.core.hooks.DataHooks.train_dataloader"


def test_homes_are_told_best_first() -> None:
    assert api.homes("Trainer", "1.7")[0] == "lightning.pytorch.Trainer"
    assert api.homes("ModelCheckpoint", "2.6")[:2] == (
        "lightning.pytorch.callbacks.ModelCheckpoint",
        "lightning.pytorch.callbacks.model_checkpoint.ModelCheckpoint",
    )
    # The package before the module of two words that merely imports it.
    assert api.homes("CheckpointIO", "2.6")[0] == "lightning.fabric.plugins.CheckpointIO"
    assert "lightning.fabric.connector.CheckpointIO" in api.homes("CheckpointIO", "2.6")
    assert api.homes("DDPPlugin", "2.6") == ()


def test_classes_of_torch_leave_questions_open() -> None:
    assert api.is_open("lightning.pytorch.LightningModule", NEWEST)
    assert not api.is_open("lightning.pytorch.Trainer", NEWEST)
    assert not api.is_open("lightning.pytorch.Callback", "1.5")
    assert api.mro("lightning.pytorch.LightningModule", "1.5")[-1] == "torch.nn.Module"


def test_distributions_by_release() -> None:
    assert api.distributions("pytorch_lightning.Trainer", "1.5") == ("pytorch-lightning",)
    assert api.distributions("pytorch_lightning.Trainer", "2.0") == (
        *("pytorch-lightning", "lightning"),
    )
    assert api.distributions("lightning.fabric.Fabric", "2.0") == ("lightning-fabric", "lightning")
    assert api.distributions("lightning.fabric.Fabric", "1.5") == ()


def test_an_unknown_release_is_an_error() -> None:
    with pytest.raises(KeyError):
        api.state("lightning.pytorch.Trainer", "3.0")


def test_the_data_is_read_on_the_first_question_only() -> None:
    code = (
        "from lfix.codemods.lightning import api, mined\n"
        "assert not mined.paths.cache_info().currsize\n"
        "api.state('lightning.pytorch.Trainer', '2.6')\n"
        "assert mined.paths.cache_info().currsize\n"
        "assert not mined.members.cache_info().currsize\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# The installed release, by real imports.

#: Defined under a test for an optional package, which the tests do without.
WITH_CLICK = {f"lightning.fabric.cli.{name}" for name in ("_consolidate", "_main", "_run")}


def _modules() -> list[str]:
    spans = mined.paths().modules
    names = [f"lightning{n}" for n, s in spans.items() if mined.at(s, len(RELEASES) - 1)]
    return [n for n in sorted(names) if n.startswith(("lightning.pytorch", "lightning.fabric"))]


def _import(name: str) -> Any:
    """The module, or None where the environment lacks a package that the module is made for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            # An optional package may be missing; a part of Lightning must not be.
            if str(error.name).startswith("lightning."):
                raise
            return None


def test_every_name_that_the_newest_release_has_can_be_imported() -> None:
    missing, seen = [], 0
    for module in _modules():
        held = _import(module)
        if held is None:
            continue
        for name in api.members(module, NEWEST):
            seen += 1
            if not hasattr(held, name) and f"{module}.{name}" not in WITH_CLICK:
                missing.append(f"{module}.{name}")
    assert seen > 2000
    assert missing == []


def test_every_public_name_of_the_newest_release_is_known() -> None:
    unknown = []
    for module in _modules():
        held = _import(module)
        known = set(api.members(module, NEWEST))
        for name, value in vars(held).items() if held is not None else ():
            home = str(getattr(value, "__module__", ""))
            if name.startswith("_") or inspect.ismodule(value) or name in known:
                continue
            if home.startswith("lightning.") and not home.startswith("lightning.__"):
                unknown.append(f"{module}.{name} ({home})")
    assert unknown == []


def _classes() -> list[tuple[str, type]]:
    found = {}
    for module in _modules():
        held = _import(module)
        for name in api.members(module, NEWEST) if held is not None else ():
            full = f"{module}.{name}"
            if api.kind(full, NEWEST) is Kind.CLASS:
                value = getattr(held, name)
                if inspect.isclass(value) and value.__module__ == module:
                    found[full] = value
    return sorted(found.items())


def test_every_class_has_the_members_that_it_is_said_to_have() -> None:
    wrong = []
    for full, cls in _classes():
        for name in api.members(full, NEWEST):
            member = f"{full}.{name}"
            kind = api.kind(member, NEWEST)
            if kind is not Kind.ATTRIBUTE and not hasattr(cls, name):
                wrong.append(member)
    assert wrong == []


def test_every_signature_is_that_of_the_class() -> None:
    wrong, seen = [], 0
    for full, cls in _classes():
        found = api.signature(full, NEWEST)
        if found is None or "__init__" not in cls.__dict__ or api.state(full, NEWEST):
            continue
        seen += 1
        real = inspect.signature(cls.__dict__["__init__"]).parameters.values()
        plain = {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}
        names = [p.name for p in real if p.kind in plain][1:]
        if [p.name for p in found.parameters] != names:
            wrong.append(f"{full}: {names} != {found.parameters}")
    assert seen > 100
    assert wrong == []


@pytest.mark.parametrize("cls", [pl.Trainer, lightning.fabric.Fabric])
def test_every_argument_is_that_of_the_signature(cls: type) -> None:
    found = api.parameters(f"{cls.__module__}.{cls.__name__}", NEWEST)
    real = list(inspect.signature(cls).parameters.values())
    assert found
    assert [p.name for p in found] == [p.name for p in real]
    for mine, theirs in zip(found, real, strict=True):
        assert (mine.kind == "*") == (theirs.kind is inspect.Parameter.KEYWORD_ONLY), mine.name
        assert (mine.default is None) == (theirs.default is inspect.Parameter.empty), mine.name
        if mine.default is not None:
            assert mine.default == repr(theirs.default), mine.name


@pytest.mark.parametrize("cls", [pl.LightningModule, pl.LightningDataModule, pl.Callback])
def test_every_hook_has_the_parameters_that_it_really_has(cls: type) -> None:
    own = {
        name: value
        for base in reversed(cls.__mro__)
        if base.__module__.startswith("lightning.")
        for name, value in vars(base).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }
    for name, function in own.items():
        found = api.signature(f"lightning.pytorch.{cls.__name__}.{name}", NEWEST)
        real = list(inspect.signature(function).parameters.values())[1:]
        assert found, name
        listed = [p.name for p in found.parameters]
        for star in (found.args, found.kwargs):
            listed += [star] if star else []
        assert sorted(listed) == sorted(p.name for p in real), name
