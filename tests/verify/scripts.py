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
    # Not installed where these tests run; what a project with it gives is not shown.
    "Hydra": Script(
        _main(f"""
            import hydra

            @hydra.main(config_path="conf", config_name="config", version_base=None)
            def main(config):
                {_fit()}

            main()
            """)
        | {"conf/config.yaml": "lr: 0.1\n"},
        "not verifiable",
        r"^the package hydra is not installed for .* at train\.py:\d+\)$",
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
