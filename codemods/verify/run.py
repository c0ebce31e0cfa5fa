"""One verification, from the request to the outcome."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from lfix.codemods.lightning.heard import watched

from . import launch, ranks, told
from .data import NoDataError, beside, recorded, source
from .outcome import Outcome, Stage, Status
from .request import Request, RequestError
from .runner import memory
from .runner.listing import difference, few, listing
from .runner.process import Limits, run_child
from .sandbox import Sandbox, make_sandbox

_RUNNER = "lfix_runner"
_BOOT = f"""
import sys
sys.path.insert(0, sys.argv[1])
from {_RUNNER}.main import main
main(sys.argv[2])
"""

# No service is asked, no dashboard opened, no old byte code written.
_QUIET = {
    "CLEARML_OFFLINE_MODE": "1",
    "COMET_MODE": "DISABLED",
    "DO_NOT_TRACK": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_OFFLINE": "1",
    "MLFLOW_TRACKING_URI": "file:./mlruns",
    "NEPTUNE_MODE": "debug",
    "TRANSFORMERS_OFFLINE": "1",
    "WANDB_MODE": "disabled",
}
_ALWAYS = {
    "HYDRA_FULL_ERROR": "1",
    "MPLBACKEND": "Agg",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}
# How often a child is looked after, and a little more.
_SEEN_S = 0.1
_OURS = ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT", "__PYVENV_LAUNCHER__")


def verify(request: Request, give_up: ranks.GiveUp | None = None) -> Outcome:
    """Train one step of the script, in a copy of its project, under the project's interpreter.

    Where ``give_up`` comes to say so, the processes are ended and the outcome means nothing.

    Raises:
        RequestError: the script is not there, or an option has no such value.
    """
    request.check()
    root = request.project_root()
    try:
        data = source(request, root)
    except NoDataError as error:
        return Outcome(Status.NOT_VERIFIABLE, str(error), Stage.STARTED)
    before = listing(str(root))
    with tempfile.TemporaryDirectory(prefix="lfix-verify-", ignore_cleanup_errors=True) as temp:
        folder = Path(temp).resolve()
        outcome = _run(request, root, folder, data, give_up)
        outcome = replace(outcome, changes=difference(before, listing(str(root))))
        return recorded(request, root, folder, outcome) if request.data.record else outcome


def _run(
    request: Request,
    root: Path,
    folder: Path,
    data: dict[str, Any],
    give_up: ranks.GiveUp | None,
) -> Outcome:
    box = make_sandbox(root, folder / "copy" / (root.name or "root"), request.changes)
    boot = folder / "boot"
    shutil.copytree(
        Path(__file__).parent / "runner",
        boot / _RUNNER,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    data = beside(data, boot)
    before = listing(str(box.copy))
    meeting = _meeting(request.devices)
    all_ = [_Rank(request, box, boot, folder, data, number) for number in range(request.devices)]
    outcome = ranks.train([partial(rank.run, meeting) for rank in all_], give_up)
    wrote = few(difference(before, listing(str(box.copy))))
    return replace(outcome, wrote=outcome.wrote or wrote)


@dataclass(frozen=True)
class _Rank:
    """One process of a run: the only one, or one of several that train together."""

    request: Request
    box: Sandbox
    boot: Path
    above: Path
    data: Mapping[str, Any]
    number: int

    def run(self, meeting: Mapping[str, str], give_up: ranks.GiveUp | None) -> ranks.Ran:
        """The outcome of the process; by the variables ``meeting`` several find each other."""
        request, box = self.request, self.box
        folder = self.above / f"rank{self.number}"
        (folder / "out").mkdir(parents=True)
        asked = folder / "request.json"
        question = _for_child(request, box, self.boot) | {"data": self.data}
        # What the first process is given counts; the others train on another part of it.
        keeps = request.data.record and self.number == 0
        question |= {"record": str(folder / "batch.pt") if keeps else ""}
        asked.write_text(json.dumps(question), encoding="utf-8")
        if request.launcher:
            return ranks.Ran(_away(request, box, self.above, give_up), time.time())
        # Not resolved: a virtual environment is known by the link that starts it.
        python = str(request.cwd.absolute() / request.python)
        own = {"LOCAL_RANK": str(self.number), "RANK": str(self.number)} if meeting else {}
        try:
            ended = run_child(
                (python, "-c", _BOOT, str(self.boot), str(asked)),
                str(box.to_copy(request.cwd.resolve())),
                {**_environment(box, python, request.overlays), **meeting, **own},
                str(folder),
                Limits(
                    request.timeout,
                    give_up=give_up,
                    scrap=(str(self.above),),
                    memory=memory.limit(request.memory, request.devices),
                ),
            )
        except OSError as error:
            reason = f"the interpreter {python} can not be started: {error.strerror}"
            return ranks.Ran(Outcome(Status.NOT_VERIFIABLE, reason, Stage.STARTED), time.time())
        result = folder / "result.json"
        # A process that dies without a verdict is seen to be dead a moment later.
        at = result.stat().st_mtime if result.exists() else ended.at - _SEEN_S
        return ranks.Ran(told.outcome_of(request, box, folder, ended), at)


def _away(request: Request, box: Sandbox, folder: Path, give_up: ranks.GiveUp | None) -> Outcome:
    """The outcome of a run by ``request.launcher``."""
    settings = {
        "boot": _BOOT,
        "root": str(box.root),
        "copy": str(box.copy),
        "cwd": str(box.to_copy(request.cwd.resolve())),
        "timeout": request.timeout,
        "memory": request.memory,
        "quiet": _QUIET,
        "always": _ALWAYS,
    }
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    sent = launch.Sent(folder, _RUNNER)
    python = str(request.python)
    try:
        ended, copy = launch.run_away(
            request.launcher, python, sent, settings, request.cwd, environment, give_up
        )
    except launch.UnsentError as error:
        return Outcome(Status.NOT_VERIFIABLE, str(error), Stage.STARTED)
    rank = folder / "rank0"
    outcome = told.outcome_of(request, replace(box, copy=Path(copy)), rank, ended)
    by = f"ran by {shlex.join(request.launcher)} on {launch.host(rank)}"
    notes = (*outcome.notes, by, *launch.notes(rank))
    return replace(outcome, notes=notes, wrote=launch.wrote(rank))


def _meeting(processes: int) -> dict[str, str]:
    """The variables of Lightning's own launcher, so that it starts no process itself."""
    if processes == 1:
        return {}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return {
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "WORLD_SIZE": str(processes),
        "NODE_RANK": "0",
        "GLOO_SOCKET_IFNAME": "lo",
    }


