"""What became of the hooks that an old training has called."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lfix.codemods.lightning.heard import is_gone, successor, way_out

from .heard import Heard, Key

_NAMED = 6


@dataclass(frozen=True, slots=True)
class HookRow:
    """A hook, how often each training has called it, and what is to be said of that.

    ``lost`` is one that only the old training has called, though nothing took its place.
    """

    hook: str
    old: int
    new: int
    remark: str = ""
    lost: bool = False


class Fates:
    """What became of each hook that the old training has called."""

    def __init__(self, old: Heard, new: Heard) -> None:
        self.old, self.new = old, new
        self.same: dict[Key, None] = {}
        self.renamed: dict[Key, Key] = {}
        self.inside: dict[Key, None] = {}
        self.left_out: dict[Key, None] = {}
        self.lost: dict[Key, str] = {}
        for key in old.by_lightning:
            self._decide(key)

    def _decide(self, key: Key) -> None:
        owner, cls, name = key
        becomes = successor(owner, name)
        today = (owner, cls, becomes) if becomes else None
        if key in self.new.by_lightning:
            self.same[key] = None
        elif key in self.new.by_project:
            self.inside[key] = None
        elif key in self.new.places:
            self.lost[key] = self._never(key)
        elif today is not None and today in self.new.times:
            self.renamed[key] = today
        elif today is None and is_gone(owner, name):
            self.left_out[key] = None
        else:
            lacks = f"has neither it nor {becomes}" if becomes else "does not have it"
            self.lost[key] = f"{self._ran(key)}; the new code {lacks}"

    def _ran(self, key: Key) -> str:
        times = self.old.times[key]
        return f"{self.old.shown(key)} was called {'once' if times == 1 else f'{times} times'}"

    def _never(self, key: Key) -> str:
        return f"{self._ran(key)}, and is never called now (at {self.new.places[key]})"

    def today(self, key: Key) -> Key | None:
        """The hook that stands for an old one in the new training, if Lightning calls that."""
        if key in self.same:
            return key
        now = self.renamed.get(key)
        # Its body went into a hook that was there already.
        return None if now in self.same or now not in self.new.by_lightning else now

    def notes(self) -> Iterator[str]:
        """What is expected of a migration."""
        moved = [f"{self.old.shown(k)} -> {now[2]}" for k, now in self.renamed.items()]
        inside, gone = map(self.old.shown, self.inside), map(self.old.shown, self.left_out)
        for said, names in (
            ("hooks that go by another name now", moved),
            ("hooks that the project's own code calls now", list(inside)),
            ("hooks that are gone, in Lightning and in the new code", list(gone)),
        ):
            if names:
                yield f"{said}: {some(names)}"
        yield from list(self.lost.values())[1:]
        for key in self.lost:
            way = way_out(key[0], key[2])
            if way and key in self.new.places:
                yield f"{self.new.places[key]}: no Lightning 2.x calls {key[2]}: {way}"

    def rows(self) -> tuple[HookRow, ...]:
        """A row for each hook of both trainings."""
        made = [self._row(key) for key in self.old.by_lightning]
        taken = {*self.old.by_lightning, *self.renamed.values()}
        made += [
            HookRow(self.new.shown(key), 0, self.new.times[key], "on the new release only")
            for key in self.new.by_lightning
            if key not in taken
        ]
        return tuple(made)

    def _row(self, key: Key) -> HookRow:
        now = self.renamed.get(key, key)
        remark = f"is {now[2]} now" if now != key else ""
        if key in self.lost:
            remark = "is never called now" if key in self.new.places else "is gone"
        elif key in self.inside:
            remark = "is called by the project's own code now"
        elif key in self.left_out:
            remark = "is gone, as in Lightning"
        lost = key in self.lost
        return HookRow(
            self.old.shown(key), self.old.times[key], self.new.times.get(now, 0), remark, lost
        )


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
