"""Kinds of training scripts, and what verification says of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

from .programs import program

LOADER = "DataLoader(Rows(), batch_size=8)"
VERIFIED = r"^one training step on cpu$"
_DATA = """
class Data(pl.LightningDataModule):
    def train_dataloader(self):
        return DataLoader(Rows(), batch_size=8)
"""


@dataclass(frozen=True)
class Script:
    """The files of a project whose ``train.py`` is run, and the outcome.

    ``wrote`` are the entries that it makes beside itself, ``printed`` a pattern in its output.
    """

    files: dict[str, str]
    outcome: str = "verified"
    said: str = VERIFIED
    options: dict[str, Any] = field(default_factory=dict)
    wrote: tuple[str, ...] = ()
    printed: str = ""


def _main(text: str, step: str | None = None, extra: str = "") -> dict[str, str]:
    given = {} if step is None else {"step": step}
    return {"train.py": program(main=dedent(text), extra=extra, **given)}


def _fit(trainer: str = "pl.Trainer(max_epochs=1)") -> str:
    return f"{trainer}.fit(Net(), {LOADER})"


_GUARDED = f"""
def main():
    {_fit()}

if __name__ == "__main__":
    main()
"""

#: Without a date, in the folder of the run.
_CONFIG = """\
lr: 0.1
trainer:
  _target_: lightning.pytorch.Trainer
  max_epochs: 1
hydra:
  run:
    dir: outputs/${hydra.job.name}
"""
_KEPT = tuple(f".hydra/{name}.yaml" for name in ("config", "hydra", "overrides"))


_INSTANTIATED = """
@hydra.main(config_path="conf", config_name="config", version_base=None)
def main(config):
    hydra.utils.instantiate(config.trainer).fit(Net(), LOADER)
