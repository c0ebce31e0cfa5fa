"""The commonest messages, as releases from 1.0 to 2.6 word them, lead to the rules that repair."""

from __future__ import annotations

from pathlib import Path

import pytest
from lfix.codemods.engine.rule import registry
from lfix.codemods.engine.settings import Settings
from lfix.codemods.tracebacks.explain import explain
from lfix.codemods.tracebacks.known import KNOWN

_MESSAGES = (
    (
        "LF203",
        "NotImplementedError: Support for `validation_epoch_end` has been removed in v2.0.0.",
    ),
    (
        "LF203",
        "TypeError: Net.on_train_epoch_end() missing 1 required positional argument: 'outputs'",
    ),
    (
        "LF203",
        "TypeError: on_validation_epoch_end() missing 1 required positional argument: 'outputs'",
    ),
    ("LF404", "TypeError: training_step() missing 1 required positional argument: 'optimizer_idx'"),
    (
        "LF404",
        "RuntimeError: Training with multiple optimizers is only supported with manual "
        "optimization. Remove the `optimizer_idx` argument from `training_step`",
    ),
    ("LF201", "TypeError: on_train_batch_end() takes 6 positional arguments but 7 were given"),
    (
        "LF201",
        "TypeError: Log.on_train_batch_end() missing 1 required positional argument: 'dataloader_idx'",
    ),
    ("LF201", "TypeError: optimizer_step() got an unexpected keyword argument 'on_tpu'"),
    (
        "LF201",
        "TypeError: GAN.lr_scheduler_step() missing 1 required positional argument: 'metric'",
    ),
    (
        "LF201",
        "TypeError: configure_gradient_clipping() missing 1 required positional argument: "
        "'optimizer_idx'",
    ),
    (
        "LF202",
        "RuntimeError: The `Callback.on_pretrain_routine_start` hook has been removed in v1.8.",
    ),
    (
        "LF205",
        "pytorch_lightning.utilities.exceptions.MisconfigurationException: The closure hasn't "
        "been executed. HINT: did you call `optimizer_closure()` in your `optimizer_step` hook?",
    ),
    (
        "LF101",
        "TypeError: An invalid dataloader was passed to `Trainer.fit(train_dataloaders=...)`. "
        "Found <data.Rows object at 0x7f>.",
    ),
    (
        "LF102",
        "TypeError: An invalid dataloader was returned from `Net.train_dataloader()`. Found None.",
    ),
    ("LF103", "TypeError: fit() got an unexpected keyword argument 'train_dataloader'"),
    ("LF301", "TypeError: __init__() got an unexpected keyword argument 'gpus'"),
    (
        "LF301",
        "ValueError: You selected an invalid accelerator name: `accelerator='ddp'`. Available "
        "names are: auto, cpu, cuda, mps, tpu.",
    ),
    (
        "LF301",
        "ValueError: You selected an invalid strategy name: `strategy='dp'`. It must be either "
        "a string or an instance of `pytorch_lightning.strategies.Strategy`.",
    ),
    (
        "LF301",
        "MisconfigurationException: You requested GPUs: [0, 1]\n But your machine only has: []",
    ),
    (
        "LF301",
        "MisconfigurationException: `Trainer(devices=0)` value is not a valid input using cuda "
        "accelerator.",
    ),
    ("LF302", "ValueError: Precision 'mixed' is invalid. Allowed precision values: ('16-mixed', )"),
    (
        "LF303",
        "TypeError: Trainer.__init__() got an unexpected keyword argument 'checkpoint_callback'",
    ),
    (
        "LF303",
        "TypeError: Trainer.__init__() got an unexpected keyword argument "
        "'progress_bar_refresh_rate'",
    ),
    (
        "LF305",
        "MisconfigurationException: Trainer was configured with `enable_checkpointing=False` "
        "but found `ModelCheckpoint` in callbacks list.",
    ),
    (
        "LF309",
        "MisconfigurationException: Automatic gradient clipping is not supported for manual "
        "optimization. Remove `Trainer(gradient_clip_val=1.0)`",
    ),
    (
        "LF401",
        "MisconfigurationException: In automatic_optimization, when `training_step` returns a "
        "dict, the 'loss' key needs to be present",
    ),
    (
        "LF401",
        "RuntimeError: element 0 of tensors does not require grad and does not have a grad_fn",
    ),
    (
        "LF402",
        "MisconfigurationException: to use manual_backward, please disable automatic "
        "optimization: set model property `automatic_optimization` as False",
    ),
    (
        "LF403",
        "MisconfigurationException: No `configure_optimizers()` method defined. Lightning "
        "`Trainer` expects as minimum a `training_step()`",
    ),
    (
        "LF501",
        "ImportError: cannot import name 'seed_everything' from "
        "'pytorch_lightning.utilities.seed' (/env/pytorch_lightning/utilities/seed.py)",
    ),
    ("LF501", "ModuleNotFoundError: No module named 'pytorch_lightning.utilities.distributed'"),
    ("LF502", "ImportError: cannot import name 'TestTubeLogger' from 'pytorch_lightning.loggers'"),
    ("LF501", "AttributeError: module 'pytorch_lightning' has no attribute 'metrics'"),
    (
        "LF503",
        "TypeError: `model` must be a `LightningModule` or `torch._dynamo.OptimizedModule`, "
        "got `Net`",
    ),
    ("LF505", "TypeError: Accuracy.__new__() missing 1 required positional argument: 'task'"),
    ("LF508", "ValueError: Unexpected keyword arguments: `compute_on_step`"),
    ("LF601", "AttributeError: 'Trainer' object has no attribute 'training_type_plugin'"),
    ("LF601", "AttributeError: 'LitNet' object has no attribute 'use_amp'"),
    ("LF603", "AttributeError: property 'hparams' of 'Net' object has no setter"),
    (
        "LF701",
        "TypeError: ModelCheckpoint.__init__() got an unexpected keyword argument 'filepath'",
    ),
    ("LF803", "_pickle.UnpicklingError: Weights only load failed. This file can still be loaded"),
    ("LF813", "AttributeError: type object 'Trainer' has no attribute 'add_argparse_args'"),
    (
        "LF907",
        "RuntimeError: It looks like your LightningModule has parameters that were not used in "
        "producing the loss returned by training_step.",
    ),
    (
        "LF917",
        "MisconfigurationException: `configure_optimizers` must include a monitor when a "
        "`ReduceLROnPlateau` scheduler is used.",
    ),
    (
        "LF919",
        "RuntimeError: Early stopping conditioned on metric `val_loss` which is not available.",
    ),
)


