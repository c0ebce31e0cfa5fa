"""Repair a copy of the classifier project and train one step of it before and after.

Run it with the interpreter that lfix is installed for: ``make demo``. Exit status 0 means that
every run failed before the repair and was verified after it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).parent / "classifier"
LFIX = (sys.executable, "-m", "lfix")
RUNS = (("train.py",), ("train.py", "--task", "redraw"))
FINDINGS, FAILED = 1, 3
OUTCOMES = {0: "verified", FAILED: "failed", 4: "not verifiable"}


def main() -> int:
    """Show the four steps, compare the outcomes and return the exit status."""
    copy = Path(tempfile.mkdtemp(prefix="lfix-demo-")) / PROJECT.name
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns("__pycache__", "lightning_logs"))
    say(f"A small Lightning 1.5 project, copied to {copy}")

    say("1. What would change?")
    found = lfix(copy, "apply", "--dry-run", ".") == FINDINGS
    say("2. Does it train as it is?")
    before = [verify(copy, run) for run in RUNS]
    say("3. Repair it.")
    repaired = lfix(copy, "apply", ".") == 0
    say("4. Does it train now?")
    after = [verify(copy, run) for run in RUNS]

    say("One training step on the CPU")
    print(f"{'':28}{'before':24}after")
    for run, was, now in zip(RUNS, before, after, strict=True):
        print(f"{' '.join(run):28}{outcome(was):24}{outcome(now)}")
    expected = set(before) == {FAILED} and set(after) == {0}
    if not (found and repaired and expected):
        print("\nThis is not what the demo is meant to show; please report it.", file=sys.stderr)
        return 1
    say("What to type next")
    command = Path(sys.executable).with_name("lfix")
    print(f"cd {copy} && {sys.executable} train.py     # train it to the end")
    print(f"cd {copy} && {command} undo          # take the repair back")
    print(f"{command} check PATH/TO/YOUR/PROJECT   # what is wrong in yours; writes nothing")
    return 0


def lfix(folder: Path, *arguments: str) -> int:
    """Run lfix in ``folder``, let it speak for itself, and return its exit code."""
    print(f"$ lfix {' '.join(arguments)}", flush=True)
    return subprocess.run([*LFIX, *arguments], cwd=folder, check=False).returncode


def verify(folder: Path, run: tuple[str, ...]) -> int:
    """Train one step of a script with its arguments; the exit code tells the outcome."""
    script, *arguments = run
    rest = ("--", *arguments) if arguments else ()
    here = ("--device", "cpu", "--python", sys.executable)
    return lfix(folder, "verify", *here, script, *rest)


def outcome(code: int) -> str:
    """The word for an exit code of ``lfix verify``."""
    return OUTCOMES.get(code, f"error (exit code {code})")


def say(text: str) -> None:
    """Print a heading, ahead of what the next command prints."""
    print(f"\n== {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
