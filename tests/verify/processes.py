"""Which processes are left."""

from __future__ import annotations

from pathlib import Path


def marked(mark: str) -> list[int]:
    """The processes whose environment holds a text."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
