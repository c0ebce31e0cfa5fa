"""Several programs, each verified on its own: side by side where cores and memory allow."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .request import RequestError
from .run import verify
from .runner import memory
from .threads import side_by_side

if TYPE_CHECKING:
    import threading

    from .outcome import Outcome
    from .request import Request

Given = TypeVar("Given")

#: At most, where nobody says how many: a step uses several cores by itself.
_MOST = 2
#: What torch, Lightning and a model of usual size take, in bytes.
_EACH = 3 * 1024**3


def verify_all(
    requests: Sequence[Request],
    jobs: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Outcome, ...]:
    """The outcome of each request, in order; ``jobs`` run at once, as :func:`at_once` says for 0.

    Raises:
        RequestError: one of them is wrong; which, stands before the reason.
    """
    for request in requests:
        _named(request, request.check, len(requests))
    if len(requests) == 1:
        return (verify(requests[0]),)
    number = jobs or at_once(requests)
    if number > 1:
        part = (memory.limit(0, number) or 0) / 1e9
        requests = [replace(r, memory=r.memory or part) for r in requests]

    def run(request: Request, stopped: threading.Event) -> Outcome:
        return _named(request, lambda: verify(request, stopped.is_set), len(requests))

    return tuple(side_by_side([partial(run, r) for r in requests], number, progress))


def at_once(requests: Sequence[Request]) -> int:
    """How many may run side by side: two, if there are two cores and the memory for two.

    One where they may share an accelerator, whose memory nobody can foretell, where they run on
    another machine, and where the free memory is not known.
    """
    if any(_may_share(request) for request in requests):
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, min(_MOST, len(requests), cores, memory.free() // _EACH))


def _may_share(request: Request) -> bool:
    if request.launcher:
        return True
    if request.device == "cpu":
        return False
    present = Path("/dev/nvidiactl").exists() or Path("/dev/kfd").exists()
    return request.device != "auto" or present or sys.platform == "darwin"


def _named(request: Request, call: Callable[[], Given], number: int) -> Given:
    """What ``call`` gives; a wrong request is named where there are several."""
    try:
        return call()
    except RequestError as error:
        if number == 1:
            raise
        raise RequestError(f"{request.command()}: {error}") from error
