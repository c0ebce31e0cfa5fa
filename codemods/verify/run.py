"""One verification, from the request to the outcome."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .outcome import Check, ErrorDetail, Outcome, Place, Rung, Stage, Status, together
from .process import Ended, run_child
from .request import Request, RequestError
from .runner.record import USAGE
from .sandbox import Sandbox, difference, listing, make_sandbox

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
_OURS = ("PYTHONHOME", "PYTHONSTARTUP", "PYTHONINSPECT", "__PYVENV_LAUNCHER__")


def verify(request: Request) -> Outcome:
    """Train one step of the script, in a copy of its project, under the project's interpreter.

    Raises:
        RequestError: the script is not there, or an option has no such value.
    """
    request.check()
    root = request.project_root()
    before = listing(root)
    with tempfile.TemporaryDirectory(prefix="lfix-verify-", ignore_cleanup_errors=True) as temp:
        folder = Path(temp).resolve()
        outcome = _run(request, root, folder)
    return replace(outcome, changes=difference(before, listing(root)))


def _run(request: Request, root: Path, folder: Path) -> Outcome:
    box = make_sandbox(root, folder / "copy" / (root.name or "root"), request.changes)
    boot = folder / "boot"
    shutil.copytree(
        Path(__file__).parent / "runner",
        boot / _RUNNER,
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    ranks = [_Rank(request, box, boot, folder, number) for number in range(request.devices)]
    meeting = _meeting(request.devices)
    with ThreadPoolExecutor(len(ranks)) as pool:
        outcomes = list(pool.map(lambda rank: rank.run(meeting), ranks))
    return together(outcomes)


@dataclass(frozen=True)
class _Rank:
    """One process of a run: the only one, or one of several that train together."""

    request: Request
    box: Sandbox
    boot: Path
    above: Path
    number: int

    def run(self, meeting: Mapping[str, str]) -> Outcome:
        """The outcome of the process; by the variables ``meeting`` several find each other."""
        request, box = self.request, self.box
        folder = self.above / f"rank{self.number}"
        (folder / "out").mkdir(parents=True)
        asked = folder / "request.json"
        asked.write_text(json.dumps(_for_child(request, box, self.boot)), encoding="utf-8")
        # Not resolved: a virtual environment is known by the link that starts it.
        python = str(request.cwd.absolute() / request.python)
        own = {"LOCAL_RANK": str(self.number), "RANK": str(self.number)} if meeting else {}
        try:
            ended = run_child(
                (python, "-c", _BOOT, str(self.boot), str(asked)),
                box.to_copy(request.cwd.resolve()),
                {**_environment(box, python, request.overlays), **meeting, **own},
                folder,
                request.timeout,
            )
        except OSError as error:
            return Outcome(
                Status.NOT_VERIFIABLE,
                f"the interpreter {python} can not be started: {error.strerror}",
                Stage.STARTED,
            )
        return _outcome(request, box, folder, ended)


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
        "devices": request.devices,
        "strategy": request.strategy,
        "target": request.target,
        "init": request.init,
        "batch": request.batch,
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


def _outcome(request: Request, box: Sandbox, folder: Path, ended: Ended) -> Outcome:
    output = ended.output.replace(str(box.copy), str(box.root))
    result = folder / "result.json"
    if not result.exists():
        return _unfinished(request, box, folder, ended, output)
    found = json.loads(result.read_text(encoding="utf-8"))
    if found["status"] == USAGE:
        raise RequestError(found["reason"])
    reason, error = found["reason"], found["error"]
    if error and error["type"] == "SystemExit":
        reason += _last_line(output)
    return Outcome(
        status=Status(found["status"]),
        reason=reason,
        stage=Stage(found["stage"]),
        ladder=tuple(_rung(rung) for rung in found["ladder"]),
        gpu_peak_mb=found.get("gpu_peak_mb"),
        checks=tuple(Check(**check) for check in found["checks"]),
        error=ErrorDetail(**error) if error else None,
        device=found["device"],
        logged=tuple(found["logged"]),
        deprecations=tuple(Place(item["message"], item["at"]) for item in found["deprecations"]),
        network=tuple(Place(item["host"], item["at"]) for item in found["network"]),
        writes=tuple(Place(item["path"], item["at"]) for item in found["writes"]),
        notes=tuple(found["notes"]),
        versions=found["versions"],
        recording=found.get("recording"),
        weights=found.get("weights"),
        output=output,
    )


def _unfinished(request: Request, box: Sandbox, folder: Path, ended: Ended, output: str) -> Outcome:
    """The outcome of a run that hung or died without a verdict."""
    # The last line may be half written.
    lines = _text_of(folder / "progress").split("\n")[:-1]
    ladder = tuple(_rung(json.loads(line)) for line in lines)
    stage = ladder[-1].stage if ladder else None
    stack = _text_of(folder / "stack").replace(str(box.copy), str(box.root))
    network = tuple(
        Place(item["host"], item["at"])
        for item in map(json.loads, _text_of(folder / "network").splitlines())
    )
    in_fit = stage is not None and stage.order >= Stage.FIT_ENTERED.order
    if stage is None:
        reason = f"the interpreter {request.python} can not run the check{_last_line(output)}"
    elif ended.timed_out:
        where = _stuck_at(stack, box.root)
        reason = (
            f"no progress for {request.timeout:g} s after '{stage.value}'{where};"
            " raise --timeout if it is only slow"
        )
    else:
        reason = (
            f"the process ended {_ending(ended.code)} after '{stage.value}'{_last_line(output)}"
        )
    if network and not in_fit:
        at = f" at {network[-1].at}" if network[-1].at else ""
        reason += (
            f" (the script tried to connect to {network[-1].what}{at}; pass --allow-net to let it)"
        )
    return Outcome(
        status=Status.FAILED if in_fit else Status.NOT_VERIFIABLE,
        reason=reason,
        stage=stage or Stage.STARTED,
        ladder=ladder,
        network=network,
        stack=stack,
        output=output,
    )


def _rung(found: dict[str, Any]) -> Rung:
    return Rung(Stage(found["stage"]), found["seconds"], found["peak_mb"])


def _stuck_at(stack: str, root: Path) -> str:
    """The project's own line in the main thread, which a stack dump shows last."""
    for thread in reversed(re.split(r"\n\s*\n", stack)):
        for file, line in re.findall(r'File "(.+?)", line (\d+)', thread):
            if Path(file).is_relative_to(root):
                return f" at {Path(file).relative_to(root)}:{line}"
    return ""


def _ending(code: int) -> str:
    if code >= 0:
        return f"with status {code}"
    return f"by {signal.Signals(-code).name}"


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f": {lines[-1]}" if lines else ""


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