@pytest.mark.parametrize(("code", "message"), _MESSAGES, ids=[m[:60] for _, m in _MESSAGES])
def test_message(code: str, message: str, tmp_path: Path) -> None:
    found = explain(f"Traceback (most recent call last):\n{message}\n", tmp_path, Settings())
    assert found is not None
    assert code in found.codes
    assert found.reason
    assert "{" not in found.reason


@pytest.mark.parametrize(
    "message",
    [
        "KeyError: 'image'",
        "AttributeError: 'Net' object has no attribute 'encoder'",
        "ModuleNotFoundError: No module named 'timm'",
        "TypeError: Rows.__init__() got an unexpected keyword argument 'split'",
        "RuntimeError: CUDA out of memory.",
        "ImportError: cannot import name 'Trainer' from 'transformers'",
    ],
)
def test_what_is_not_lightnings_is_left_to_the_user(message: str, tmp_path: Path) -> None:
    found = explain(message, tmp_path, Settings())
    assert found is not None
    assert found.codes == ()


def test_all_codes_are_rules() -> None:
    assert {code for row in KNOWN for code in row.codes} <= set(registry())


def test_the_users_own_files_decide(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(
        "import pytorch_lightning as pl\n\n\n"
        "def main():\n    return pl.Trainer(gpus=2)\n\n\n"
        "def other():\n    return pl.Trainer(accelerator='qpu', gpus=1, weights_summary=None)\n"
    )
    text = (
        "Traceback (most recent call last):\n"
        '  File "train.py", line 5, in main\n    return pl.Trainer(gpus=2)\n'
        "TypeError: __init__() got an unexpected keyword argument 'gpus'\n"
    )
    found = explain(text, tmp_path, Settings())
    assert found is not None
    assert [(f.code, f.line) for f in found.findings] == [("LF301", 5)]
    assert found.files == ((tmp_path / "train.py").resolve(),)
    unknown = explain(text.replace("TypeError: __init", "KeyError: 'x"), tmp_path, Settings())
    assert unknown is not None
    assert unknown.codes == ()
    assert [(f.code, f.line) for f in unknown.findings] == [("LF301", 5)]
