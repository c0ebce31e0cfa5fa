"""Checkpoints on the disk: which release wrote them and what they are made of.

The file is never unpickled. Of a zip only the list of its entries and one small entry are read.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, cast

from ..lightning.checkpoints import MIGRATED_BEFORE, PROTOCOL, VERSION, is_gone, is_plain
from . import pickled

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: The pickle beside the tensors; a larger one holds data.
_LARGEST = 64_000_000
#: What torch wrote in front of its pickles before it wrote zip files.
_MAGIC = 0x1950A86A20F9469CFC6C
_LARGE_FILE_STORAGE = b"version https://git-lfs"


class UnreadableCheckpointError(Exception):
    """The file is no checkpoint that can be read; the message goes on after its name."""


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says of itself.

    ``version`` is the release of Lightning that wrote it, empty for what is no checkpoint of
    Lightning's. ``held`` are the classes and functions that it is made of, each with the entry of
    the checkpoint where it stands.
    """

    version: str
    held: tuple[tuple[str, str], ...]
    protocol: int

    @property
    def is_old(self) -> bool:
        """Whether Lightning changes it each time that it is loaded."""
        numbers = [int(part) for part in re.findall(r"\d+", self.version)[:3]]
        # A release candidate holds what its release does, in the form of the one before.
        is_candidate = re.search(r"\d(?:a|b|rc|\.?dev)\d", self.version) is not None
        order = (*numbers, 0, 0)[:3]
        return order < MIGRATED_BEFORE or (order == MIGRATED_BEFORE and is_candidate)

    @property
    def refused(self) -> dict[str, str]:
        """What torch does not read by default, with the entries where it stands."""
        found: dict[str, list[str]] = {}
        for path, place in self.held:
            if not is_plain(path):
                found.setdefault(path, []).append(place)
        if self.protocol > PROTOCOL:
            found[f"a pickle of protocol {self.protocol}"] = []
        return {path: ", ".join(sorted(set(places) - {""})) for path, places in found.items()}

    def gone(self, release: str) -> list[str]:
        """Classes of Lightning that a release does not find any more."""
        return sorted({path for path, _ in self.held if is_gone(path, release)})


def read(path: Path) -> Checkpoint:
    """What a file says of itself; raises UnreadableCheckpointError."""
    try:
        with path.open("rb") as stream:
            return _read(stream)
    except pickled.TooLargeError:
        message = "cannot be looked into: the part of it that says what it holds is too large"
        raise UnreadableCheckpointError(message) from None
    except pickled.NoPickleError as error:
        message = f"is no checkpoint of torch, or a broken one ({_first_line(error)})"
        raise UnreadableCheckpointError(message) from error
    except OSError as error:
        raise UnreadableCheckpointError(f"cannot be read: {error.strerror or error}") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:120] or type(error).__name__


def _read(stream: IO[bytes]) -> Checkpoint:
    head = stream.read(len(_LARGE_FILE_STORAGE))
    if not head:
        raise UnreadableCheckpointError("is empty")
    if head == _LARGE_FILE_STORAGE:
        raise UnreadableCheckpointError("is not here, but in Git LFS: `git lfs pull` brings it")
    stream.seek(0)
    if head.startswith(b"PK"):
        return _checkpoint(pickled.read(_narrow(_of_zip(stream))))
    narrow = _narrow(stream)
    first = pickled.read(narrow)
    if first.made.value != _MAGIC:
        return _checkpoint(first)
    # The protocol of torch and the machine's numbers come before the object.
    pickled.read(narrow)
    pickled.read(narrow)
    return _checkpoint(pickled.read(narrow))


def _of_zip(stream: IO[bytes]) -> IO[bytes]:
    try:
        archive = zipfile.ZipFile(stream)
        entries = [e for e in archive.infolist() if re.fullmatch(r"[^/]+/data\.pkl", e.filename)]
        if len(entries) != 1:
            raise pickled.NoPickleError("a zip file without data.pkl")
        if entries[0].file_size > _LARGEST:
            raise pickled.TooLargeError
        return archive.open(entries[0])
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
        raise pickled.NoPickleError(str(error)) from error


def _checkpoint(pickle: pickled.Pickle) -> Checkpoint:
    made = pickle.made
    entries = made.entries()
    version = entries[VERSION].value if VERSION in entries else None
    held = {(path, entry) for entry, value in entries.items() for path in value.named}
    inside = {path for path, _ in held}
    # Keys of a dict and the class of the whole stand in no entry.
    held |= {(path, "") for path in made.named - inside}
    text = version if isinstance(version, str) and re.match(r"\d+\.\d+", version) else ""
    return Checkpoint(text, tuple(sorted(held)), pickle.protocol)


def _narrow(stream: IO[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", _Narrow(stream))


class _Narrow(io.BufferedIOBase):
    """A stream that gives no more bytes than a pickle may have."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._given = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Some bytes; raises TooLargeError where there have been too many."""
        if size is None or not 0 <= size <= _LARGEST:
            raise pickled.TooLargeError
        return self._counted(self._stream.read, size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """A line; raises TooLargeError where there have been too many bytes."""
        del size
        return self._counted(self._stream.readline, _LARGEST)

    def tell(self) -> int:
        """How many bytes were given."""
        return self._given

    def _counted(self, read: Callable[[int], bytes], size: int) -> bytes:
        try:
            found = read(size)
        except (zipfile.BadZipFile, zlib.error) as error:
            raise pickled.NoPickleError(str(error)) from error
        self._given += len(found)
        if self._given > _LARGEST:
            raise pickled.TooLargeError
        return found
