"""Runs programs under the one Lightning that this process has imported, each in a fork of its own.

``python -m proofkit.server NAMESPACE SECONDS`` reads a JSON list of jobs from stdin and writes a
line of JSON for each to stdout. Importing torch and Lightning takes seconds, a fork milliseconds. A
job is ``{"files": {path: text}, "main": path, "driver": text, "namespaces": [name]}``; the answer
is ``{"status", "result", "exception", "output"}``, the status one of done, raised, hung, died. A
program is killed after SECONDS.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch

from . import observer, use

_OUTPUT_CHARACTERS = 6000


def main() -> None:
    """Serve the jobs on stdin."""
    answers = os.dup(1)
    os.dup2(2, 1)
    namespace, limit = sys.argv[1], float(sys.argv[2])
    _load(namespace)
    for job in json.load(sys.stdin):
        line = json.dumps(_in_fork(job, namespace, limit)) + "\n"
        os.write(answers, line.encode())


def _load(namespace: str) -> None:
    # The old releases rely on the first being there and on the second being imported along.
    setattr(np, "Inf", np.inf)  # noqa: B010 - gone from the stubs of numpy
    importlib.import_module("tqdm.auto")
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    observer.settle_shuffling()
    use(namespace)


def _in_fork(job: dict[str, Any], namespace: str, limit: float) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="lfix-proof-"))
    try:
        return _answer(job, namespace, limit, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answer(job: dict[str, Any], namespace: str, limit: float, folder: Path) -> dict[str, Any]:
    output = folder / "output.txt"
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        _child(job, namespace, folder / "program", output, sending)
    os.close(sending)
    answer = _receive(receiving, time.monotonic() + limit)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, code = os.waitpid(child, 0)
    if answer is None:
        answer = {"status": "hung"}
    elif not answer:
        answer = {"status": "died", "exception": f"exit status {os.waitstatus_to_exitcode(code)}"}
    text = output.read_text(errors="replace") if output.exists() else ""
    return {"result": {}, "exception": "", "output": text[-_OUTPUT_CHARACTERS:], **answer}


def _receive(pipe: int, deadline: float) -> dict[str, Any] | None:
    """What the child sent; nothing if it ended without a word, None if it did not end in time."""
    data = b""
    with os.fdopen(pipe, "rb", buffering=0) as stream:
        while True:
            ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                return None
            chunk = stream.read(65536)
            if not chunk:
                break
            data += chunk
            if data.endswith(b"\n"):
                break
    parsed: dict[str, Any] = json.loads(data) if data.endswith(b"\n") else {}
    return parsed


def _child(job: dict[str, Any], namespace: str, program: Path, output: Path, pipe: int) -> None:
    os.setsid()
    try:
        log = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        answer = json.dumps(_run(job, namespace, program)).encode() + b"\n"
        # The answer comes last: the server kills this process as soon as it has it.
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(pipe, answer)
    finally:
        os._exit(1)


def _run(job: dict[str, Any], namespace: str, program: Path) -> dict[str, Any]:
    for name in job["namespaces"]:
        if name != namespace:
            observer.watch(importlib.import_module(name))
    for path, text in job["files"].items():
        (program / path).parent.mkdir(parents=True, exist_ok=True)
        (program / path).write_text(text, encoding="utf-8")
    os.chdir(program)
    sys.path.insert(0, str(program))
    sys.argv = [str(program / job["main"])]
    observer.seed(0)
    try:
        _execute(program / job["main"], job)
    except BaseException as error:  # noqa: BLE001 - a program may raise anything
        traceback.print_exc()
        kind, text = type(error).__name__, str(error)
        return {
            "status": "raised",
            "exception": f"{kind}: {text}",
            "result": observer.RECORD.result(),
        }
    return {"status": "done", "result": observer.RECORD.result()}


def _execute(path: Path, job: dict[str, Any]) -> None:
    """Run the program as ``__main__`` and then the driver in the same namespace."""
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    sys.modules["__main__"] = module
    exec(
        compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True),
        module.__dict__,
    )
    module.__dict__["proofkit"] = sys.modules[use.__module__]
    exec(compile(job["driver"], f"{path}:driver", "exec", dont_inherit=True), module.__dict__)


if __name__ == "__main__":
    main()
