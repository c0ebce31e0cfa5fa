"""Runs the script as ``__main__`` under the guards and writes the verdict.

Started by the parent as ``python -c "... main(request)"`` with the folder of this package on the
path; the request is a JSON file in the folder that takes the results.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import platform
import runpy
import sys
import types
from typing import Any

from .blame import judge
from .guard import refuse_network, refuse_writes
from .imports import Finder, listen_to_warnings
from .old import settle_libraries
from .places import Places
from .record import NOT_VERIFIABLE, USAGE, Record, Stop
from .synthetic import SpecError
from .target import train
from .trainer import Training


def main(request_path: str) -> None:
    """Run what ``request_path`` asks for, and end the process whatever the script left behind."""
    with open(request_path, encoding="utf-8") as file:
        request: dict[str, Any] = json.load(file)
    folder = os.path.dirname(os.path.abspath(request_path))
    record = Record(folder, request["timeout"])
    places = Places(request["root"], request["copy"])
    record.facts["versions"]["python"] = platform.python_version()
    training = Training(record, places, os.path.join(folder, "out"), request)
    _settle(request, folder, record, places, training)
    record.reach("started")
    try:
        _execute(request, record)
    except Stop:
        pass
    except BaseException as error:  # noqa: BLE001 - whatever ends the script is the finding
        _judge_ending(error, record, places, training)
    else:
        _judge_ending(None, record, places, training)
    sys.stdout.flush()
    sys.stderr.flush()
    _end_workers()
    os._exit(0)


def _end_workers() -> None:
    """End what multiprocessing would end at a proper exit, so that it does not look left behind."""
    workers = sys.modules.get("multiprocessing")
    for process in workers.active_children() if workers is not None else ():
        process.terminate()


def _settle(
    request: dict[str, Any], folder: str, record: Record, places: Places, training: Training
) -> None:
    """Make this interpreter look as if the script had been started by hand, in the copy."""
    sys.dont_write_bytecode = True
    kept = [path for path in sys.path if path and os.path.realpath(path) != request["boot"]]
    sys.path[:] = [request["path0"]] + [places.to_copy(path) for path in kept]
    sys.argv[:] = [request["argv0"]] + request["args"]
    listen_to_warnings(record, places)
    if not request["allow_net"]:
        refuse_network(record, places)
    refuse_writes(record, places, request["guarded"], folder)
    if request["old"]:
        settle_libraries()
    finder: Any = Finder(places, training.patch)
    sys.meta_path.insert(0, finder)


def _execute(request: dict[str, Any], record: Record) -> None:
    if request["target"]:
        home = request["target"].partition(":")[0]
        if _find(home) is None:
            record.stop(USAGE, f"no module named {home}")
        try:
            train(request["target"], request["init"])
        except SpecError as error:
            record.stop(USAGE, str(error))
        return
    if request["module"]:
        if _find(request["module"]) is None:
            record.stop(USAGE, f"no module named {request['module']}")
        runpy.run_module(request["module"], run_name="__main__", alter_sys=True)
        return
    with open(request["script"], "rb") as file:
        code = compile(file.read(), request["script"], "exec", dont_inherit=True)
    script = types.ModuleType("__main__")
    script.__dict__.update(__file__=request["script"], __builtins__=__builtins__)
    sys.modules["__main__"] = script
    exec(code, script.__dict__)  # noqa: S102 - as the interpreter would


def _find(module: str) -> Any:
    """The spec of ``module``; an error inside of its parent package is left to the run itself."""
    try:
        return importlib.util.find_spec(module)
    except ModuleNotFoundError as error:
        return None if error.name and module.startswith(error.name) else error
    except Exception as error:  # noqa: BLE001 - the run will show it with its traceback
        return error


def _judge_ending(
    error: BaseException | None, record: Record, places: Places, training: Training
) -> None:
    """The verdict on a script that ended without a verdict from ``fit``."""
    swallowed = training.refused
    if swallowed is not None and (error is None or isinstance(error, SystemExit)):
        verdict = judge(swallowed, record, places)
        record.finish(verdict.status, verdict.reason, verdict.error)
    elif error is not None:
        verdict = judge(error, record, places)
        record.finish(verdict.status, verdict.reason, verdict.error)
    elif training.evaluated:
        ran = ", ".join(sorted(set(training.evaluated)))
        record.finish(NOT_VERIFIABLE, f"the script never reached Trainer.fit, only Trainer.{ran}")
    elif record.facts["network"]:
        seen = record.facts["network"][-1]
        record.finish(
            NOT_VERIFIABLE,
            f"the script never reached Trainer.fit, after it tried to connect to {seen['host']}"
            f" at {seen['at']}; pass --allow-net to let it",
        )
    else:
        record.finish(NOT_VERIFIABLE, "the script never reached Trainer.fit")
