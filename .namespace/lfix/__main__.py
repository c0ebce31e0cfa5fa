"""Lets ``python -m lfix`` do what the ``lfix`` command does."""

from __future__ import annotations

from lfix.cli.app import main

if __name__ == "__main__":
    main()
