"""Mine what each release of Lightning offers, from its wheels.

``make releases`` downloads the wheels with pip, reads them without importing anything, and writes
the data that `codemods/lightning/api.py` reads. With ``--check`` nothing is written: the result
is compared with what is there.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import tempfile
from pathlib import Path

from .pack import pack
from .table import mine
from .wheels import RELEASES, download, modules_of_release

COMMITTED = Path(__file__).parents[1] / "codemods" / "lightning" / "data"


def main() -> int:
    """Download, mine, write or compare; 1 where the comparison finds a difference."""
    options = parse_options()
    with tempfile.TemporaryDirectory(prefix="lfix-releases-") as temporary:
        wheels = options.wheels or Path(temporary)
        download(RELEASES, wheels)
        files = mined(wheels)
    if options.check:
        return compare(files, options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (options.out / name).write_bytes(data)
        print(f"{options.out / name}: {len(data)} bytes")
    return 0


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m releases", description=__doc__)
    parser.add_argument("--out", type=Path, default=COMMITTED, help="folder of the data")
    parser.add_argument("--wheels", type=Path, help="keep the wheels here; default: nowhere")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    return parser.parse_args()


def mined(wheels: Path) -> dict[str, bytes]:
    """The data files from the wheels in a folder."""
    tables = {}
    for release in RELEASES:
        print(f"mining {release}", file=sys.stderr)
        tables[release] = mine(modules_of_release(release, wheels))
    return pack(tables)


def compare(files: dict[str, bytes], folder: Path) -> int:
    """Say whether the data in a folder has the same content; zlib versions compress differently."""
    different = 0
    for name, data in files.items():
        there = folder / name
        if not there.exists():
            print(f"{there} is not there")
            different = 1
        elif _content(there.read_bytes()) != _content(data):
            print(f"{there} differs from what the wheels say; `make releases` writes it anew")
            different = 1
        else:
            same = "same bytes" if there.read_bytes() == data else "same content"
            print(f"{there}: {same}")
    return different


def _content(data: bytes) -> object:
    return json.loads(gzip.decompress(data))


if __name__ == "__main__":
    sys.exit(main())
