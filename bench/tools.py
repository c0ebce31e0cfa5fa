"""Who is measured, and how each is called."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .measure import Command
from .trees import Tree

CLEAN_OR_FINDINGS = frozenset({0, 1})


@dataclass(frozen=True)
class Tool:
    """A row of the table.

    ``call`` gives the arguments for a tree; ``rewrites`` asks for a fresh copy of the tree before
    each run; ``cold`` for an empty cache; ``slow`` tools need minutes for what others do in
    seconds, so they get fewer runs, and the larger tree only if it is asked for.
    """

    name: str
    call: Callable[[Tree], tuple[str, ...]]
    rewrites: bool = False
    cold: bool = False
    slow: bool = False
    codes: frozenset[int] = CLEAN_OR_FINDINGS


@dataclass(frozen=True)
class Workshop:
    """Where scratch copies and the cache of the measured tool live, and its environment."""

    scratch: Path
    environment: Mapping[str, str]

    def command(self, tool: Tool, tree: Tree) -> Command:
        """Put everything in its place for one run of ``tool`` on ``tree``."""
        folder = tree.root
        if tool.cold:
            shutil.rmtree(self.cache, ignore_errors=True)
        if tool.rewrites:
            folder = self.scratch / "copy"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(tree.root, folder)
        environment = {**self.environment, "XDG_CACHE_HOME": str(self.cache)}
        return Command(tool.call(tree), folder, environment, tool.codes)

    @property
    def cache(self) -> Path:
        """The folder that stands for the user's cache folder."""
        return self.scratch / "cache"


def lfix(python: Path) -> dict[str, Tool]:
    """What lfix itself is asked to do, in the order in which it is measured.

    Every tree has findings, so another exit code than 1 means that it did not see them. The run
    with an empty cache leaves the cache that the unchanged run after it reads.
    """
    start = str(python.with_name("lfix"))
    found = frozenset({1})
    check = (start, "check", ".")
    dry_run = (start, "apply", "--dry-run", ".")
    return {
        "cold": Tool("lfix check, cold", lambda _: check, cold=True, codes=found),
        "warm": Tool("lfix check, unchanged", lambda _: check, codes=found),
        "dry run": Tool("lfix apply --dry-run, cold", lambda _: dry_run, cold=True, codes=found),
        "help": Tool("lfix --help", lambda _: (start, "--help"), codes=frozenset({0})),
    }


def peers(folder: Path) -> tuple[Tool, ...]:
    """The tools beside it; ``folder`` holds their programs.

    Each runs in its default way. Those that rewrite files are given the file list that they ask
    for instead of a folder.
    """
    return (
        Tool("grep -r", lambda _: ("grep", "-rlE", "--include=*.py", "lightning", ".")),
        Tool("ruff check", lambda _: (f"{folder}/ruff", "check", "--isolated", "--no-cache", ".")),
        Tool(
            "django-upgrade",
            lambda tree: (f"{folder}/django-upgrade", "--target-version", "4.2", *tree.files),
            rewrites=True,
        ),
        Tool(
            "pyupgrade",
            lambda tree: (f"{folder}/pyupgrade", "--py310-plus", *tree.files),
            rewrites=True,
        ),
        Tool("TorchFix", lambda _: (f"{folder}/torchfix", "."), slow=True),
        Tool(
            "Fixit lint",
            lambda _: (f"{folder}/fixit", "lint", "."),
            slow=True,
            codes=frozenset(range(8)),
        ),
    )
