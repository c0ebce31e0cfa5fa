"""The far side of a launcher: runs the child there, and tells on standard output how it goes.

Whatever the script prints goes the same way, so what is told stands in marked lines, each short
enough that nothing of another process gets between its bytes.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import sys
import time
from typing import Any, Dict, Iterator, List

from . import memory
from .listing import difference, few, listing
from .places import Places
from .process import Limits, run_child

#: Stands for the folder of the far side in what is sent.
FOLDER = "@lfix-folder@"

_PIECE = 2000
_ALIVE_S = 1.0
_FILES = ("progress", "network", "stack", "result.json")


def main(folder: str) -> int:
    """Run what was unpacked in ``folder``; gives the exit status of this program."""
    with open(os.path.join(folder, "away.json"), encoding="utf-8") as file:
        sent: Dict[str, Any] = json.loads(_led(file.read(), folder))
    rank = os.path.join(folder, "rank0")
    asked = os.path.join(rank, "request.json")
    with open(asked, encoding="utf-8") as file:
        request = _led(file.read(), folder)
    with open(asked, "w", encoding="utf-8") as file:
        file.write(request)
    tell = Teller(sent["token"], rank)
    tell.say("started", json.dumps({"copy": sent["copy"], "host": platform.node()}))
    for note in _missing(sent["copy"]):
        tell.say("note", note)
    before = listing(sent["copy"])
    cwd = sent["cwd"] if os.path.isdir(sent["cwd"]) else sent["copy"]
    ended = run_child(
        (sys.executable, "-c", sent["boot"], os.path.join(folder, "boot"), asked),
        cwd,
        _environment(sent),
        rank,
        Limits(
            sent["timeout"],
            give_up=tell.look,
            scrap=(folder,),
            memory=memory.limit(sent["memory"]),
        ),
        output=None,
    )
    tell.look()
    last = {
        "code": ended.code,
        "timed_out": ended.timed_out,
        "over": ended.over,
        "left": ended.left,
        "wrote": few(difference(before, listing(sent["copy"]))),
    }
    tell.say("ended", json.dumps(last))
    return 0


class Teller:
    """Writes what appears in ``_FILES`` below ``folder``, as marked lines."""

    def __init__(self, token: str, folder: str) -> None:
        self._token = token
        self._folder = folder
        self._told: Dict[str, int] = {}
        self._last = 0.0

    def say(self, kind: str, text: str) -> None:
        """Tell ``text``; its kind says to what it belongs.

        Raises:
            BrokenPipeError: nobody listens any more.
        """
        coded = base64.b64encode(text.encode("utf-8")).decode("ascii")
        pieces = [coded[at : at + _PIECE] for at in range(0, len(coded), _PIECE)] or [""]
        for number, piece in enumerate(pieces, 1):
            more = "end" if number == len(pieces) else "more"
            line = f"@lfix {self._token} {kind} {more} {piece}@\n"
            os.write(1, line.encode("ascii"))

    def look(self) -> bool:
        """Tell what is new; never asks to give up, and fails where nobody listens."""
        for name in _FILES:
            new = self._new(os.path.join(self._folder, name))
            if new:
                self.say(name, new)
        if time.monotonic() - self._last > _ALIVE_S:
            self._last = time.monotonic()
            self.say("alive", "")
        return False

    def _new(self, path: str) -> str:
        """What was appended to a file since it was last looked at, up to the last whole line."""
        told = self._told.get(path, 0)
        if not os.path.exists(path) or os.path.getsize(path) == told:
            return ""
        with open(path, "rb") as file:
            file.seek(told)
            new = file.read()
        if not path.endswith(".json"):
            new = new[: new.rfind(b"\n") + 1]
        self._told[path] = told + len(new)
        return new.decode("utf-8", "replace")


def _led(text: str, folder: str) -> str:
    """A JSON text with the folder of this side in it."""
    return text.replace(FOLDER, json.dumps(folder)[1:-1])


def _environment(sent: Dict[str, Any]) -> Dict[str, str]:
    """This side's variables, those that lead into the project led into its copy."""
    places = Places(sent["root"], sent["copy"])
    found: Dict[str, str] = {}
    for name, value in os.environ.items():
        head, equals, tail = value.rpartition("=") if value[:1] != os.sep else ("", "", value)
        led = places.to_copy(tail) if tail.startswith(os.sep) else tail
        found[name] = head + equals + led
    listed = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    if listed:
        found["PYTHONPATH"] = os.pathsep.join(places.to_copy(path) for path in listed)
    home = os.path.dirname(sys.executable)
    found["PATH"] = os.pathsep.join((home, os.environ.get("PATH", os.defpath)))
    merged: Dict[str, str] = dict(sent["quiet"])
    merged.update(found)
    merged.update(sent["always"])
    return merged


def _missing(copy: str) -> Iterator[str]:
    """Sentences about large files and data, which are links, and lead nowhere on this side."""
    gone: List[str] = []
    for folder, names, files in os.walk(copy):
        for name in names + files:
            path = os.path.join(folder, name)
            if os.path.islink(path) and not os.path.exists(path):
                gone.append(os.path.relpath(path, copy))
    for path in sorted(gone)[:10]:
        there = platform.node()
        yield f"{path} is a link that leads nowhere on {there}: large data is not sent along"