"""


def _hydra(main: str) -> dict[str, str]:
    text = "import os\nimport hydra\n" + dedent(main).replace("LOADER", LOADER) + "\nmain()\n"
    return _main(text) | {"conf/config.yaml": _CONFIG}


def _made(*names: str) -> tuple[str, ...]:
    """Entries that appeared; files without a folder lie in that of the run."""
    shown = (name if name.startswith("outputs") else f"outputs/train/{name}" for name in names)
    return tuple(f"{name} appeared" for name in shown)


SCRIPTS = {
    "os.chdir": Script(
        _main(f"""
            import os
            os.mkdir("runs")
            os.chdir("runs")
            open("log.txt", "w").close()
            {_fit()}
            """),
        wrote=("runs appeared", "runs/log.txt appeared"),
    ),
    "os.chdir to its own folder": Script(
        _main(f"""
            import os
            os.chdir(os.path.dirname(os.path.abspath(__file__)))
            assert open("rows.txt").read() == "8"
            open("rows.txt", "a").write("9")
            {_fit()}
            """)
        | {"rows.txt": "8"},
        wrote=("rows.txt changed",),
    ),
    "writes beside itself": Script(
        _main(f"""
            from pathlib import Path
            Path(__file__).with_name("notes.txt").write_text("1")
            Path(__file__).with_name("old.txt").unlink()
            {_fit()}
            """)
        | {"old.txt": ""},
        wrote=("notes.txt appeared", "old.txt vanished"),
    ),
    "DataLoader workers": Script(
        _main("""
            loader = DataLoader(Rows(), batch_size=8, num_workers=2, persistent_workers=True)
            kept = iter(DataLoader(Rows(), num_workers=1))
            next(kept)
            pl.Trainer(max_epochs=1).fit(Net(), loader)
            """)
    ),
    "sys.exit(0) before fit": Script(
        _main(f"import sys\nsys.exit(0)\n{_fit()}"),
        "not verifiable",
        r"^the script ended without reaching Trainer\.fit$",
    ),
    "sys.exit(1) before fit": Script(
        _main(f"import sys\nsys.exit(1)\n{_fit()}"),
        "not verifiable",
        r"^the script exited with status 1 at train\.py:\d+ before Trainer\.fit",
    ),
    "sys.exit(0) after fit": Script(_main(f"import sys\nsys.exit({_fit()} or 0)")),
    "sys.exit(1) after fit": Script(
        _main(f"""
            import sys
            try:
                {_fit()}
            finally:
                sys.exit(1)
            """)
    ),
    "sys.argv": Script(
        _main(f"""
            import sys
            assert sys.argv == ["train.py", "3", "--fast"], sys.argv
            {_fit("pl.Trainer(max_epochs=int(sys.argv[1]))")}
            """),
        options={"args": ("3", "--fast")},
    ),
    "argparse": Script(
        _main(f"""
            import argparse
            parser = argparse.ArgumentParser()
            parser.add_argument("--epochs", type=int, required=True)
            {_fit("pl.Trainer(max_epochs=parser.parse_args().epochs)")}
            """),
        options={"args": ("--epochs", "3")},
    ),
    "argparse, argument missing": Script(
        _main("""
            import argparse
            parser = argparse.ArgumentParser()
            parser.add_argument("--epochs", type=int, required=True)
            parser.parse_args()
            """),
        "not verifiable",
        r"^the script exited with status 2 .*the following arguments are required: --epochs$",
    ),
    "Hydra": Script(
        _hydra("""
            @hydra.main(config_path="conf", config_name="config", version_base=None)
            def main(config):
                print("lr", config.lr, "more", config.more, "in", os.path.basename(os.getcwd()))
                hydra.utils.instantiate(config.trainer).fit(Net(), LOADER)
            """),
        options={"args": ("lr=0.2", "+more=[1,2]")},
        wrote=_made("outputs", "outputs/train", "outputs/train/.hydra", *_KEPT, "train.log"),
        printed=r"lr 0\.2 more \[1, 2\] in project",
    ),
    "Hydra, in a folder of its own": Script(
        _hydra("""
            @hydra.main(config_path="conf", config_name="config", version_base="1.1")
            def main(config):
                assert hydra.utils.get_original_cwd() == os.path.dirname(os.path.abspath(__file__))
                assert open(hydra.utils.to_absolute_path("conf/config.yaml")).read()
                open("here.txt", "w").close()
                print("in", os.getcwd())
                hydra.utils.instantiate(config.trainer).fit(Net(), LOADER)
            """),
        wrote=_made(
            "outputs", "outputs/train", "outputs/train/.hydra", *_KEPT, "here.txt", "train.log"
        ),
        printed=r"in /.*/project/outputs/train\n",
    ),
    "Hydra, several runs": Script(
        _hydra("""
            @hydra.main(config_path="conf", config_name="config", version_base=None)
            def main(config):
                print("lr", config.lr)
                hydra.utils.instantiate(config.trainer).fit(Net(), LOADER)
            """),
        options={"args": ("--multirun", "lr=0.2,0.3", "hydra.sweep.dir=outputs/train")},
        wrote=_made(
            "outputs",
            "outputs/train",
            "0",
            "0/.hydra",
            *(f"0/{name}" for name in _KEPT),
            "0/train.log",
            "multirun.yaml",
        ),
        printed=r"lr 0\.2(?s:(?!lr 0\.3).)*\Z",
    ),
    "Hydra, with -m": Script(
        {
            "pkg/__init__.py": "",
            "pkg/model.py": program(main=""),
            "pkg/train.py": (
                "import hydra\nfrom .model import DataLoader, Net, Rows\n\n\n"
                '@hydra.main(config_path="../conf", config_name="config", version_base="1.3")\n'
                "def main(config):\n"
                f"    hydra.utils.instantiate(config.trainer).fit(Net(), {LOADER})\n\n\n"
                "main()\n"
            ),
            "conf/config.yaml": _CONFIG,
        },
        options={"script": None, "module": "pkg.train"},
        wrote=_made("outputs", "outputs/train", "outputs/train/.hydra", *_KEPT, "train.log"),
    ),
    "Hydra, an argument that is gone": Script(
        _hydra(_INSTANTIATED),
        "failed",
        r"^TypeError: Trainer.__init__\(\) got an unexpected keyword argument 'gpus' at "
        r"train\.py:\d+ \(the configuration's trainer\)$",
        options={"args": ("+trainer.gpus=1",)},
        wrote=_made("outputs", "outputs/train", "outputs/train/.hydra", *_KEPT, "train.log"),
    ),
    "Hydra, a class that is gone": Script(
        _hydra(_INSTANTIATED),
        "failed",
        r"^ModuleNotFoundError: No module named 'lightning.pytorch.plugins.DDPPlugin' at "
        r"train\.py:\d+ \(the configuration's trainer\.strategy\)$",
        options={"args": ("+trainer.strategy._target_=lightning.pytorch.plugins.DDPPlugin",)},
        wrote=_made("outputs", "outputs/train", "outputs/train/.hydra", *_KEPT, "train.log"),
    ),
    "Hydra, an override that fits nothing": Script(
        _hydra(_INSTANTIATED),
        "not verifiable",
        r"^Hydra cannot make the configuration at train\.py:\d+: Could not override 'lrs'\. To "
        r"append to your config use \+lrs=1$",
        options={"args": ("lrs=1",)},
    ),
    "LightningCLI": Script(
        _main(
            """
            from lightning.pytorch.cli import LightningCLI
            LightningCLI(Net, Data)
            """,
            step="""
            def __init__(self, width: int = 2):
                super().__init__()
                self.layer = nn.Linear(10, width)

            def training_step(self, batch, batch_idx):
                print("width", self.layer.out_features)
                return self.loss_of(batch)
            """,
            extra=_DATA,
        )
        | {"conf/fit.yaml": "model:\n  width: 5\ntrainer:\n  max_epochs: 9\n"},
        options={"args": ("fit", "--config", "conf/fit.yaml")},
        printed=r"width 5",
    ),
    "typer": Script(
        _main(f"""
            import typer

            def main(epochs: int = typer.Option(...)):
                {_fit("pl.Trainer(max_epochs=epochs)")}

            typer.run(main)
            """),
        options={"args": ("--epochs", "3")},
    ),
    "typer, a step that fails": Script(
        _main(
            f"""
            import typer

            app = typer.Typer()

            @app.command()
            def main(epochs: int = 1):
                {_fit("pl.Trainer(max_epochs=epochs)")}

            app()
            """,
            step="def training_step(self, batch, batch_idx):\n    raise ValueError('no')\n",
        ),
        "failed",
        r"^ValueError: no at train\.py:\d+$",
    ),
    "__main__ guard": Script(_main(_GUARDED)),
    "relative imports with -m": Script(
        {
            "pkg/__init__.py": "",
            "pkg/model.py": program(main=""),
            "pkg/train.py": "from .model import *\nfrom .model import pl\n" + _GUARDED,
        },
        options={"script": None, "module": "pkg.train"},
    ),
    "trains twice": Script(
        _main(f"""
            {_fit()}
            print("again")
            {_fit()}
            """),
        printed=r"\A(?s:(?!again).)*\Z",
    ),
    "fit in a loop": Script(
        _main(f"""
            for fold in range(5):
                print("fold", fold)
                {_fit()}
            """),
        printed=r"fold 0(?s:(?!fold 1).)*\Z",
    ),
    "Tuner": Script(
        _main(
            f"""
            from lightning.pytorch.tuner import Tuner
            trainer, net = pl.Trainer(max_epochs=1), Net()
            Tuner(trainer).lr_find(net, {LOADER}, num_training=3)
            print("found")
            trainer.fit(net, {LOADER})
            """,
            step="""
            def __init__(self, lr=0.1):
                super().__init__()
                self.lr = lr
                self.layer = nn.Linear(10, 2)

            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def configure_optimizers(self):
                return torch.optim.SGD(self.parameters(), self.lr)
            """,
        ),
        printed=r"found",
    ),
    "several Trainers": Script(
        _main(
            f"""
            probe = pl.Trainer(fast_dev_run=True)
            first, second = pl.Trainer(max_epochs=1), pl.Trainer(max_epochs=2)
            first.validate(Net(), {LOADER})
            second.fit(Net(), {LOADER})
            """,
            step="""
            def training_step(self, batch, batch_idx):
                return self.loss_of(batch)

            def validation_step(self, batch, batch_idx):
                self.log("val_loss", self.loss_of(batch))
            """,
        )
    ),
    "validate only": Script(
        _main(
            f"pl.Trainer().validate(Net(), {LOADER})",
            step="""
            def validation_step(self, batch, batch_idx):
                self.log("val_loss", self.loss_of(batch))
            """,
        ),
        "not verifiable",
        r"^the script never reached Trainer\.fit, only Trainer\.validate$",
    ),
}

#: What every request of the matrix has in common.
COMMON: dict[str, Any] = {"script": Path("train.py"), "device": "cpu"}
