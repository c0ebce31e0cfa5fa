"""Runs programs under their releases: one server process per release and distribution."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .overlays import OverlayError, overlay

NEWEST = "newest"
# Only against programs that hang; the slowest one needs about a second.
LIMIT_SECONDS = 180.0
_HERE = Path(__file__).resolve().parent
_LIGHTNING = re.compile(r"^\s*(?:from|import)\s+lightning\b", re.MULTILINE)
_PYTORCH_LIGHTNING = re.compile(r"^\s*(?:from|import)\s+pytorch_lightning\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Program:
    """A program with its driver and the release to run it under; NEWEST is the installed one."""

    files: tuple[tuple[str, str], ...]
    main: str
    driver: str
    release: str = NEWEST

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The distributions that it imports; the first decides which server runs it."""
        text = "\n".join([text for _, text in self.files] + [self.driver])
        wanted = []
        if _LIGHTNING.search(text):
            wanted.append("lightning.pytorch")
        if _PYTORCH_LIGHTNING.search(text) or not wanted:
            wanted.append("pytorch_lightning")
        return tuple(wanted)

    @property
    def job(self) -> dict[str, Any]:
        """What the server is told."""
        return {
            "files": dict(self.files),
            "main": self.main,
            "driver": self.driver,
            "namespaces": self.namespaces,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a program: ``status`` is one of done, raised, hung, died.

    ``exception`` reads ``Type: message``, ``result`` is the RESULT as far as it came, and
    ``output`` the end of what was printed.
    """

    status: str
    result: dict[str, Any] = field(default_factory=dict)
    exception: str = ""
    output: str = ""


def run_programs(
    programs: Iterable[Program], limit: float = LIMIT_SECONDS
) -> dict[Program, Outcome]:
    """Run each program once; one that takes more than ``limit`` seconds counts as hung."""
    servers: dict[tuple[str, str], list[Program]] = defaultdict(list)
    for program in dict.fromkeys(programs):
        servers[program.release, program.namespaces[0]].append(program)
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        served = [pool.submit(_serve, *key, asked, limit) for key, asked in servers.items()]
        return {program: outcome for part in served for program, outcome in part.result().items()}


def _serve(
    release: str, namespace: str, programs: list[Program], limit: float
) -> dict[Program, Outcome]:
    try:
        folders = () if release == NEWEST else overlay(release)
    except OverlayError as error:
        return dict.fromkeys(programs, Outcome("died", exception=str(error)))
    done = subprocess.run(
        [sys.executable, "-m", "proofkit.server", namespace, str(limit)],
        input=json.dumps([program.job for program in programs]),
        capture_output=True,
        text=True,
        check=False,
        env=_environment(folders),
    )
    outcomes = [Outcome(**json.loads(line)) for line in done.stdout.splitlines()]
    missing = len(programs) - len(outcomes)
    message = f"the server of {namespace} {release} ended with exit status {done.returncode}"
    outcomes += [Outcome("died", exception=message, output=done.stderr)] * missing
    return dict(zip(programs, outcomes, strict=True))


def _environment(folders: tuple[Path, ...]) -> dict[str, str]:
    """The environment of a server: overlays first, proofkit last, no accelerator to be seen."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PL_", "PYTEST", "PYTHON"))}
    path = os.pathsep.join(str(folder) for folder in (*folders, _HERE))
    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return {**kept, **threads, "PYTHONPATH": path, "CUDA_VISIBLE_DEVICES": ""}
