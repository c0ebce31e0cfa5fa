"""Every outcome, with real processes and the installed Lightning."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest
import torch
from lfix.codemods.verify import Outcome, Stage, Status

pytestmark = pytest.mark.usefixtures("warm")

Run = Callable[..., Outcome]
Program = Callable[..., str]

LOADER = "DataLoader(Rows(), batch_size=8)"

GOOD = {
    "dictionary": {
        "step": """
            def training_step(self, batch, batch_idx):
                loss = self.loss_of(batch)
                self.log_dict({"train_loss": loss, "twice": 2 * loss})
                return {"loss": loss}
            """
    },
    "validation": {
        "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def validation_step(self, batch, batch_idx):
                self.log("val_loss", self.loss_of(batch))
            """,
        "main": f"""
from lightning.pytorch.callbacks import EarlyStopping, ModelCheckpoint, LearningRateMonitor
pl.Trainer(
    callbacks=[
        EarlyStopping("val_loss"),
        ModelCheckpoint(monitor="val_loss"),
        LearningRateMonitor(),
    ],
    max_epochs=50,
    accumulate_grad_batches=4,
    val_check_interval=2,
    strategy="ddp",
    accelerator="gpu",
    devices=8,
    precision="16-mixed",
).fit(Net(), {LOADER}, {LOADER})
""",
    },
    "manual-gan": {
        "step": """
            def __init__(self):
                super().__init__()
                self.automatic_optimization = False
                self.layer = nn.Linear(10, 2)
                self.critic = nn.Linear(2, 1)

            def training_step(self, batch, batch_idx):
                first, second = self.optimizers()
                made = self.layer(batch[0])
                self.toggle_optimizer(first)
                first.zero_grad()
                self.manual_backward(self.critic(made).mean())
                first.step()
                self.untoggle_optimizer(first)
                self.toggle_optimizer(second)
                second.zero_grad()
                self.manual_backward(-self.critic(made.detach()).mean())
                second.step()
                self.untoggle_optimizer(second)

            def configure_optimizers(self):
                return [
                    torch.optim.SGD(self.layer.parameters(), lr=0.1),
                    torch.optim.SGD(self.critic.parameters(), lr=0.1),
                ]
            """
    },
    "warm-up": {
        "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def configure_optimizers(self):
                optimizer = torch.optim.Adam(self.parameters(), lr=0.02)
                total = self.trainer.estimated_stepping_batches
                warm_up = total // 10
                schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda i: i / warm_up)
                return [optimizer], [{"scheduler": schedule, "interval": "step"}]
            """,
        "main": f"pl.Trainer(max_epochs=100).fit(Net(), {LOADER})",
    },
    "lbfgs": {
        "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def configure_optimizers(self):
                return torch.optim.LBFGS(self.parameters(), max_iter=3)
            """
    },
    "logger-used-in-the-step": {
        "step": """
            def training_step(self, batch, batch_idx):
                self.logger.experiment.add_scalar("x", 1.0, batch_idx)
                open(self.trainer.log_dir + "/sample.txt", "w").close()
                return self.loss_of(batch)
            """
    },
    "spawn-guard-and-workers": {
        "main": """
if __name__ == "__main__":
    loader = DataLoader(Rows(), batch_size=8, num_workers=1, multiprocessing_context="spawn")
    pl.Trainer(max_epochs=1).fit(Net(), loader)
"""
    },
    "batching-iterable-loader": {
        "extra": """
class RowLoader(IterableDataset):
    def __iter__(self):
        yield torch.randn(4, 10), torch.zeros(4, dtype=torch.long)
""",
        "main": "pl.Trainer(max_epochs=1).fit(Net(), RowLoader())",
    },
    "hooks-with-names-of-their-own": {
        "extra": """
class Watch(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, batch_outputs, minibatch, index):
        self.seen = batch_outputs["loss"]

    def on_train_epoch_end(self, *args):
        pass
""",
        "main": f"pl.Trainer(max_epochs=1, callbacks=[Watch()]).fit(Net(), {LOADER})",
    },
    "try-around-an-old-argument": {
        "main": f"""
try:
    trainer = pl.Trainer(gpus=1)
except TypeError:
    trainer = pl.Trainer(devices=1)
trainer.fit(Net(), {LOADER})
"""
    },
}


