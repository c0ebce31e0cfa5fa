"""One piece of work after another, in this process or in several."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from multiprocessing import get_context
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Result = TypeVar("Result")

#: From so many files on, several processes are worth their start.
_MANY = 200
#: Files in one piece, at most.
_CHUNK = 100


def processes(wanted: int, files: int) -> int:
    """How many processes look at some files; ``wanted`` is 0 where nobody said."""
    jobs = wanted or (os.cpu_count() or 1 if files >= _MANY else 1)
    return jobs if files > jobs * 4 else 1


def chunks(items: Sequence[Item], jobs: int) -> list[Sequence[Item]]:
    """Pieces of work, in order."""
    size = max(1, min(_CHUNK, len(items) // (jobs * 4)))
    return [items[i : i + size] for i in range(0, len(items), size)]


def spread(
    work: Callable[[Sequence[Item]], Result], pieces: Sequence[Sequence[Item]], jobs: int
) -> Iterator[Result]:
    """The results of ``work`` on all pieces, in order.

    Each process has a copy of ``work``, so what that remembers is there for its next piece. Raises
    what ``work`` raises, and RuntimeError where a process ends before its time.
    """
    if jobs == 1:
        yield from map(work, pieces)
        return
    # What a forked process needs is there at once, and shared as long as nobody writes to it.
    context = get_context("fork" if sys.platform == "linux" else None)
    team: dict[Connection, Any] = {}
    shares = _shares(len(pieces), jobs)
    owners: dict[Connection, list[int]] = {}
    try:
        gc.freeze()
        for share in shares:
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, work, pieces), daemon=True)
            process.start()
            theirs.close()
            team[ours] = process
            owners[ours] = share
        gc.unfreeze()
        yield from _collect(owners, len(pieces))
    finally:
        for connection, process in team.items():
            connection.close()
            process.terminate()
            process.join()


def _shares(count: int, jobs: int) -> list[list[int]]:
    """Neighbours for each process: what one piece led to is often asked for in the next."""
    cuts = [count * i // jobs for i in range(jobs + 1)]
    return [list(range(a, b)) for a, b in pairwise(cuts)]


def _collect(owners: dict[Connection, list[int]], count: int) -> Iterator[Any]:
    results: dict[int, Any] = {}
    following = 0
    for connection in owners:
        _hand_out(connection, owners)
    while following < count:
        ready: list[Any] = wait(list(owners))
        for connection in ready:
            try:
                index, result, error = connection.recv()
            except EOFError:
                raise RuntimeError("a process that scans files ended before its work did") from None
            if error is not None:
                raise error
            _hand_out(connection, owners)
            results[index] = result
            while following in results:
                yield results.pop(following)
                following += 1


def _hand_out(connection: Connection, owners: dict[Connection, list[int]]) -> None:
    """Give the next piece of its share to a process that waits, else the last of the longest."""
    own = owners[connection]
    longest = max(owners.values(), key=len)
    if own:
        connection.send(own.pop(0))
    elif longest:
        connection.send(longest.pop())


def _serve(
    connection: Connection,
    work: Callable[[Sequence[Item]], Result],
    pieces: Sequence[Sequence[Item]],
) -> None:
    while True:
        try:
            index = connection.recv()
        except EOFError:
            return
        try:
            answer = (index, work(pieces[index]), None)
        except Exception as error:  # noqa: BLE001  it is raised where the results are collected
            connection.send((index, None, error))
            return
        connection.send(answer)
