"""Lets ``python -m lfix`` do what the ``lfix`` command does."""

from __future__ import annotations

import os
import sys

if sys.path[0] == os.getcwd():  # noqa: PTH109  pathlib might already be the user's own
    # ``python -m`` puts the current folder first; the user's modules there are not to run.
    del sys.path[0]

from lfix.cli.app import main

if __name__ == "__main__":
    main()
