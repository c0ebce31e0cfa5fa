"""Which programs a verification is to run, from the command line and ``[tool.lfix.verify]``."""

from __future__ import annotations

import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lfix.codemods.engine import settings as settings_
from lfix.codemods.verify import Request, RequestError, default_python
from lfix.codemods.verify.data import OWN, SYNTHETIC, BatchError, Data, check, read

if TYPE_CHECKING:
    from typing import Any

    from lfix.codemods.engine.trials import Trials

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
    if trial.script or trial.module:
        script = None if trial.module else trial.script
        return [_request(trial, known, script, trial.module, trial.args, Path.cwd())]
    lines = trial.scripts or (ALL,)
    made = [_of_line(trial, known, line, Path.cwd()) for line in lines if line != ALL]
    if ALL not in lines:
        return _once(trial, made)
    if known is None or not known.scripts:
        raise RequestError(
            'name a script, or a module with -m, or list some: scripts = ["train.py --fast"] under'
            " [tool.lfix.verify] in pyproject.toml"
        )
    return _once(trial, made + [_of_line(trial, known, line, known.root) for line in known.scripts])


def _once(trial: Trial, requests: list[Request]) -> list[Request]:
    found = list({(r.command(), r.project_root(), r.init): r for r in requests}.values())
    if trial.record_to is not None and len(found) > 1:
        raise RequestError("--record-to is one file: name the one script that it is for")
    return found


def steps(trial: Trial, known: Trials | None) -> int:
    """How many batches to compare."""
    return trial.steps or (known.steps if known else None) or _STEPS


def _of_line(trial: Trial, known: Trials | None, line: str, cwd: Path) -> Request:
    """A line such as ``train.py --fast``, ``-m pkg.train`` or ``pkg.net:Net --init lr=0.1``."""
    words = shlex.split(line)
    if not words or words == ["-m"]:
        raise RequestError("--verify needs a script, such as --verify 'train.py --epochs 1'")
    if words[0] == "-m":
        return _request(trial, known, None, words[1], tuple(words[2:]), cwd)
    if _is_target(words[0], cwd) and words[1:2] == ["--init"]:
        trial = replace(trial, init=" ".join(words[2:]))
        words = words[:1]
    return _request(trial, known, words[0], None, tuple(words[1:]), cwd)


def _is_target(script: str, cwd: Path) -> bool:
    return ":" in script and not (cwd / script).exists()


def _request(
    trial: Trial,
    known: Trials | None,
    script: str | None,
    module: str | None,
    args: tuple[str, ...],
    cwd: Path,
) -> Request:
    target = script if script and _is_target(script, cwd) else ""
    request = Request(
        Path(script) if script and not target else None,
        module,
        args,
        device=trial.device or (known.device if known else "") or "auto",
        timeout=trial.timeout or (known.timeout if known else None) or _SECONDS,
        memory=trial.memory or (known.memory if known else None) or 0.0,
        precision=trial.precision or (known.precision if known else ""),
        allow_net=trial.allow_net,
        cwd=cwd,
        devices=trial.devices,
        strategy=trial.strategy,
        launcher=_launcher(trial, known),
        target=target,
        init=trial.init,
        data=_data(trial, known),
    )
    python = trial.python or default_python(request.project_root())
    return replace(request, python=python)


def _launcher(trial: Trial, known: Trials | None) -> tuple[str, ...]:
    if trial.launcher is None:
        return known.launcher if known is not None else ()
    try:
        return tuple(shlex.split(trial.launcher))
    except ValueError as error:
        raise RequestError(f"--launcher {trial.launcher!r}: {error}") from error


def _data(trial: Trial, known: Trials | None) -> Data:
    recording = trial.record or trial.record_to is not None
    kind = trial.data or (SYNTHETIC if trial.batch else "")
    if not kind and known is not None and not recording:
        kind = known.data
    if trial.batch and kind != SYNTHETIC:
        raise RequestError(f"--batch goes with --data {SYNTHETIC}, not with --data {kind}")
    to = trial.record_to
    made = Data(kind or OWN, record=recording, to=Path.cwd() / to if to is not None else None)
    if trial.batch:
        return replace(made, batch=_read(trial.batch, Path.cwd(), "--batch"))
    if known is None or known.batch is None:
        return made
    place = "[tool.lfix.verify] batch"
    return replace(made, batch=_read(known.batch, known.root, place), place=place)


def _read(batch: Any, folder: Path, place: str) -> Any:
    try:
        return read(batch, folder) if isinstance(batch, str) else check(batch)
    except BatchError as error:
        raise RequestError(f"{place}: {error}") from error
