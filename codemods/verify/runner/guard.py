"""Keeps the run to itself: no connection beyond this machine, no write into the user's tree."""

from __future__ import annotations

import functools
import ipaddress
import os
import socket
import sys
from typing import Any, Callable, Sequence

from .places import Places, inside
from .record import Record

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# Audit events that change a folder's listing, and which of their arguments are the paths changed:
# https://docs.python.org/3/library/audit_events.html
_CHANGING = {
    "os.remove": (0,),
    "os.rename": (0, 1),
    "os.rmdir": (0,),
    "os.mkdir": (0,),
    "os.link": (1,),
    "os.symlink": (1,),
    "os.truncate": (0,),
    "os.chmod": (0,),
    "os.chown": (0,),
    "os.utime": (0,),
    "os.setxattr": (0,),
    "shutil.rmtree": (0,),
}


class NetworkRefused(OSError):
    """A connection to another machine.

    An ``OSError``, so that code with an offline path takes it.
    """

    def __init__(self, host: str) -> None:
        super().__init__(f"connection to {host} refused during verification")
        self.host = host


class WriteRefused(PermissionError):
    """A write into the user's tree."""


def refuse_network(record: Record, places: Places) -> None:
    """Let sockets reach this machine only; every refusal is recorded with the user's line."""

    def refuse(host: str) -> None:
        if _is_local(host):
            return
        line = places.user_line()
        record.add("network", {"host": host, "at": str(line) if line else None})
        raise NetworkRefused(host)

    def guard(holder: Any, name: str, host_of: Callable[..., Any]) -> None:
        original = getattr(holder, name)

        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            host = host_of(*args, **kwargs)
            if isinstance(host, (str, bytes)):
                refuse(host if isinstance(host, str) else host.decode("ascii", "replace"))
            return original(*args, **kwargs)

        setattr(holder, name, call)

    guard(socket.socket, "connect", lambda _, address: _host(address))
    guard(socket.socket, "connect_ex", lambda _, address: _host(address))
    guard(socket.socket, "sendto", lambda _, *args: _host(args[-1]))
    guard(socket, "getaddrinfo", lambda host, *_, **__: host)
    guard(socket, "gethostbyname", lambda host: host)
    guard(socket, "gethostbyname_ex", lambda host: host)


def refuse_writes(record: Record, places: Places, guarded: Sequence[str], free: str) -> None:
    """Refuse to open for writing, create, move or delete anything in the ``guarded`` folders.

    Those are the user's tree and what its links lead to; all paths are resolved. ``free`` is the
    folder of the copy, which may itself lie in the tree. Interpreters before 3.8 have no audit
    hooks: the copy and the comparison of the listings have to do there.
    """
    if sys.version_info < (3, 8):
        record.add("notes", "this interpreter is older than 3.8: writes are not watched")
        return

    def hook(event: str, args: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = args
            if _writes(mode, flags):
                refuse(_resolved(path))
        elif event in _CHANGING:
            for index in _CHANGING[event]:
                refuse(_entry(args[index], args[-1]))

    def refuse(path: str | None) -> None:
        if path is None or inside(path, free):
            return
        if not any(inside(path, folder) for folder in guarded):
            return
        line = places.user_line()
        record.add("writes", {"path": path, "at": str(line) if line else None})
        raise WriteRefused(f"verification does not write into the project: {path}")

    sys.addaudithook(hook)


def _writes(mode: Any, flags: Any) -> bool:
    if isinstance(mode, str) and any(letter in mode for letter in "wax+"):
        return True
    return isinstance(flags, int) and bool(flags & _WRITE_FLAGS)


def _resolved(path: Any) -> str | None:
    """Where opening ``path`` leads; ``None`` for a file descriptor."""
    if isinstance(path, int) or path is None:
        return None
    return os.path.realpath(os.fsdecode(path))


def _entry(path: Any, folder: Any) -> str | None:
    """The folder entry that ``path`` names: links on the way are followed, the last one is not."""
    if isinstance(path, int) or path is None:
        return None
    text = os.fsdecode(path)
    if not os.path.isabs(text) and isinstance(folder, int) and folder >= 0:
        text = os.path.join(f"/proc/self/fd/{folder}", text)
    head, tail = os.path.split(os.path.abspath(text))
    return os.path.join(os.path.realpath(head), tail)


def _host(address: Any) -> Any:
    return address[0] if isinstance(address, tuple) and address else None


def _is_local(host: str) -> bool:
    name = host.partition("%")[0].strip("[]").lower().rstrip(".")
    if name in ("", "localhost", socket.gethostname().lower()) or name.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
