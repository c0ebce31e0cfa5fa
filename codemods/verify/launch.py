"""Runs the child through a launcher: ``srun …``, ``ssh host``, any words that end in a command.

One file is sent: the runner, the copy of the project and the request, as a Python program. It is
named to the launcher by its path, and where the far side does not see that path, given as input.
What comes back comes on standard output, in marked lines (``runner/away.py``).
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shlex
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .runner.away import FOLDER
from .runner.process import Ended, Limits, Output, run_child

#: A project whose copy is larger than this when packed is not sent.
PACKED_BYTES = 100_000_000

# The far side ends a run that stands still; only where it cannot, this side does.
_SLACK_S = 15.0
_LONGEST_LINE = 1_000_000
_WIDTH = 76

_PROGRAM = '''\
"""One run of `lfix verify`, sent elsewhere: the runner, the project and what to run."""
import base64, io, os, shutil, sys, tarfile, tempfile

PACKED = """
{packed}"""

folder = os.path.realpath(tempfile.mkdtemp(prefix="lfix-verify-"))
try:
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(PACKED)), mode="r:gz") as packed:
        trust = {{"filter": "fully_trusted"}} if hasattr(tarfile, "fully_trusted_filter") else {{}}
        packed.extractall(folder, **trust)
    sys.path.insert(0, os.path.join(folder, "boot"))
    from {runner}.away import main
    code = main(folder)
finally:
    shutil.rmtree(folder, ignore_errors=True)
sys.exit(code)
'''


class UnsentError(Exception):
    """The run did not start on the far side; the message says why and what to do."""


@dataclass(frozen=True)
class Sent:
    """What goes to the far side: ``folder`` holds boot, copy and rank0; the rest is settings."""

    folder: Path
    runner: str
    token: str = field(default_factory=lambda: os.urandom(8).hex())

    def program(self, settings: Mapping[str, Any]) -> bytes:
        """The file, as Python 3.7 reads it.

        Raises:
            UnsentError: the project is too large.
        """
        asked = self.folder / "rank0" / "request.json"
        texts = {"rank0/request.json": asked.read_text(encoding="utf-8")}
        texts["away.json"] = json.dumps({**settings, "token": self.token})
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz", compresslevel=1) as archive:
            for name in ("boot", "copy", "rank0/out"):
                archive.add(self.folder / name, arcname=name)
                if packed.tell() > PACKED_BYTES:
                    raise UnsentError(
                        f"the project is larger than {PACKED_BYTES // 1_000_000} MB when packed, "
                        "which is too much to send: run lfix on the other machine instead"
                    )
            for name, text in texts.items():
                content = text.replace(json.dumps(str(self.folder))[1:-1], FOLDER).encode()
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        coded = base64.encodebytes(packed.getvalue()).decode("ascii")
        return _PROGRAM.format(packed=coded, runner=self.runner).encode("ascii")


class Marked(Output):
    """Takes the marked lines out of what a launcher prints, and writes down what they tell."""

    def __init__(self, descriptor: int, folder: Path, token: str) -> None:
        super().__init__(descriptor)
        self._folder = folder
        self._line = re.compile(
            rb"@lfix %b (\S+) (more|end) ([A-Za-z0-9+/=]*)@\r?\n" % token.encode()
        )
        self._rest = b""
        self._pieces: dict[str, bytes] = {}

    def take(self, chunk: bytes) -> None:
        """Keep what is not marked."""
        lines, newline, rest = (self._rest + chunk).rpartition(b"\n")
        self._rest = rest
        if newline:
            super().take(self._line.sub(self._heard, lines + newline))
        if len(self._rest) > _LONGEST_LINE:
            super().take(self._rest)
            self._rest = b""

    def close(self) -> None:
        """Keep what has no end of line."""
        super().take(self._rest)
        self._rest = b""

    def _heard(self, found: re.Match[bytes]) -> bytes:
        kind, more, piece = found[1].decode(), found[2], found[3]
        whole = self._pieces.pop(kind, b"") + piece
        if more == b"more":
            self._pieces[kind] = whole
            return b""
        text = base64.b64decode(whole)
        if kind in ("progress", "network", "stack", "note"):
            with (self._folder / kind).open("ab") as file:
                file.write(text + (b"\n" if kind == "note" else b""))
        elif kind in ("started", "ended", "result.json"):
            part = self._folder / f"{kind}.part"
            part.write_bytes(text)
            part.replace(self._folder / kind)
        return b""


def run_away(
    launcher: Sequence[str],
    python: str,
    sent: Sent,
    settings: Mapping[str, Any],
    cwd: Path,
    environment: Mapping[str, str],
    give_up: Callable[[], bool] | None = None,
) -> tuple[Ended, str]:
    """Run the child by ``launcher``; gives how it ended, and the path of its copy over there.

    ``settings`` are those that ``runner/away.py`` reads. The runner's files appear in
    ``sent.folder/rank0``, as if it had run here.

    Raises:
        UnsentError: it did not start.
    """
    rank = sent.folder / "rank0"
    with _shared_folder() as shared:
        limits = Limits(
            settings["timeout"] + _SLACK_S,
            _SLACK_S,
            give_up,
            scrap=(str(sent.folder), shared),
            marked=False,
        )
        kept, program = sent.folder / "run.py", Path(shared) / "run.py"
        kept.write_bytes(sent.program(settings))
        shutil.copyfile(kept, program)

        def attempt(name: str, given: str | None) -> Ended:
            return run_child(
                (*launcher, python, name),
                str(cwd),
                environment,
                str(rank),
                limits,
                lambda descriptor: Marked(descriptor, rank, sent.token),
                given,
            )

        try:
            ended = attempt(str(program), None)
            unseen = not (rank / "started").exists() and _unseen(ended.output, program)
            if unseen and not ended.given_up:
                ended = attempt("-", str(kept))
        except OSError as error:
            raise UnsentError(
                f"the launcher {launcher[0]} can not be started: {error.strerror}"
            ) from error
    started = _json_of(rank / "started")
    if started is None and unseen:
        raise UnsentError(
            f"the other side does not see {program}, and its input did not reach it either: "
            "let XDG_CACHE_HOME name a folder that both sides share"
        )
    if started is None:
        raise UnsentError(_unstarted(launcher, python, ended))
    over = _json_of(rank / "ended")
    if over is not None:
        ended = ended._replace(
            code=over["code"],
            timed_out=over["timed_out"],
            left=tuple(over["left"]),
            over=tuple(over["over"]) if over["over"] else None,
        )
    return ended, started["copy"]


def notes(folder: Path) -> tuple[str, ...]:
    """What the far side had to say before the run, from the rank's folder."""
    path = folder / "note"
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.exists() else ()


def host(folder: Path) -> str:
    """The name of the machine that ran it, from the rank's folder."""
    started = _json_of(folder / "started")
    return str(started["host"]) if started else "?"


def wrote(folder: Path) -> tuple[str, ...]:
    """What the script has changed in its copy over there, from the rank's folder."""
    ended = _json_of(folder / "ended")
    return tuple(ended["wrote"]) if ended else ()


def _shared_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder of the cache: homes are mostly shared where launchers are in use, ``/tmp`` never."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lfix"
    cache.mkdir(parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(prefix="launch-", dir=cache, ignore_cleanup_errors=True)


def _unseen(output: str, program: Path) -> bool:
    """Whether a Python has run over there, and has not found the file."""
    return "can't open file" in output and str(program) in output


def _unstarted(launcher: Sequence[str], python: str, ended: Ended) -> str:
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    last = f": {lines[-1]}" if lines else ""
    words = shlex.join(launcher)
    if ended.timed_out:
        return f"the launcher {words!r} has not started the check in time; raise --timeout{last}"
    return (
        f"the launcher {words!r} ended with status {ended.code} before the check started{last} "
        f"(it was to run {python}; --python names the interpreter over there)"
    )


def _json_of(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