@pytest.mark.parametrize("name", GOOD)
def test_code_that_trains_is_verified(run: Run, make_program: Program, name: str) -> None:
    outcome = run(make_program(**GOOD[name]))
    assert outcome.summary() == "verified: one training step on cpu", outcome.output
    assert outcome.stage is Stage.HOOKS
    assert outcome.exit_code == 0
    assert not outcome.failing
    assert {check.name for check in outcome.checks} >= {
        "device",
        "gradients",
        "loader",
        "namespace",
        "optimizer step",
        "parameters",
    }
    assert outcome.changes == ()


# name: (program, stage reached, the check or the pattern that says why)
FAILING = {
    "nothing-returned": (
        {"step": "def training_step(self, batch, batch_idx):\n    self.loss_of(batch)\n"},
        Stage.HOOKS,
        r"^training_step at train\.py:\d+ returned None$",
    ),
    "dictionary-without-loss": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return {"value": self.loss_of(batch)}
            """
        },
        Stage.FORWARD,
        r"'loss' key needs to be present",
    ),
    "raw-dataset": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                x, y = batch
                return nn.functional.cross_entropy(self.layer(x[None]), y[None])
            """,
            "main": "pl.Trainer(max_epochs=1).fit(Net(), Rows())",
        },
        Stage.HOOKS,
        r"^a raw Dataset, Rows, is given as train_dataloaders at train\.py:\d+",
    ),
    "raw-dataset-from-a-datamodule": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                x, y = batch
                return nn.functional.cross_entropy(self.layer(x[None]), y[None])
            """,
            "extra": """
class Data(pl.LightningDataModule):
    def train_dataloader(self):
        return Rows()
""",
            "main": "pl.Trainer(max_epochs=1).fit(Net(), datamodule=Data())",
        },
        Stage.HOOKS,
        r"^a raw Dataset, Rows, is given as train_dataloader:",
    ),
    "own-backward-and-step": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                loss = self.loss_of(batch)
                optimizer = self.optimizers()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            """
        },
        Stage.HOOKS,
        r"^training_step at train\.py:\d+ returned None$",
    ),
    "own-step-and-loss-returned": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                loss = self.loss_of(batch)
                self.optimizers().step()
                return loss
            """
        },
        Stage.HOOKS,
        r"^2 optimizer steps for one batch$",
    ),
    "swapped-callback-hook": (
        {
            "extra": """
class Watch(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, batch, outputs, batch_idx):
        self.last = outputs
""",
            "main": f"pl.Trainer(max_epochs=1, callbacks=[Watch()]).fit(Net(), {LOADER})",
        },
        Stage.HOOKS,
        r"^Watch\.on_train_batch_end at train\.py:\d+ takes batch, outputs in another order",
    ),
    "swapped-callback-hook-that-raises": (
        {
            "extra": """
class Watch(pl.Callback):
    def on_train_batch_end(self, trainer, pl_module, batch, outputs, batch_idx):
        self.last = outputs["loss"]
""",
            "main": f"pl.Trainer(max_epochs=1, callbacks=[Watch()]).fit(Net(), {LOADER})",
        },
        Stage.STEP,
        r"^Watch\.on_train_batch_end at .* \(TypeError: .* at train\.py:\d+\)$",
    ),
    "swapped-module-hook": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def on_train_batch_end(self, batch, outputs, batch_idx):
                pass
            """
        },
        Stage.HOOKS,
        r"^Net\.on_train_batch_end at train\.py:\d+ takes batch, outputs in another order",
    ),
    "callback-hook-with-old-parameters": (
        {
            "extra": """
class Watch(pl.Callback):
    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx, dataloader_idx):
        pass
""",
            "main": f"pl.Trainer(max_epochs=1, callbacks=[Watch()]).fit(Net(), {LOADER})",
        },
        Stage.FIT_ENTERED,
        r"TypeError: .*dataloader_idx",
    ),
    "loss-not-a-number": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch) * float("nan")
            """
        },
        Stage.HOOKS,
        r"^the loss is nan$",
    ),
    "detached-loss": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch).detach()
            """
        },
        Stage.FORWARD,
        r"does not require grad",
    ),
    "zero-learning-rate": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), lr=0.0)
            """
        },
        Stage.HOOKS,
        r"^no trainable parameter changed: layer\.weight, layer\.bias \(learning rate 0\)$",
    ),
    "zero-gradients": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch) * 0.0

            def configure_optimizers(self):
                return torch.optim.AdamW(self.parameters(), lr=0.1)
            """
        },
        Stage.HOOKS,
        r"^all gradients are zero: layer\.weight, layer\.bias$",
    ),
    "infinite-gradients": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch) + (self.layer.bias - self.layer.bias).sqrt().sum()
            """
        },
        Stage.HOOKS,
        r"^not finite: layer\.bias$",
    ),
    "optimizer-that-is-not-stepped": (
        {
            "step": """
            def __init__(self):
                super().__init__()
                self.automatic_optimization = False
                self.layer = nn.Linear(10, 2)

            def training_step(self, batch, batch_idx):
                self.manual_backward(self.loss_of(batch))
            """
        },
        Stage.HOOKS,
        r"^0 steps, manual optimization$",
    ),
    "exception-swallowed": (
        {
            "step": "def training_step(self, batch, batch_idx):\n    raise ValueError('no')\n",
            "main": f"""
