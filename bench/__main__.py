"""Measure lfix beside similar tools, on the same trees, in one run.

``make bench`` builds two trees in a temporary folder, runs every tool on them, and prints a
Markdown table. Every ratio is to ``lfix check`` with an empty cache on that same tree.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from .measure import Result, repeat
from .tools import Tool, Workshop, lfix, peers
from .trees import FILES_IN_A_PROJECT, LIGHTNING_PACKAGES, Tree, build

MEMORY_PROJECTS = 1000


@dataclass(frozen=True)
class Row:
    """One line of the table; ``ratio`` is its time over that of ``lfix check`` on this tree."""

    tree: Tree
    tool: Tool
    runs: int
    result: Result
    ratio: float | None


def main() -> None:
    """Build, measure, print."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="lfix-bench-") as folder:
        bench = Bench(options, Path(folder).resolve())
        rows = [*bench.compare("lightning", (), slow=True)]
        if not options.no_torch:
            rows += bench.compare("with torch", ("torch",), slow=options.slow_on_all)
        rows += bench.memory()
    print(head(options, bench.trees))
    print(table(rows))
    print(foot(options))


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", type=Path, required=True, help="folder of the peers' programs")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="lfix beside it")
    parser.add_argument("--runs", type=int, default=3, help="runs a row, of which the median")
    parser.add_argument("--slow-runs", type=int, default=1, help="the same for TorchFix and Fixit")
    parser.add_argument("--projects", type=int, default=60, help="made-up user projects in a tree")
    parser.add_argument("--seed", type=int, default=7, help="for the made-up projects")
    parser.add_argument("--no-torch", action="store_true", help="leave out the tree with torch")
    parser.add_argument("--slow-on-all", action="store_true", help="TorchFix, Fixit on it as well")
    parser.add_argument("--no-slow", action="store_true", help="leave out TorchFix and Fixit")
    return parser.parse_args()


class Bench:
    """Builds trees and measures tools on them, saying on stderr what it is at."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options = options
        self.folder = folder
        self.trees: list[Tree] = []
        self.lfix = lfix(options.python)
        # The name of a virtual environment or a coverage run must not change what is measured.
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
        self.workshop = Workshop(folder / "scratch", kept)

    def compare(self, name: str, more: tuple[str, ...], *, slow: bool) -> list[Row]:
        """All tools on one tree: the Lightning packages, ``more``, and the user projects."""
        tree = self.plant(name, (*LIGHTNING_PACKAGES, *more), self.options.projects)
        cold = self.measure(self.lfix["cold"], tree)
        rest = [self.lfix["warm"], self.lfix["dry run"], *peers(self.options.peers)]
        slow = slow and not self.options.no_slow
        results = [
            (self.lfix["cold"], cold),
            *((tool, self.measure(tool, tree)) for tool in rest if slow or not tool.slow),
        ]
        return [
            Row(tree, tool, self.runs(tool), result, result.seconds / cold.seconds)
            for tool, result in results
        ]

    def memory(self) -> list[Row]:
        """Lfix alone on ten thousand files, and its start-up."""
        tree = self.plant("10,000 files", (), MEMORY_PROJECTS)
        rows = []
        for key in ("cold", "warm", "dry run", "help"):
            tool = self.lfix[key]
            rows.append(Row(tree, tool, self.runs(tool), self.measure(tool, tree), None))
        return rows

    def plant(self, name: str, packages: tuple[str, ...], projects: int) -> Tree:
        """Build a tree under its own folder."""
        print(f"building the tree “{name}”", file=sys.stderr)
        tree = build(name, self.folder / name, packages, projects, self.options.seed)
        self.trees.append(tree)
        return tree

    def measure(self, tool: Tool, tree: Tree) -> Result:
        """The median of as many runs as the tool gets."""
        print(f"{tool.name} on “{tree.name}”", file=sys.stderr)
        return repeat(self.runs(tool), lambda: self.workshop.command(tool, tree))

    def runs(self, tool: Tool) -> int:
        """How often a tool is run."""
        runs: int = self.options.slow_runs if tool.slow else self.options.runs
        return runs


def head(options: argparse.Namespace, trees: list[Tree]) -> str:
    """What was measured, and where."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    seed = f"{FILES_IN_A_PROJECT} files a made-up project, seed {options.seed}"
    lines = "\n".join(f"- {tree}" for tree in trees)
    return f"Trees ({seed}; {machine}):\n\n{lines}\n"


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = [
        "| tree | tool | runs | seconds | processor s | peak MB | time / lfix check |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        result = row.result
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        memory = f"{result.megabytes:.0f}" if result.megabytes else "small"
        lines.append(
            f"| {row.tree.name} | {row.tool.name} | {row.runs} | {result.seconds:.2f} "
            f"| {result.processor:.2f} | {memory} | {ratio} |"
        )
    return "\n".join(lines)


def foot(options: argparse.Namespace) -> str:
    """How to read the table, and what is not in it."""
    notes = [
        "Medians; seconds on the clock. Processor seconds and memory: all processes of a tool.",
        "Every tool runs in its default way: more processor seconds than seconds, more processes.",
    ]
    if options.no_slow:
        notes.append("TorchFix and Fixit were left out (--no-slow).")
    elif not options.no_torch and not options.slow_on_all:
        notes.append(
            "TorchFix and Fixit ran on the first tree only: they would need very long for the one"
            " with torch (--slow-on-all)."
        )
    return "\n" + "\n".join(f"- {note}" for note in notes)


if __name__ == "__main__":
    main()
