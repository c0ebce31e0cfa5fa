"""Reads what a child has left behind: its verdict, or how far it got without one."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

from .outcome import Check, ErrorDetail, Outcome, Place, Rung, Stage, Status
from .request import Request, RequestError
from .runner.process import Ended
from .runner.record import USAGE
from .sandbox import Sandbox

_WAITS_FOR_WORKERS = re.compile(r'data/dataloader\.py", line \d+ in _(try_)?get_data')


def outcome_of(request: Request, box: Sandbox, folder: Path, ended: Ended) -> Outcome:
    """The outcome of a child of which ``folder`` holds the files.

    Raises:
        RequestError: the request turned out to be wrong once it was run.
    """
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
        data=found["data"],
        first_batch=found.get("first_batch"),
        versions=found["versions"],
        recording=found.get("recording"),
        weights=found.get("weights"),
        running=ended.left,
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
    in_fit = ended.over is None and stage is not None and stage.order >= Stage.FIT_ENTERED.order
    if stage is None:
        reason = f"the interpreter {request.python} can not run the check{_last_line(output)}"
    elif ended.over is not None:
        held, most = (f"{number / 1e9:.2g} GB" for number in ended.over)
        reason = (
            f"it held {held} of memory after '{stage.value}', and {most} is its limit here;"
            " --memory says how much it may take"
        )
    elif ended.timed_out:
        where = _stuck_at(stack, box.root)
        if _WAITS_FOR_WORKERS.search(stack):
            where += ", where a DataLoader waits for its workers"
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
        running=ended.left,
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
