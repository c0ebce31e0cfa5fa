"""Starts children of a process that has torch in memory already: a run takes 0.5 s, not 4 s.

Only what Lightning stands on is loaded beforehand, never Lightning itself, whose import the runner
has to see. Everything else is as in a process of its own: group, folder, variables, streams.
"""

from __future__ import annotations

import array
import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Sequence
from typing import Any, BinaryIO

_POPEN = subprocess.Popen
_LINE = 1_000_000
_LIGHTNING = ("lightning", "pytorch_lightning", "lightning_fabric")


class Stove:
    """Keeps one warm process for as long as it is open."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
        theirs.close()
        self._socket = ours
        self._answers = ours.makefile("r")
        self._lock = threading.Lock()

    def ask(self, question: Any, *descriptors: int) -> Any:
        """One question and its answer."""
        with self._lock:
            line = json.dumps(question).encode() + b"\n"
            packed = array.array("i", descriptors)
            extra = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, packed)] if descriptors else []
            sent = self._socket.sendmsg([line], extra)
            self._socket.sendall(line[sent:])
            return json.loads(self._answers.readline())

    def close(self) -> None:
        """End the warm process."""
        self._socket.close()
        self._answers.close()
        self._process.terminate()
        self._process.wait()

    def popen(self, command: Sequence[str], **more: Any) -> Any:
        """What ``subprocess.Popen`` does; a ``python -c CODE …`` is started warm."""
        if command[:2] != (sys.executable, "-c"):
            return _POPEN(command, **more)
        question = {"code": command[2], "args": command[3:], "cwd": str(more["cwd"])}
        return Child(self, question | {"env": dict(more.get("env") or os.environ)}, more["stdout"])


class Child:
    """As much of ``subprocess.Popen`` as is asked for."""

    def __init__(self, stove: Stove, question: dict[str, Any], output: int | BinaryIO) -> None:
        self._stove = stove
        self._code: int | None = None
        self.stdout: BinaryIO | None = None
        if output == subprocess.PIPE:
            reading, writing = os.pipe()
            self.pid: int = stove.ask(question, writing)
            os.close(writing)
            self.stdout = os.fdopen(reading, "rb", 0)
        else:
            self.pid = stove.ask(question, output if isinstance(output, int) else output.fileno())

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        if self._code is None:
            self._code = self._stove.ask({"poll": self.pid})
        return self._code

    def wait(self) -> int:
        """The exit code, once it has ended."""
        while self.poll() is None:
            time.sleep(0.01)
        assert self._code is not None
        return self._code


def _serve(descriptor: int) -> None:
    _warm_up()
    server = socket.socket(fileno=descriptor)
    rest = b""
    given: list[int] = []
    while True:
        while b"\n" not in rest:
            data, extra, _, _ = server.recvmsg(_LINE, socket.CMSG_LEN(64))
            if not data:
                return
            rest += data
            for _, _, content in extra:
                given.extend(array.array("i", content[: len(content) // 4 * 4]))
        line, _, rest = rest.partition(b"\n")
        question = json.loads(line)
        if "poll" in question:
            ended, status = os.waitpid(question["poll"], os.WNOHANG)
            answer: Any = os.waitstatus_to_exitcode(status) if ended else None
        else:
            output = given.pop(0)
            answer = os.fork()
            if answer == 0:
                server.close()
                _become(question, output)
            os.close(output)
        server.sendall(json.dumps(answer).encode() + b"\n")


def _warm_up() -> None:
    """Load what Lightning imports, without keeping Lightning."""
    import lightning.pytorch.cli  # noqa: F401

    for name in list(sys.modules):
        if name.partition(".")[0] in _LIGHTNING:
            del sys.modules[name]
    for name, logger in logging.root.manager.loggerDict.items():
        if name.partition(".")[0] in _LIGHTNING and isinstance(logger, logging.Logger):
            logger.handlers.clear()


def _become(question: dict[str, Any], output: int) -> None:
    """Be the process that was asked for; never returns."""
    os.setsid()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.close(output)
    sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb", closefd=False))
    sys.stdout = io.TextIOWrapper(os.fdopen(1, "wb", 0, closefd=False), "utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(os.fdopen(2, "wb", 0, closefd=False), "utf-8", write_through=True)
    os.environ.clear()
    os.environ.update(question["env"])
    os.chdir(question["cwd"])
    sys.argv = ["-c", *question["args"]]
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    code = 1
    try:
        exec(question["code"], {"__name__": "__main__"})
        code = 0
    except BaseException:  # noqa: BLE001 - what comes here would have ended the interpreter
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
