"""Which fixes to keep when the repaired code trains worse than the code before."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from ..engine.withheld import Place
from .outcome import Outcome, Status, better_or_equal, no_worse
from .several import verify_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..model import Finding, Report
    from .request import Request

#: A search for the fixes that make things worse ends after so many runs of the scripts.
_RUNS = 24

Outcomes = tuple[Outcome, ...]


@dataclass(frozen=True)
class GivenBack:
    """A fix that was left out, and the run that got worse by it."""

    finding: Finding
    outcome: Outcome


@dataclass(frozen=True)
class Verdict:
    """What a trial of a report came to; outcomes are in the order of the scripts.

    ``report`` holds the fixes that may be written, None if none may, and ``after`` is the run with
    them; ``rejected`` is the run with all fixes where that got worse. ``runs`` counts how often the
    scripts ran.
    """

    before: Outcomes
    after: Outcomes
    report: Report | None
    given_back: tuple[GivenBack, ...] = ()
    rejected: Outcomes | None = None
    runs: int = 2

    @property
    def tried(self) -> Outcomes:
        """The runs with all fixes."""
        return self.rejected or self.after


def try_report(
    report: Report,
    findings: Callable[[], Iterable[Finding]],
    requests: Sequence[Request],
    refit: Callable[[Iterable[Place]], Report],
    progress: Callable[[int, int], None] | None = None,
) -> Verdict:
    """Run the scripts before and after the fixes of ``report``, on copies of the project.

    Where one of them got worse, the fix that is to blame is searched by halving, first among the
    rules and then among the findings of one, and left out (``refit`` repairs again without some
    places); so on until what remains holds. ``findings`` gives those of the files as they are, and
    is asked only then. Where one cannot be verified afterwards, nothing may be written.
    """
    search = _Search(requests, refit, progress)
    before = search.run(None)
    after = search.run(report)
    if any(outcome.status is Status.NOT_VERIFIABLE for outcome in after):
        return Verdict(before, after, None)
    if no_worse(before, after):
        return Verdict(before, after, report)
    fixable = [f for f in findings() if f.fix is not None]
    search.start(before, after, fixable)
    kept = search.largest()
    if kept is None:
        return Verdict(before, before, None, tuple(search.blamed), after, search.runs)
    smaller, outcome = kept
    return Verdict(before, outcome, smaller, tuple(search.blamed), after, search.runs)


class _Search:
    """Looks for fixes to leave out, each run being a whole verification of all scripts."""

    def __init__(
        self,
        requests: Sequence[Request],
        refit: Callable[[Iterable[Place]], Report],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._requests = requests
        self._refit = refit
        self._progress = progress
        self._groups: list[list[Finding]] = []
        self._before: Outcomes = ()
        self._last: Outcomes = ()
        self._best: tuple[Report, Outcomes] | None = None
        self.blamed: list[GivenBack] = []
        self.runs = 0

    def run(self, report: Report | None) -> Outcomes:
        """Run the scripts with the fixes of a report, as it is without one."""
        self.runs += 1
        if self._progress is not None:
            self._progress(self.runs, _RUNS)
        changed = {} if report is None else {f.path: f.after for f in report.files if f.changed}
        return verify_all([replace(request, changes=changed) for request in self._requests])

    def start(self, before: Outcomes, worse: Outcomes, fixable: Sequence[Finding]) -> None:
        """Take up the search among some findings, of which not all may stay."""
        self._before, self._last = before, worse
        ordered = sorted(fixable, key=lambda f: (f.code, str(f.path), f.span))
        self._groups = [list(group) for _, group in groupby(ordered, key=lambda f: f.code)]

    def largest(self) -> tuple[Report, Outcomes] | None:
        """The report with all fixes but those to blame, and its run; None where none holds."""
        while self._groups and self.runs < _RUNS:
            number = self._first(len(self._groups), self._whole_groups)
            group = self._groups[number]
            place = self._first(len(group), partial(self._part, number))
            self.blamed.append(GivenBack(group[place], self._worse()))
            del group[place]
            self._groups = [g for g in self._groups if g]
            if self._holds([f for g in self._groups for f in g]):
                return self._best
        return None

    def _worse(self) -> Outcome:
        """The run of the first script that the fixes tried last make worse."""
        pairs = zip(self._before, self._last, strict=True)
        return next((a for b, a in pairs if not better_or_equal(b, a)), self._last[0])

    def _whole_groups(self, number: int) -> list[Finding]:
        return [f for group in self._groups[:number] for f in group]

    def _part(self, number: int, length: int) -> list[Finding]:
        return [*self._whole_groups(number), *self._groups[number][:length]]

    def _first(self, length: int, kept: Callable[[int], list[Finding]]) -> int:
        """The first of ``length`` with which things get worse, those before it being kept."""
        holds, fails = 0, length
        while fails - holds > 1 and self.runs < _RUNS:
            middle = (holds + fails) // 2
            if self._holds(kept(middle)):
                holds = middle
            else:
                fails = middle
        return fails - 1

    def _holds(self, kept: list[Finding]) -> bool:
        """Whether the code is no worse than before with some fixes alone."""
        places = {Place.of(f) for f in kept}
        every = {Place.of(f) for group in self._groups for f in group}
        given_back = {Place.of(b.finding) for b in self.blamed}
        report = self._refit((every | given_back) - places)
        outcomes = self.run(report)
        unclear = any(outcome.status is Status.NOT_VERIFIABLE for outcome in outcomes)
        fine = not unclear and no_worse(self._before, outcomes)
        if fine:
            self._best = (report, outcomes)
        else:
            self._last = outcomes
        return fine
