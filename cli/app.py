"""The `lfix` command."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer

app = typer.Typer(
    name="lfix",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Repair and migrate PyTorch Lightning code, and prove the repair by training one step.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Format(str, Enum):
    """How a report is printed."""

    text = "text"
    json = "json"


Paths = Annotated[
    Optional[list[Path]], typer.Argument(help="Files or folders.", show_default="current folder")
]
Select = Annotated[
    Optional[list[str]],
    typer.Option(help="Only these codes, prefixes or rule names (repeat or separate by commas)."),
]
Ignore = Annotated[Optional[list[str]], typer.Option(help="Leave out these codes or names.")]
Jobs = Annotated[
    Optional[int],
    typer.Option(
        min=1, help="Processes that scan side by side.", show_default="all cores, for many files"
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print the result only.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say more of each finding.")]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the report.")]
To = Annotated[
    Optional[str],
    typer.Option(
        "--to",
        metavar="VERSION",
        help="The Lightning 2 release that the code is meant for.",
        show_default="what the project pins, else the newest",
    ),
]
Compat = Annotated[
    Optional[str],
    typer.Option(metavar="A,B", help="Only fixes that are valid on these releases too."),
]
Namespace = Annotated[
    Optional[str],
    typer.Option(
        metavar="NAME",
        help="lightning or pytorch_lightning: what all imports shall name.",
        show_default="the project's own",
    ),
]
ReportTo = Annotated[
    Optional[Path],
    typer.Option("--report", metavar="FILE", help="Write what was found and done as Markdown."),
]
UnsafeFixes = Annotated[
    bool, typer.Option("--unsafe-fixes", help="Also take fixes that need a look afterwards.")
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")]
Python = Annotated[
    Optional[Path], typer.Option(help="The project's interpreter; default: its environment's.")
]
Timeout = Annotated[float, typer.Option(min=1, help="Seconds that each stage may take.")]
AllowNet = Annotated[bool, typer.Option("--allow-net", help="Let the script use the network.")]


def _version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"lfix {version('lfix')}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


@app.command()
def check(
    paths: Paths = None,
    select: Select = None,
    ignore: Ignore = None,
    to: To = None,
    compat: Compat = None,
    namespace: Namespace = None,
    report: ReportTo = None,
    jobs: Jobs = None,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what is wrong, where and why. Writes nothing."""
    from . import commands

    options = commands.Options(
        paths, select, ignore, jobs, format_.value, quiet, verbose, to, compat, namespace, report
    )
    raise typer.Exit(commands.check(options))