def _for_child(request: Request, box: Sandbox, boot: Path) -> dict[str, Any]:
    cwd = box.to_copy(request.cwd.resolve())
    guarded = [*box.guarded, *([] if cwd.is_relative_to(box.copy) else [cwd])]
    script = None
    if request.script is not None:
        script = box.to_copy(request.cwd.resolve() / request.script)
        if not script.is_relative_to(box.copy):
            raise RequestError(f"{request.script} is not below the project root {box.root}")
    return {
        "root": str(box.root),
        "copy": str(box.copy),
        "boot": str(boot),
        "guarded": [str(path) for path in guarded],
        "script": script and str(script),
        "module": request.module,
        "argv0": box.argument(str(request.script or "-m")),
        "args": [box.argument(text) for text in request.args],
        "path0": str(script.parent if script else cwd),
        "device": request.device,
        "timeout": request.timeout,
        "allow_net": request.allow_net,
        "batches": request.batches,
        "hooks": watched() if request.batches else {},
        "devices": request.devices,
        "strategy": request.strategy,
        "target": request.target,
        "init": request.init,
        "precision": request.precision,
        "old": bool(request.overlays),
    }


def _environment(box: Sandbox, python: str, overlays: tuple[Path, ...]) -> dict[str, str]:
    """The user's environment, led into the copy, as the project's interpreter expects it."""
    ours = str(Path(__file__).resolve().parents[3])
    kept = {name: box.argument(value) for name, value in os.environ.items() if name not in _OURS}
    listed = [path for path in kept.pop("PYTHONPATH", "").split(os.pathsep) if path]
    paths = [str(path) for path in overlays]
    paths += [str(box.to_copy(Path(path))) for path in listed if os.path.realpath(path) != ours]
    if paths:
        kept["PYTHONPATH"] = os.pathsep.join(paths)
    if python != sys.executable:
        kept.pop("VIRTUAL_ENV", None)
        kept["PATH"] = os.pathsep.join([str(Path(python).parent), kept.get("PATH", os.defpath)])
    elif "VIRTUAL_ENV" in os.environ:
        kept["VIRTUAL_ENV"] = os.environ["VIRTUAL_ENV"]
    return _QUIET | kept | _ALWAYS
