"""Python's search for reference cycles, which costs more than the trees that it looks through."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles meanwhile, in processes that are forked meanwhile neither.

    Trees hold hundreds of thousands of objects on purpose, and each search goes through all of
    them: a third of the time of a run. What is let go is taken apart by its ``close`` instead.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