@app.command()
def apply(
    paths: Paths = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the diff, write nothing.")
    ] = False,
    unsafe_fixes: UnsafeFixes = False,
    select: Select = None,
    ignore: Ignore = None,
    allow_dirty: Annotated[
        bool, typer.Option("--allow-dirty", help="Also write files with uncommitted changes.")
    ] = False,
    commit: Annotated[
        bool, typer.Option("--commit", help="Make a git commit for each family of rules.")
    ] = False,
    to: To = None,
    compat: Compat = None,
    namespace: Namespace = None,
    report: ReportTo = None,
    jobs: Jobs = None,
    verify_: Annotated[
        Optional[str],
        typer.Option("--verify", metavar="'SCRIPT ARGS'", help="Write only what still trains."),
    ] = None,
    device: Device = "auto",
    python: Python = None,
    timeout: Timeout = 120,
    allow_net: AllowNet = False,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write the safe fixes; `lfix undo` takes them back."""
    from . import commands

    options = commands.Options(
        paths,
        select,
        ignore,
        jobs,
        format_.value,
        quiet,
        verbose,
        to,
        compat,
        namespace,
        report,
        commit,
    )
    others = {
        "--dry-run": dry_run,
        "--verify": verify_,
        "--report": report,
        "--allow-dirty": allow_dirty,
        "--format json": format_ is Format.json,
    }
    wrong = [name for name, given in others.items() if given]
    if commit and wrong:
        commands.fail(f"--commit and {wrong[0]} do not go together")
        raise typer.Exit(commands.BROKEN)
    trial = commands.Trial(verify_, device, python, timeout, allow_net) if verify_ else None
    code = commands.apply(
        options, dry_run=dry_run, unsafe=unsafe_fixes, allow_dirty=allow_dirty, trial=trial
    )
    raise typer.Exit(code)


@app.command(context_settings={"ignore_unknown_options": False})
def verify(
    script: Annotated[
        Optional[str], typer.Argument(help="The training script, or package.module:Class.")
    ] = None,
    args: Annotated[Optional[list[str]], typer.Argument(help="Its arguments, after `--`.")] = None,
    module: Annotated[
        Optional[str], typer.Option("--module", "-m", help="Run a module instead of a script.")
    ] = None,
    device: Device = "auto",
    devices: Annotated[int, typer.Option(min=1, help="Processes that train together.")] = 1,
    strategy: Annotated[str, typer.Option(help="How they do; default: ddp.")] = "",
    init: Annotated[
        str, typer.Option(metavar="'lr=0.1'", help="For package.module:Class: its arguments.")
    ] = "",
    batch: Annotated[
        str,
        typer.Option(
            metavar="'float32[4,10], int64[4] < 2'", help="For package.module:Class: its batch."
        ),
    ] = "",
    python: Python = None,
    timeout: Timeout = 120,
    allow_net: AllowNet = False,
    against: Annotated[
        Optional[str],
        typer.Option(
            metavar="RELEASE",
            help="Compare with the old code on 1.5.10, say, or on the pinned one.",
        ),
    ] = None,
    steps: Annotated[int, typer.Option(min=1, help="Batches to compare.")] = 8,
    html: Annotated[
        Optional[Path], typer.Option(metavar="FILE", help="Write the comparison as a page.")
    ] = None,
    unsafe_fixes: UnsafeFixes = False,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train one real step on the target device and say whether it trained."""
    from . import commands

    rest = list(args or ())
    if module is not None and script is not None:
        rest.insert(0, script)
        script = None
    trial = commands.Trial(
        script or "",
        device,
        python,
        timeout,
        allow_net,
        module,
        tuple(rest),
        against or "",
        steps,
        html,
        unsafe_fixes,
        devices,
        strategy,
        init,
        batch,
    )
    raise typer.Exit(commands.verify(trial, format_.value, quiet=quiet, verbose=verbose))


@app.command()
def undo(
    folder: Annotated[Path, typer.Argument(help="Where the files lie.")] = Path(),
    quiet: Quiet = False,
) -> None:
    """Take back what the last `lfix apply` wrote at or below a folder."""
    from . import commands

    raise typer.Exit(commands.undo(folder, quiet=quiet))


@app.command()
def rules(format_: FormatOption = Format.text) -> None:
    """List all rules."""
    from . import commands

    raise typer.Exit(commands.rules(format_.value))


@app.command()
def explain(
    code: Annotated[Optional[str], typer.Argument(help="A code or a rule's name.")] = None,
    traceback: Annotated[
        Optional[str],
        typer.Option(metavar="FILE|-", help="Answer a traceback: of a file, or pasted in."),
    ] = None,
    format_: FormatOption = Format.text,
) -> None:
    """Explain one rule, or a traceback: what it is about, why, and what repairs it."""
    from . import commands

    if (code is None) == (traceback is None):
        commands.fail("give a rule's code, or a traceback with --traceback FILE (- to paste it)")
        raise typer.Exit(commands.BROKEN)
    if traceback is not None:
        from .traceback import tell

        raise typer.Exit(tell(traceback, format_.value))
    raise typer.Exit(commands.explain(code or ""))


@app.command()
def api(
    name: Annotated[str, typer.Argument(help="Such as Trainer.gpus or metrics.Accuracy.")],
    format_: FormatOption = Format.text,
) -> None:
    """Say in which Lightning releases a name exists, and what to write instead."""
    from .api import tell

    raise typer.Exit(tell(name, format_.value))


@app.command()
def doctor(
    python: Python = None,
    to: To = None,
    format_: FormatOption = Format.text,
) -> None:
    """Say which Lightning an environment has, and whether it fits. Imports nothing."""
    from .doctor import tell

    raise typer.Exit(tell(python, to, format_.value))


def main() -> None:
    """Run the command line; the console script's entry point."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # Paths and code may hold what the terminal's encoding cannot show.
            stream.reconfigure(errors="backslashreplace")
    # Syntax trees are millions of objects that live long: looking for cycles among them after
    # every few hundred takes a quarter of the time of a run.
    gc.set_threshold(200_000, 20, 100)
    try:
        app()
    except BrokenPipeError:
        # The reader of our output (`lfix check | head`) has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  a bug of ours must not look like a finding
        traceback.print_exc()
        print(f"lfix: bug: {error}; nothing was written, please report it", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
