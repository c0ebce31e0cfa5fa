"""The old code on its own Lightning against the new code on the new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .comparison import HOOKS, HOW_HOOKS, Comparison, compare
from .outcome import Outcome, Stage, Status
from .overlays import OverlayError, overlay
from .run import verify

if TYPE_CHECKING:
    from .request import Request


@dataclass(frozen=True)
class Against:
    """Both runs, and what they have in common; no comparison where one of them did not train."""

    release: str
    old: Outcome
    new: Outcome
    comparison: Comparison | None

    @property
    def status(self) -> Status:
        """Verified where both train alike; not verifiable where the old code does not train."""
        if self.comparison is not None:
            return Status.VERIFIED if self.comparison.equal else Status.FAILED
        return Status.NOT_VERIFIABLE if self.old.recording is None else self.new.status

    @property
    def reason(self) -> str:
        """One sentence."""
        if self.comparison is None:
            side = (
                f"the old code on {self.release}" if self.old.recording is None else "the new code"
            )
            failed = self.old if self.old.recording is None else self.new
            return f"{side}: {failed.summary()}"
        batches = len({row[0] for row in self.comparison.losses})
        first = self.comparison.first
        if first is None:
            greatest = max(part.difference for part in self.comparison.parts)
            return (
                f"{batches} batches train as on {self.release}; the greatest difference is "
                f"{greatest:.1g}"
            )
        if first.name == HOOKS:
            return f"a hook that ran on {self.release} does not run any more: {first.detail}"
        where = "" if first.step is None else f" from batch {first.step} on"
        does = "hooks run" if first.name in HOW_HOOKS else "it trains"
        return f"{does} otherwise than on {self.release}{where}: {first.name}, {first.detail}"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "status": self.status.value,
            "reason": self.reason,
            "exit_code": self.status.exit_code,
            "release": self.release,
            "old": self.old.to_json() | {"recording": None},
            "new": self.new.to_json() | {"recording": None},
            "comparison": self.comparison.to_json() if self.comparison is not None else None,
        }


def against(
    request: Request,
    release: str,
    distribution: str,
    old: Mapping[Path, bytes],
    new: Mapping[Path, bytes],
) -> Against:
    """Record both programs of ``request``, which says how many batches.

    ``old`` and ``new`` are file contents, by path, laid over the tree for each. The old release is
    installed beside the project's own; the environment is not touched. Where logged values
    differ, the new code is recorded twice, to know those that differ in each run.

    Raises:
        RequestError: the script is not there, or an option has no such value.
    """
    try:
        folders = overlay(release, distribution)
    except OverlayError as error:
        absent = Outcome(Status.NOT_VERIFIABLE, str(error), Stage.STARTED)
        return Against(release, absent, absent, None)
    before = verify(replace(request, changes=old, overlays=folders))
    if before.recording is None:
        return Against(release, before, before, None)
    after = verify(replace(request, changes=new))
    if after.recording is None:
        return Against(release, before, after, None)
    found = compare(before.recording, after.recording, release=release)
    if not found.logs_alike:
        again = verify(replace(request, changes=new)).recording
        found = compare(before.recording, after.recording, again, release)
    return Against(release, before, after, found)
