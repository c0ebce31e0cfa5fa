"""A script reads its command line with argparse, and is to be a LightningCLI.

What it does
    Works with `--cli lightning` (or `cli = "lightning"` below `[tool.lfix]`) only. A script that
    parses a command line, makes a module, maybe a datamodule, and a Trainer becomes a program of
    `LightningCLI`. An option that becomes a parameter is an option of that parameter:
    `--model.lr`, `--data.batch_size`, `--trainer.max_epochs`; all others are the program's own.
    Each keeps the name that it had as well, and its type, default, choices and help. Options of
    `Trainer.add_argparse_args` keep their names too, without standing in `--help` twice.

Why
    Nothing is wrong with argparse: this is for those who want configuration files, and all
    arguments of the Trainer, of the module and of the data on the command line.

Example
    ```python
    parser = ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.02)
    parser = Trainer.add_argparse_args(parser)
    args = parser.parse_args()
    model = Net(lr=args.lr)
    trainer = Trainer.from_argparse_args(args, callbacks=[ModelCheckpoint()])
    trainer.fit(model)
    ```
    becomes
    ```python
    class TrainingCLI(LightningCLI):
        def add_arguments_to_parser(self, parser):
            parser.add_argument("--lr", dest="model.lr", type=float, default=0.02)
            for name, parameter in signature(Trainer).parameters.items():
                ...


    cli = TrainingCLI(
        Net,
        trainer_defaults={"callbacks": [ModelCheckpoint()]},
        seed_everything_default=False,
        save_config_callback=None,
        auto_configure_optimizers=False,
        run=False,
    )
    cli.trainer.fit(cli.model)
    ```

Fix safety
    Safe where all that the script does is understood: old command lines go on working, nothing is
    seeded, saved or configured that was not before, and code between parsing and training runs in
    the order that it had. What the script gives the Trainer is a default now, which the command
    line may change. Unsafe where the module is made before or after code that may draw random
    numbers. Told, and left to the rule for Trainer.add_argparse_args, for everything else: the
    reason says what stands in the way.

References
    https://lightning.ai/docs/pytorch/stable/cli/lightning_cli_advanced_3.html
    https://github.com/Lightning-AI/pytorch-lightning/pull/16708
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety, Severity
from ._cli_program import CODE, conversion

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_DROPS = ("argparse.ArgumentParser", "argparse", "lightning.pytorch.Trainer")
_SEED = "lightning.pytorch.seed_everything"


@rule(CODE, triggers=("ArgumentParser",), context=("Trainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """The finding of a script."""
    found = conversion(file, settings)
    if found is None:
        return
    if not found.edits:
        yield file.finding(
            rule,
            found.node,
            f"the script cannot become a LightningCLI: {found.reason}",
            reason="change this, or make the LightningCLI by hand",
            severity=Severity.WARNING,
        )
        return
    safety = Safety.UNSAFE if found.doubts else Safety.SAFE
    fix = Fix("make it a LightningCLI", found.edits, safety, found.needs, (*_DROPS, _SEED))
    yield file.finding(
        rule,
        found.node,
        "the script reads its command line with argparse",
        fix=fix,
        reason="; ".join(found.doubts) or None,
        severity=Severity.WARNING,
    )