try:
    pl.Trainer(max_epochs=1).fit(Net(), {LOADER})
except Exception as error:
    print(error)
""",
        },
        Stage.FIRST_BATCH,
        r"^ValueError: no at train\.py:\d+$",
    ),
    "wrong-accelerator": (
        {"main": f'pl.Trainer(accelerator="my_cpu").fit(Net(), {LOADER})'},
        Stage.IMPORTED,
        r"invalid accelerator name.* at train\.py:\d+$",
    ),
    "removed-strategy-behind-a-missing-gpu": (
        {"main": f'pl.Trainer(accelerator="gpu", strategy="ddp_sharded").fit(Net(), {LOADER})'},
        Stage.IMPORTED,
        r"invalid strategy name",
    ),
    "removed-argument-swallowed": (
        {
            "main": f"""
try:
    pl.Trainer(gpus=1).fit(Net(), {LOADER})
except Exception:
    pass
"""
        },
        Stage.IMPORTED,
        r"TypeError: .*'gpus'",
    ),
    "removed-hook": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def training_epoch_end(self, outputs):
                pass
            """
        },
        Stage.FIT_ENTERED,
        r"training_epoch_end.* has been removed",
    ),
    "checkpoint-callback-switched-off": (
        {
            "main": f"""
from lightning.pytorch.callbacks import ModelCheckpoint
pl.Trainer(enable_checkpointing=False, callbacks=[ModelCheckpoint()]).fit(Net(), {LOADER})
"""
        },
        Stage.IMPORTED,
        r"MisconfigurationException: .*ModelCheckpoint",
    ),
    "module-gone": (
        {"extra": "from lightning.pytorch.utilities.types import EPOCH_OUTPUT"},
        Stage.IMPORTED,
        r"ImportError: cannot import name 'EPOCH_OUTPUT'.* at train\.py:\d+$",
    ),
    "submodule-gone": (
        {"extra": "import lightning.pytorch.plugins.training_type"},
        Stage.IMPORTED,
        r"ModuleNotFoundError: .* at train\.py:\d+$",
    ),
    "attribute-gone": (
        {"main": "pl.metrics.Accuracy()"},
        Stage.IMPORTED,
        r"AttributeError: .*'metrics' at train\.py:\d+$",
    ),
    "both-distributions": (
        {
            "extra": """
import pytorch_lightning
class Stop(pytorch_lightning.Callback):
    pass
"""
        },
        Stage.HOOKS,
        r"^lightning in train\.py and pytorch_lightning in train\.py",
    ),
    "no-batch": (
        {"main": "pl.Trainer(max_epochs=1).fit(Net(), DataLoader(Rows(4), 8, drop_last=True))"},
        Stage.FIT_ENTERED,
        r"without training a batch",
    ),
    "name-error-in-the-script": (
        {"main": "train(Net())"},
        Stage.IMPORTED,
        r"^NameError: name 'train' is not defined at train\.py:\d+$",
    ),
    "exit-inside-fit": (
        {"step": "def training_step(self, batch, batch_idx):\n    raise SystemExit(1)\n"},
        Stage.FIRST_BATCH,
        r"SystemExit",
    ),
    "death-inside-fit": (
        {
            "step": """
            def training_step(self, batch, batch_idx):
                import os
                os.abort()
            """
        },
        Stage.FIRST_BATCH,
        r"^the process ended by SIGABRT after 'first batch'",
    ),
}


@pytest.mark.parametrize("name", FAILING)
def test_code_that_does_not_train_fails(run: Run, make_program: Program, name: str) -> None:
    source, stage, pattern = FAILING[name]
    outcome = run(make_program(**source))
    assert outcome.status is Status.FAILED, outcome.summary()
    assert re.search(pattern, outcome.reason), outcome.reason
    assert outcome.stage is stage
    assert outcome.exit_code == 3


