"""The `lfix` command."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from pathlib import Path
from typing import Annotated, Optional

import typer

from .flags import (
    Against,
    AllowNet,
    Batch,
    Cli,
    Compat,
    DataChoice,
    Device,
    Devices,
    Format,
    FormatOption,
    Html,
    Ignore,
    Init,
    Jobs,
    Launcher,
    Memory,
    Namespace,
    Paths,
    Precision,
    Python,
    Quiet,
    Record,
    RecordTo,
    ReportTo,
    ScriptsAtOnce,
    Select,
    StageTimeout,
    Steps,
    Strategy,
    Timeout,
    To,
    UnsafeFixes,
    Verbose,
)

app = typer.Typer(
    name="lfix",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Repair and migrate PyTorch Lightning code, and prove the repair by training one step.",
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
    cli: Cli = None,
    report: ReportTo = None,
    jobs: Jobs = None,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Say what is wrong, where and why. Writes nothing."""
    from . import choices, commands

    options = choices.Options(
        paths=paths,
        select=select,
        ignore=ignore,
        jobs=jobs,
        format=format_.value,
        quiet=quiet,
        verbose=verbose,
        to=to,
        compat=compat,
        namespace=namespace,
        cli=cli,
        report=report,
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
    docs: Annotated[
        bool, typer.Option("--docs", help="Also repair the Python examples in Markdown.")
    ] = False,
    to: To = None,
    compat: Compat = None,
    namespace: Namespace = None,
    cli: Cli = None,
    report: ReportTo = None,
    jobs: Jobs = None,
    verify_: Annotated[
        Optional[list[str]],
        typer.Option(
            "--verify",
            metavar="'SCRIPT ARGS'|all",
            help="Write only what still trains (repeat; all: those of [tool.lfix.verify]).",
        ),
    ] = None,
    device: Device = "",
    launcher: Launcher = None,
    python: Python = None,
    timeout: StageTimeout = None,
    allow_net: AllowNet = False,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Write the safe fixes; `lfix undo` takes them back."""
    from . import choices, commands

    options = choices.Options(
        paths=paths,
        select=select,
        ignore=ignore,
        jobs=jobs,
        format=format_.value,
        quiet=quiet,
        verbose=verbose,
        to=to,
        compat=compat,
        namespace=namespace,
        cli=cli,
        report=report,
        commit=commit,
        docs=docs,
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
    trial = None
    if verify_:
        trial = choices.Trial(
            scripts=tuple(verify_),
            device=device,
            launcher=launcher,
            python=python,
            timeout=timeout,
            allow_net=allow_net,
        )
    code = commands.apply(
        options, dry_run=dry_run, unsafe=unsafe_fixes, allow_dirty=allow_dirty, trial=trial
    )
    raise typer.Exit(code)


@app.command(context_settings={"ignore_unknown_options": False})
def verify(
    script: Annotated[
        Optional[str],
        typer.Argument(
            help="The training script, or package.module:Class.",
            show_default="all of [tool.lfix.verify] in pyproject.toml",
        ),
    ] = None,
    args: Annotated[Optional[list[str]], typer.Argument(help="Its arguments, after `--`.")] = None,
    module: Annotated[
        Optional[str], typer.Option("--module", "-m", help="Run a module instead of a script.")
    ] = None,
    device: Device = "",
    devices: Devices = 1,
    strategy: Strategy = "",
    launcher: Launcher = None,
    precision: Precision = "",
    init: Init = "",
    data: DataChoice = "",
    batch: Batch = "",
    record: Record = False,
    record_to: RecordTo = None,
    jobs: ScriptsAtOnce = 0,
    python: Python = None,
    timeout: StageTimeout = None,
    memory: Memory = None,
    allow_net: AllowNet = False,
    against: Against = None,
    steps: Steps = None,
    html: Html = None,
    report: ReportTo = None,
    unsafe_fixes: UnsafeFixes = False,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Train one real step of a script, or of all that the settings list: did it train?"""
    from . import choices, commands

    rest = list(args or ())
    if module is not None and script is not None:
        rest.insert(0, script)
        script = None
    program = choices.Program(script=script or "", module=module, args=tuple(rest), init=init)
    trial = choices.Trial(
        program=program if script or module else None,
        device=device,
        devices=devices,
        strategy=strategy,
        launcher=launcher,
        precision=precision,
        python=python,
        timeout=timeout,
        memory=memory,
        allow_net=allow_net,
        init=init,
        data=data,
        batch=batch,
        record=record,
        record_to=record_to,
        jobs=jobs,
        against=against or "",
        steps=steps,
        html=html,
        unsafe=unsafe_fixes,
    )
    shown = choices.Shown(format=format_.value, quiet=quiet, verbose=verbose, report=report)
    raise typer.Exit(commands.verify(trial, shown))


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


@app.command()
def checkpoint(
    paths: Annotated[list[Path], typer.Argument(help="Checkpoints, or folders with some.")],
    cls: Annotated[
        str,
        typer.Option("--class", metavar="package.module:Class", help="The class that loads it."),
    ] = "",
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Read objects too: that runs whatever code a file asks for."),
    ] = False,
    map_to_cpu: Annotated[
        bool, typer.Option("--map-to-cpu", help="Leave the device that the tensors are on.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is old.")] = False,
    python: Python = None,
    timeout: Timeout = 600,
    format_: FormatOption = Format.text,
    quiet: Quiet = False,
) -> None:
    """Upgrade checkpoints of old releases for good; the originals are kept."""
    from .checkpoint import manner_of, upgrade_all

    manner = manner_of(python, cls, trusted=trust, to_cpu=map_to_cpu, dry=dry_run, timeout=timeout)
    raise typer.Exit(upgrade_all(paths, manner, format_.value, quiet=quiet))


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
