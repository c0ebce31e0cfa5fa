"""What the commands were told on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Options:
    """Choices that check and apply share."""

    paths: list[Path] | None = None
    select: list[str] | None = None
    ignore: list[str] | None = None
    jobs: int | None = None
    format: str = "text"
    quiet: bool = False
    verbose: bool = False
    to: str | None = None
    compat: str | None = None
    namespace: str | None = None
    cli: str | None = None
    report: Path | None = None
    commit: bool = False
    docs: bool = False


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is run from the folder ``cwd``: a ``script`` or a ``module``, with ``args`` of its own.

    Where ``script`` is no file, but ``package.module:Class``, that class is made with ``init``.
    """

    script: str = ""
    module: str | None = None
    args: tuple[str, ...] = ()
    init: str = ""
    cwd: Path = field(default_factory=Path.cwd)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What to run for verification, and how.

    That is ``program``, or where it is None, ``scripts``: lines such as ``train.py --fast`` or
    ``-m pkg.train``, ``init`` for those that say none. What is None or empty, the settings say, or
    nobody; an empty ``launcher`` means none, whatever they say.
    """

    program: Program | None = None
    scripts: tuple[str, ...] = ()
    device: str = ""
    devices: int = 1
    strategy: str = ""
    launcher: str | None = None
    precision: str = ""
    python: Path | None = None
    timeout: float | None = None
    memory: float | None = None
    allow_net: bool = False
    init: str = ""
    data: str = ""
    batch: str = ""
    record: bool = False
    record_to: Path | None = None
    jobs: int = 0
    against: str = ""
    steps: int | None = None
    html: Path | None = None
    unsafe: bool = False


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How the outcome of a verification is told."""

    format: str = "text"
    quiet: bool = False
    verbose: bool = False
    report: Path | None = None
