"""Whether the hooks of the project's own code are called alike in two recorded trainings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lfix.codemods.lightning.heard import IN_PARTS, elsewhere

from .fates import Fates, HookRow, some
from .heard import Call, Heard, Key, meaning, step_of

__all__ = ["HookCalls", "HookRow", "Parting", "compare_hooks"]

_START, _END = "the start", "the end"

#: What Lightning says of a step without outputs: an empty list until 1.9, an empty dict since 2.0.
_NOTHING = {"None", "list of 0", "dict()"}

#: Calls with the hooks that stand for them today.
_Calls = Sequence[tuple[Call, Key]]


@dataclass(frozen=True, slots=True)
class Parting:
    """Where two trainings part: how many were compared until there, in which batch, and how."""

    pairs: int
    step: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class HookCalls:
    """How two trainings call hooks: which ones, in which order, and with what."""

    called: Parting
    order: Parting
    given: Parting
    rows: tuple[HookRow, ...]
    notes: tuple[str, ...]


def compare_hooks(old: Mapping[str, Any], new: Mapping[str, Any], release: str) -> HookCalls:
    """How hooks are called in two recordings, the old one of a Lightning ``release``.

    What a migration renames, and what Lightning itself calls at another moment since then, is a
    note and no difference.
    """
    before, after = Heard(old), Heard(new)
    fates = Fates(before, after)
    first = next((call for call in before.calls if call.key in fates.lost), None)
    called = Parting(len(before.by_lightning))
    if first is not None:
        detail = fates.lost[first.key]
        called = Parting(len(before.by_lightning), step_of(first.batch), detail)
    notes = [*fates.notes(), *_come(before, after, fates)]
    order, told = _ordered(before, after, fates, release)
    given, unread = _given(before, after, fates)
    notes += [*told, *unread]
    return HookCalls(called, order, given, fates.rows(), tuple(notes))


def _come(old: Heard, new: Heard, fates: Fates) -> Iterator[str]:
    known = {*old.times, *fates.renamed.values()}
    come = [new.shown(key) for key in new.by_lightning if key not in known]
    if come:
        yield f"hooks that only the new release has called: {some(come)}"
    if not (old.is_whole and new.is_whole):
        most = min(len(old.calls), len(new.calls))
        yield f"the order of hooks is compared for the first {most} calls only"


def _ordered(old: Heard, new: Heard, fates: Fates, release: str) -> tuple[Parting, tuple[str, ...]]:
    """Where the order of calls parts, and what Lightning itself calls at another moment."""
    before = [(call, today) for call in old.calls if (today := fates.today(call.key)) is not None]
    wanted = dict.fromkeys(today for _, today in before)
    after = [(call, call.key) for call in new.calls if call.key in wanted]
    whole = old.is_whole and new.is_whole
    if _apart(before, after, whole) is None:
        return Parting(len(before)), ()
    own = {today: "" for key in fates.renamed if (today := fates.today(key)) is not None}
    own |= {key: how for key in wanted if (how := elsewhere(key[2], release))}
    if old.is_divided and not new.is_divided:
        own |= {key: "" for key in wanted if key[2] in IN_PARTS}
    left = [pair for pair in before if pair[1] not in own]
    right = [pair for pair in after if pair[1] not in own]
    place = _apart(left, right, whole)
    if place is not None:
        return _parting(old, new, left, right, place), ()
    at = _apart(before, after, whole)
    assert at is not None
    found = _parting(old, new, before, after, at)
    told = [f"in another order, as Lightning itself and new names have it: {found.detail}"]
    for key, how in own.items():
        with_it = own.keys() - {key}
        one, other = ([p for p in pairs if p[1] not in with_it] for pairs in (before, after))
        if how and _apart(one, other, whole) is not None:
            told.append(f"{new.shown(key)} on {release}: {how}")
    return Parting(len(left)), tuple(told)


def _apart(old: _Calls, new: _Calls, whole: bool) -> int | None:
    for place, (one, other) in enumerate(zip(old, new, strict=False)):
        if one[1] != other[1]:
            return place
    return min(len(old), len(new)) if whole and len(old) != len(new) else None


def _parting(old: Heard, new: Heard, before: _Calls, after: _Calls, place: int) -> Parting:
    one = before[place] if place < len(before) else None
    other = after[place] if place < len(after) else None
    last = old.shown(before[place - 1][0].key) if place else _START
    was = old.shown(one[0].key) if one else _END
    now = new.shown(other[0].key) if other else _END
    batch = min(found[0].batch for found in (one, other) if found is not None)
    detail = f"after {last} came {was}, and now {now}"
    return Parting(len(before), step_of(batch), detail)


def _given(old: Heard, new: Heard, fates: Fates) -> tuple[Parting, tuple[str, ...]]:
    """Where a hook receives another kind of value under the same name, and where none reads it."""
    received: dict[Key, list[Call]] = {}
    for call in new.calls:
        received.setdefault(call.key, []).append(call)
    divided = old.is_divided and not new.is_divided
    seen: dict[Key, int] = {}
    unread: dict[str, None] = {}
    pairs = 0
    for call in old.calls:
        now = fates.today(call.key)
        if now is None or call.key in fates.renamed or (divided and now[2] in IN_PARTS):
            continue
        place = seen.get(now, 0)
        seen[now] = place + 1
        others = received.get(now, [])
        # Where one is called more often, only the first calls surely belong together.
        if place >= len(others) or (place and old.times[call.key] != new.times[now]):
            continue
        pairs += 1
        changed = list(_changed(call, others[place]))
        told = f"{new.shown(now)} receives other values: " + ", ".join(t for _, _, t in changed)
        reads, read = old.read.get(call.key, ()), new.read.get(now, ())
        if any(name in reads or today in read for name, today, _ in changed):
            return Parting(pairs, step_of(call.batch), told), tuple(unread)
        if changed:
            unread[f"{told}; nothing reads them"] = None
    return Parting(pairs), tuple(unread)


def _changed(old: Call, new: Call) -> Iterator[tuple[str, str, str]]:
    """The arguments of one meaning that are of another kind: old name, new name, a sentence."""
    after = dict(new.given)
    by_meaning = {meaning(new.key, name): name for name in reversed(list(after))}
    for name, kind in old.given:
        now = name if name in after else by_meaning.get(meaning(old.key, name))
        if now is not None and after[now] != kind and not {kind, after[now]} <= _NOTHING:
            yield name, now, f"{now}: {kind} became {after[now]}"
