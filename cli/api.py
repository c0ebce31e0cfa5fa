"""``lfix api``: since when a name of Lightning exists, until when, and what to write instead."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lfix.codemods.lightning import api
from lfix.codemods.lightning.api import RELEASES, State
from lfix.codemods.lightning.instead import instead
from lfix.codemods.lightning.search import meant, nearest, unrecorded

from .commands import DONE, LEFT, fail

if TYPE_CHECKING:
    from lfix.codemods.lightning.search import Subject

_NEWEST = RELEASES[-1]


def tell(query: str, format_: str) -> int:
    """Print everything that a name may mean; 0 found, 1 where no release knows it."""
    subjects = meant(query)
    close = () if subjects else nearest(query)
    if format_ == "json":
        found = [_document(subject) for subject in subjects]
        print(json.dumps({"query": query, "found": found, "nearest": close}, indent=2))
        return DONE if subjects else LEFT
    if not subjects:
        fail(_unknown(query, close))
        return LEFT
    print("\n\n".join("\n".join(_lines(subject)) for subject in subjects))
    return DONE


def _unknown(query: str, close: tuple[str, ...]) -> str:
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    if unrecorded(query):
        return (
            "the protected members of this class are not recorded, so whether a release has "
            f"{query!r} is not known{hint}"
        )
    return f"no release of Lightning from {RELEASES[0]} to {_NEWEST} has {query!r}{hint}"


def _lines(subject: Subject) -> list[str]:
    lines = [f"{subject.shown}  {subject.kind}", f"    {_life(subject)}"]
    definition = _definition(subject)
    if definition not in (None, subject.name):
        lines.append(f"    defined as {definition}")
    way_out = _instead(subject)
    if way_out is not None:
        lines.append(f"    instead: {way_out}")
    return lines


def _life(subject: Subject) -> str:
    usable = subject.usable
    said = []
    if usable:
        said.append(
            f"since {usable[0]}" + ("" if usable[-1] == _NEWEST else f", until {usable[-1]}")
        )
        gaps = [r for r in RELEASES if usable[0] < r < usable[-1] and r not in usable]
        said += [f"not in {_spans(gaps)}"] if gaps else []
    for state, words in ((State.DEPRECATED, "deprecated in"), (State.RAISES, "only raises in")):
        releases = [r for r in RELEASES if subject.states[r] is state]
        said += [f"{words} {_spans(releases)}"] if releases else []
    return "; ".join(said)


def _spans(releases: list[str]) -> str:
    places = [RELEASES.index(release) for release in releases]
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return ", ".join(
        RELEASES[run[0]] if len(run) == 1 else f"{RELEASES[run[0]]} to {RELEASES[run[-1]]}"
        for run in runs
    )


def _definition(subject: Subject) -> str | None:
    if subject.argument:
        return None
    # What only raises is another object under the old path.
    last = min(reversed(RELEASES), key=lambda release: subject.states[release])
    return api.definition(subject.name, last)


def _instead(subject: Subject) -> str | None:
    # Tables may know better ways than a name that works; who asks for that one is not told.
    if subject.states[_NEWEST] is State.PRESENT:
        return None
    return instead(subject.name, subject.argument)


def _document(subject: Subject) -> dict[str, Any]:
    usable = subject.usable
    return {
        "name": subject.name,
        "argument": subject.argument or None,
        "kind": subject.kind,
        "since": usable[0] if usable else None,
        "until": usable[-1] if usable else None,
        "releases": {release: state.name.lower() for release, state in subject.states.items()},
        "definition": _definition(subject),
        "instead": _instead(subject),
    }