UNKNOWN = {
    "download": (
        """
        import urllib.request
        def load():
            urllib.request.urlopen("http://data.invalid/rows.csv")
        load()
        """,
        r"^the script tried to connect to data\.invalid at train\.py:4; pass --allow-net",
    ),
    "download-given-up": (
        """
        import socket
        try:
            socket.create_connection(("data.invalid", 80))
        except OSError:
            pass
        """,
        r"never reached Trainer\.fit, after it tried to connect to data\.invalid at train\.py:4;",
    ),
    "download-retried-for-ever": (
        """
        import socket, time
        while True:
            try:
                socket.create_connection(("data.invalid", 80))
            except OSError:
                time.sleep(0.01)
        """,
        r"^no progress for 3 s .*\(the script tried to connect to data\.invalid at train\.py:5;",
    ),
    "missing-package": (
        "import a_package_that_nobody_has.part",
        r"^the package a_package_that_nobody_has is not installed for .* at train\.py:1\)$",
    ),
    "never-fits": ("print(1)", r"^the script never reached Trainer\.fit$"),
    "needs-arguments": (
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--rows", required=True)
        parser.parse_args()
        """,
        r"^the script exited with status 2 .*: the following arguments are required: --rows$",
    ),
    "missing-file": ('open("rows.csv")', r"^FileNotFoundError: .*rows\.csv' at train\.py:1$"),
    "missing-variable": (
        "import os\nos.environ['LFIX_TEST_ROWS']",
        r"^the environment variable 'LFIX_TEST_ROWS' is not set at train\.py:2$",
    ),
    "removed-name-of-torch": (
        "from torch._six import string_classes",
        r"No module named 'torch\._six' at train\.py:1: not Lightning's",
    ),
    "removed-name-of-numpy": (
        "import numpy\nnumpy.no_such_name",
        r"module 'numpy' has no attribute 'no_such_name' at train\.py:2: not Lightning's",
    ),
    "death": ("import os\nos._exit(9)", r"^the process ended with status 9 after 'started'"),
    "hang": (
        "import time\ntime.sleep(10_000)\n",
        r"^no progress for 3 s after 'started' at train\.py:2;",
    ),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_says_nothing_about_lightning_code(run: Run, name: str) -> None:
    source, pattern = UNKNOWN[name]
    outcome = run(dedent(source), timeout=3.0 if "for 3 s" in pattern else 120.0)
    assert outcome.status is Status.NOT_VERIFIABLE, outcome.summary()
    assert re.search(pattern, outcome.reason), outcome.reason
    assert outcome.exit_code == 4


def test_a_script_that_only_tests(run: Run, make_program: Program) -> None:
    step = """
        def test_step(self, batch, batch_idx):
            self.log("loss", self.loss_of(batch))
        """
    outcome = run(make_program(step=step, main=f"pl.Trainer().test(Net(), {LOADER})"))
    assert outcome.summary() == (
        "not verifiable: the script never reached Trainer.fit, only Trainer.test"
    )


def test_the_script_ends_with_fit(run: Run, make_program: Program) -> None:
    outcome = run(
        make_program(
            step="""
            def training_step(self, batch, batch_idx):
                print("one batch")
                return self.loss_of(batch)
            """,
            main=f"""
def annotated(rows: int): ...
assert annotated.__annotations__ == {{"rows": int}}, "the script inherits a future import"
try:
    pl.Trainer(max_epochs=50).fit(Net(), {LOADER})
except Exception as error:
    print("went on with", error)
finally:
    print("cleaned up")
print("went on")
""",
        )
    )
    assert outcome.status is Status.VERIFIED, outcome.summary()
    assert outcome.output.count("one batch") == 1
    assert "cleaned up" in outcome.output
    assert "went on" not in outcome.output


def test_a_cuda_call_without_cuda(run: Run, make_program: Program) -> None:
    outcome = run(make_program(extra="torch.zeros(1).to('cuda')"))
    assert outcome.exit_code in (0, 4)
    if outcome.exit_code == 4:
        assert re.search(r"asks for a CUDA device by itself at train\.py:\d+", outcome.reason)


@pytest.mark.parametrize("device", ["cuda:99", "mps", "tpu"])
def test_absent_device_is_never_replaced(run: Run, make_program: Program, device: str) -> None:
    if device == "mps" and torch.backends.mps.is_available():
        pytest.skip("this machine has one")
    outcome = run(make_program(), device=device)
    assert outcome.status is Status.NOT_VERIFIABLE
    assert outcome.exit_code == 4
    assert outcome.reason.startswith(f"device {device} is absent: ")
    assert outcome.stage is Stage.IMPORTED


HANG = "def training_step(self, batch, batch_idx):\n    while True:\n        pass\n"


def test_a_hang_in_the_step_names_its_line(run: Run, make_program: Program) -> None:
    source = make_program(step=HANG)
    outcome = run(source, timeout=8.0)
    hung = source.splitlines().index("        while True:") + 1
    assert outcome.status is Status.FAILED
    assert outcome.stage is Stage.FIRST_BATCH
    assert re.search(
        rf"no progress for 8 s after 'first batch' at train\.py:({hung}|{hung + 1});",
        outcome.reason,
    ), outcome.reason
    assert "training_step" in outcome.stack


def test_facts_are_listed(run: Run, make_program: Program) -> None:
    outcome = run(
        make_program(
            main=f"""
from lightning.pytorch.utilities.rank_zero import rank_zero_deprecation
import warnings
warnings.simplefilter("ignore")
rank_zero_deprecation("old ways")
try:
    __import__("socket").create_connection(("logs.invalid", 80))
except OSError:
    pass
pl.Trainer(max_epochs=1, accelerator="gpu", devices=2).fit(Net(), {LOADER})
"""
        )
    )
    assert outcome.status is Status.VERIFIED, outcome.summary()
    assert outcome.logged == ("train_loss",)
    assert [(place.what, bool(place.at)) for place in outcome.deprecations] == [("old ways", True)]
    assert [place.what for place in outcome.network] == ["logs.invalid"]
    assert outcome.device == "cpu"
    assert set(outcome.versions) == {"python", "torch", "lightning"}


def test_an_error_carries_the_users_own_line(run: Run, make_program: Program) -> None:
    step = (
        "def training_step(self, batch, batch_idx):\n    return self.layer(batch[0][:, :3]).sum()\n"
    )
    source = make_program(step=step)
    outcome = run(source)
    assert outcome.error is not None
    assert outcome.error.type == "RuntimeError"
    assert (outcome.error.file, outcome.error.line) == (
        "train.py",
        source.splitlines().index("        return self.layer(batch[0][:, :3]).sum()") + 1,
    )
    assert "lfix_runner" not in outcome.error.traceback
    assert str(Path("project") / "train.py") in outcome.error.traceback


_CLEANING = {
    "unbound in finally": (
        """
def main():
    try:
        trainer = pl.Trainer(max_epochs=1, gpus=1)
        trainer.fit(Net(), LOADER)
    finally:
        print(trainer.callback_metrics)
main()
""",
        r"TypeError: Trainer\.__init__\(\) got .* at train\.py:(\d+); then, in what cleans up, "
        r"UnboundLocalError: .*'trainer'.* at train\.py:(\d+)",
    ),
    "another error in finally": (
        """
stage = None
try:
    try:
        pl.Trainer(max_epochs=1, gpus=1)
    except OSError:
        pass
    finally:
        stage.close()
finally:
    print(trainer)
""",
        r"TypeError: Trainer\.__init__\(\) got .* at train\.py:(\d+); then, in what cleans up, "
        r"NameError: name 'trainer' is not defined at train\.py:(\d+)",
    ),
    "unbound in a handler": (
        """
try:
    trainer = pl.Trainer(max_epochs=1, gpus=1)
except Exception:
    print(trainer.callback_metrics)
    raise
""",
        r"TypeError: Trainer\.__init__\(\) got .* at train\.py:(\d+); then, in what cleans up, "
        r"NameError: name 'trainer' is not defined at train\.py:(\d+)",
    ),
    "a handler with an error of its own": (
        """
try:
    import fast_layers
except ImportError:
    fast_layers = slow_layers
""",
        r"NameError: name 'slow_layers' is not defined at train\.py:(\d+)",
    ),
    "an error instead of another": (
        """
try:
    pl.Trainer(max_epochs=1, gpus=1)
except TypeError as error:
    raise ValueError("set the devices") from error
""",
        r"ValueError: set the devices at train\.py:(\d+)",
    ),
}


@pytest.mark.parametrize("case", _CLEANING)
def test_what_failed_first_is_told_first(run: Run, make_program: Program, case: str) -> None:
    main, reason = _CLEANING[case]
    outcome = run(make_program(main=main.replace("LOADER", LOADER)))
    assert outcome.status is Status.FAILED
    found = re.fullmatch(reason, outcome.reason)
    assert found is not None, outcome.reason
    places = [int(place) for place in found.groups()]
    assert outcome.error is not None
    assert outcome.error.line == places[0]
    assert places == sorted(places)
    assert outcome.error.type == outcome.reason.partition(":")[0]
