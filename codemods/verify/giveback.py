"""Which fixes to keep when the repaired code trains worse than the code before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .outcome import Outcome, Status, better_or_equal
from .run import verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..model import Report
    from .request import Request


@dataclass(frozen=True)
class Verdict:
    """What a trial of a report came to.

    ``report`` holds the fixes that may be written, None if none may; ``given_back`` are the codes
    of the rules whose fixes are not among them, each with the outcome of the run that had them.
    """

    before: Outcome
    after: Outcome
    report: Report | None
    given_back: tuple[str, ...] = ()
    rejected: Outcome | None = None


def try_report(
    report: Report, request: Request, refit: Callable[[frozenset[str]], Report]
) -> Verdict:
    """Run the script before and after the fixes of ``report``, on copies of the project.

    Where the code got worse, each rule's fixes are left out in turn (``refit`` repairs again
    without the given codes) until what remains holds. Where it cannot be verified afterwards,
    nothing may be written.
    """
    before = verify(request)
    after = _outcome(report, request)
    if after.status is Status.NOT_VERIFIABLE:
        return Verdict(before, after, None)
    if better_or_equal(before, after):
        return Verdict(before, after, report)
    codes = sorted({f.code for f in report.fixed})
    best: Verdict | None = None
    for code in codes if len(codes) > 1 else ():
        smaller = refit(frozenset({code}))
        outcome = _outcome(smaller, request)
        if outcome.status is Status.NOT_VERIFIABLE or not better_or_equal(before, outcome):
            continue
        if best is None or best.report is None or len(smaller.fixed) > len(best.report.fixed):
            best = Verdict(before, outcome, smaller, (code,), after)
    return best or Verdict(before, before, None, tuple(codes), after)


def _outcome(report: Report, request: Request) -> Outcome:
    return verify(replace(request, changes={f.path: f.after for f in report.files if f.changed}))
