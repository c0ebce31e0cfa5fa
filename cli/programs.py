"""Which programs a verification is to run, from the command line and ``[tool.lfix.verify]``."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.engine import settings as settings_
from lfix.codemods.engine.trials import Trials
from lfix.codemods.verify import Request, RequestError, default_python
from lfix.codemods.verify.data import OWN, SYNTHETIC, BatchError, Data, check, read

from .choices import Program

if TYPE_CHECKING:
    from typing import Any

    from .choices import Trial

#: What stands for the programs that the settings list.
ALL = "all"
_STEPS = 8
_SECONDS = 120.0


def trials() -> Trials | None:
    """What the settings of the current folder say of verification.

    Raises:
        SettingsError: they cannot be used.
    """
    found = settings_.find_pyproject(Path(os.path.realpath(Path.cwd())))
    return settings_.load(found).trials if found else None


def requests(trial: Trial, known: Trials | None) -> list[Request]:
    """What is to be run: the program named, else the lines of ``scripts``, else all of ``known``.

    Raises:
        RequestError: there is none, or an option has no such value.
    """
    known = known or Trials(Path.cwd())
    if trial.program is not None:
        return [_request(trial, known, trial.program)]
    lines = trial.scripts or (ALL,)
    named = [_of_line(line, trial.init, Path.cwd()) for line in lines if line != ALL]
    if ALL in lines and not known.scripts:
        raise RequestError(
            'name a script, or a module with -m, or list some: scripts = ["train.py --fast"] under'
            " [tool.lfix.verify] in pyproject.toml"
        )
    listed = known.scripts if ALL in lines else ()
    named += [_of_line(line, trial.init, known.root) for line in listed]
    return _once(trial, [_request(trial, known, program) for program in named])


def _once(trial: Trial, requests: list[Request]) -> list[Request]:
    found = list({(r.command(), r.project_root(), r.init): r for r in requests}.values())
    if trial.record_to is not None and len(found) > 1:
        raise RequestError("--record-to is one file: name the one script that it is for")
    return found


def steps(trial: Trial, known: Trials | None) -> int:
    """How many batches to compare."""
    return trial.steps or (known.steps if known else None) or _STEPS


def _of_line(line: str, init: str, cwd: Path) -> Program:
    """A line such as ``train.py --fast``, ``-m pkg.train`` or ``pkg.net:Net --init lr=0.1``."""
    words = shlex.split(line)
    if not words or words == ["-m"]:
        raise RequestError("--verify needs a script, such as --verify 'train.py --epochs 1'")
    if words[0] == "-m":
        return Program(module=words[1], args=tuple(words[2:]), init=init, cwd=cwd)
    if _is_target(words[0], cwd) and words[1:2] == ["--init"]:
        return Program(script=words[0], init=" ".join(words[2:]), cwd=cwd)
    return Program(script=words[0], args=tuple(words[1:]), init=init, cwd=cwd)


def _is_target(script: str, cwd: Path) -> bool:
    return ":" in script and not (cwd / script).exists()


def _request(trial: Trial, known: Trials, program: Program) -> Request:
    """One program; what the command line does not say of it, the settings do."""
    target = program.script if _is_target(program.script, program.cwd) else ""
    request = Request(
        script=Path(program.script) if program.script and not target else None,
        module=program.module,
        target=target,
        args=program.args,
        init=program.init,
        cwd=program.cwd,
        device=trial.device or known.device or "auto",
        devices=trial.devices,
        strategy=trial.strategy,
        precision=trial.precision or known.precision,
        launcher=_launcher(trial, known),
        data=_data(trial, known),
        timeout=trial.timeout or known.timeout or _SECONDS,
        memory=trial.memory or known.memory or 0.0,
        allow_net=trial.allow_net,
    )
    return replace(request, python=trial.python or default_python(request.project_root()))


def _launcher(trial: Trial, known: Trials) -> tuple[str, ...]:
    if trial.launcher is None:
        return known.launcher
    try:
        return tuple(shlex.split(trial.launcher))
    except ValueError as error:
        raise RequestError(f"--launcher {trial.launcher!r}: {error}") from error


def _data(trial: Trial, known: Trials) -> Data:
    recording = trial.record or trial.record_to is not None
    kind = trial.data or (SYNTHETIC if trial.batch else "")
    if not kind and not recording:
        kind = known.data
    if trial.batch and kind != SYNTHETIC:
        raise RequestError(f"--batch goes with --data {SYNTHETIC}, not with --data {kind}")
    to = trial.record_to
    made = Data(kind or OWN, record=recording, to=Path.cwd() / to if to is not None else None)
    if trial.batch:
        return replace(made, batch=_read(trial.batch, Path.cwd(), "--batch"))
    if known.batch is None:
        return made
    place = "[tool.lfix.verify] batch"
    return replace(made, batch=_read(known.batch, known.root, place), place=place)


def _read(batch: Any, folder: Path, place: str) -> Any:
    try:
        return read(batch, folder) if isinstance(batch, str) else check(batch)
    except BatchError as error:
        raise RequestError(f"{place}: {error}") from error
