"""The options of the `lfix` command, as typer reads them."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Optional

import typer


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
Cli = Annotated[
    Optional[str],
    typer.Option(
        metavar="lightning", help="lightning: turn scripts that use argparse into LightningCLIs."
    ),
]
ReportTo = Annotated[
    Optional[Path],
    typer.Option("--report", metavar="FILE", help="Write what was found and done as Markdown."),
]
UnsafeFixes = Annotated[
    bool, typer.Option("--unsafe-fixes", help="Also take fixes that need a look afterwards.")
]
Device = Annotated[
    str, typer.Option(help="auto, cpu, cuda, cuda:N, mps or tpu.", show_default="auto")
]
Launcher = Annotated[
    Optional[str],
    typer.Option(metavar="'PREFIX…'", help="Run the step elsewhere, by srun, ssh host, …"),
]
Python = Annotated[
    Optional[Path], typer.Option(help="The project's interpreter; default: its environment's.")
]
Timeout = Annotated[float, typer.Option(min=1, help="Seconds that each stage may take.")]
StageTimeout = Annotated[
    Optional[float],
    typer.Option("--timeout", min=1, help="Seconds for each stage.", show_default="120"),
]
Memory = Annotated[
    Optional[float],
    typer.Option(
        "--memory",
        metavar="GB",
        min=0.1,
        help="What a run may hold, with all its processes.",
        show_default="nine tenths of what is free",
    ),
]
AllowNet = Annotated[bool, typer.Option("--allow-net", help="Let the script use the network.")]
Devices = Annotated[int, typer.Option(min=1, help="Processes that train together.")]
Strategy = Annotated[str, typer.Option(help="How they do; default: ddp.")]
Precision = Annotated[
    str, typer.Option(help="32-true, bf16-mixed, …; the script's own counts no more.")
]
Init = Annotated[
    str, typer.Option(metavar="'lr=0.1'", help="For package.module:Class: its arguments.")
]
DataChoice = Annotated[
    str,
    typer.Option(metavar="own|synthetic|recorded", help="What to train on.", show_default="own"),
]
Batch = Annotated[
    str,
    typer.Option(
        metavar="'float32[4,10], int64[4] < 2'",
        help="The synthetic batch; also package.module:function, or a recorded FILE.pt.",
    ),
]
Record = Annotated[bool, typer.Option("--record", help="Keep the first batch for --data recorded.")]
RecordTo = Annotated[Optional[Path], typer.Option(metavar="FILE.pt", help="Keep it in a file.")]
ScriptsAtOnce = Annotated[
    int,
    typer.Option(min=0, help="Scripts at once.", show_default="two, as cores and memory allow"),
]
Against = Annotated[
    Optional[str],
    typer.Option(
        metavar="RELEASE",
        help="Compare with the old code on 1.5.10, say, or on the pinned one.",
    ),
]
Steps = Annotated[Optional[int], typer.Option(min=1, help="Batches to compare.", show_default="8")]
Html = Annotated[
    Optional[Path], typer.Option(metavar="FILE", help="Write the comparison as a page.")
]
