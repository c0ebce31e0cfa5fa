"""The matrix of scripts and faults: what verification says of each, and how long it takes.

``python -m tests.verify.matrix`` prints it.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from lfix.codemods.verify import Outcome, Request, verify

from .faults import FAULTS, Fault
from .programs import program
from .scripts import COMMON, SCRIPTS
from .warm import Stove

#: Runs a script as `python train.py` would, in a warm process too.
_PLAINLY = (
    "import runpy, sys; sys.argv[:] = ['train.py']; runpy.run_path('train.py', None, '__main__')"
)


@dataclass(frozen=True)
class Row:
    """One run of the matrix."""

    kind: str
    name: str
    outcome: Outcome
    seconds: float
    naive: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """As texts: what, a plain run, outcome, exit code, seconds, reason or notes."""
        told = [self.outcome.reason] if self.outcome.exit_code else [*self.outcome.notes]
        told += [f"wrote: {entry}" for entry in self.outcome.wrote]
        return (
            f"{self.kind}: {self.name}",
            self.naive,
            self.outcome.status.value,
            str(self.outcome.exit_code),
            f"{self.seconds:.1f}",
            "; ".join(told)[:150],
        )


def tried(folder: Path, files: Mapping[str, str], options: Mapping[str, Any]) -> Outcome:
    """Write a project and verify it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    own = {"python": Path(sys.executable), "cwd": folder, "root": folder}
    return verify(Request(**{**COMMON, **own, **options}))


def plainly(folder: Path, source: str) -> int:
    """The exit code of a script that is just run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "train.py").write_text(source, encoding="utf-8")
    with (folder / "output").open("wb") as output:
        child = subprocess.Popen(
            (sys.executable, "-c", _PLAINLY), cwd=folder, stdout=output, stderr=output
        )
        return child.wait()


def _naive(folder: Path, fault: Fault) -> str:
    if fault.naive is None:
        return "hangs"
    return "passes" if plainly(folder, program(**fault.program)) == 0 else "raises"


def rows(folder: Path) -> Iterator[Row]:
    """Every run."""
    for name, script in SCRIPTS.items():
        began = time.monotonic()
        outcome = tried(folder / f"script {name}".replace("/", "-"), script.files, script.options)
        yield Row("script", name, outcome, time.monotonic() - began)
    for number, (name, fault) in enumerate(FAULTS.items()):
        naive = _naive(folder / f"plain{number}", fault)
        for kind, source in (("fault", fault.program), ("twin", fault.twin)):
            began = time.monotonic()
            files = {"train.py": program(**source)}
            outcome = tried(folder / f"{kind}{number}", files, fault.options)
            yield Row(
                kind, name, outcome, time.monotonic() - began, naive if kind == "fault" else ""
            )


def _put(cells: Iterable[str]) -> None:
    sys.stdout.write("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    sys.stdout.flush()


def main() -> None:
    """Print the table."""
    stove = Stove()
    heads = ("script", "just run", "outcome", "exit", "s", "told")
    _put(heads)
    _put(["---"] * len(heads))
    with (
        tempfile.TemporaryDirectory() as folder,
        mock.patch("subprocess.Popen", stove.popen),
    ):
        for row in rows(Path(folder).resolve()):
            _put(row.cells)
    stove.close()


if __name__ == "__main__":
    main()
