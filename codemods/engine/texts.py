"""The bytes of files that are asked for again and again, as long as they do not take much room."""

from __future__ import annotations

from pathlib import Path

#: Bytes that are kept. Files beyond are read from the disk each time.
_ROOM = 16_000_000


class Texts:
    """Bytes by path, as they were when they were first asked for."""

    def __init__(self) -> None:
        self._kept: dict[Path, bytes] = {}
        self._room = _ROOM

    def read(self, path: Path) -> bytes:
        """The bytes of a file, none where it cannot be read."""
        kept = self._kept.get(path)
        if kept is not None:
            return kept
        try:
            raw = path.read_bytes()
        except OSError:
            return b""
        if len(raw) <= self._room:
            self._room -= len(raw)
            self._kept[path] = raw
        return raw
