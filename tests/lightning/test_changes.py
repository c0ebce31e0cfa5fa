"""The rows of what changed, against what each release really offers."""

from __future__ import annotations

import importlib
import re

import pytest
from lfix.codemods.lightning import api
from lfix.codemods.lightning.changes.index import gone_names, moved_names, replaced_names
from lfix.codemods.lightning.changes.members import MEMBERS
from lfix.codemods.lightning.changes.row import Gone, Member, Moved, Replaced, minor
from lfix.codemods.lightning.names import canonical, is_lightning

_ROWS = list(moved_names().values())
_NEWEST = api.RELEASES[-1]
#: Names older than the first release that was mined, or protected ones, which are not mined.
_BEFORE_THE_DATA = (
    "lightning.pytorch.logging.",
    "lightning.pytorch.loggers.rank_zero_only",
    "lightning.pytorch.callbacks.LearningRateLogger",
    "lightning.pytorch.callbacks.lr_logger.",
    "lightning.pytorch.utilities.types._",
    # Of the package lightning-lite, which existed for one release.
    "lightning.fabric.LightningLite",
    "lightning.fabric.lite.",
)


def _is_mined(row: Moved) -> bool:
    return not row.old.startswith(_BEFORE_THE_DATA) and is_lightning(row.old)


@pytest.mark.parametrize("row", [r for r in _ROWS if _is_mined(r)], ids=lambda r: r.old)
def test_the_old_name_was_there_and_went_when_the_row_says(row: Moved) -> None:
    states = {r: api.state(row.old, r) for r in api.RELEASES}
    usable = [r for r, state in states.items() if state <= api.State.DEPRECATED]
    assert usable
    if row.removed:
        after = [r for r in api.RELEASES if minor(r) >= minor(row.removed)]
        assert all(states[r] > api.State.DEPRECATED for r in after), states
        assert usable[-1] == api.RELEASES[api.RELEASES.index(row.removed) - 1]
    else:
        assert states[_NEWEST] is api.State.DEPRECATED
    if row.deprecated:
        assert row.deprecated in usable


@pytest.mark.parametrize("row", _ROWS, ids=lambda r: f"{r.old} to {r.new}")
def test_the_new_name_can_be_imported(row: Moved) -> None:
    importlib.import_module("lightning.pytorch")
    if row.module:
        assert importlib.import_module(row.new).__name__ == row.new
        return
    module, _, name = row.new.rpartition(".")
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize("row", list(gone_names().values()), ids=lambda r: r.old)
def test_a_name_without_a_successor_went_when_the_row_says(row: Gone) -> None:
    assert row.way_out
    if row.removed == "1.0":
        assert api.since(row.old) is None
        return
    states = {r: api.state(row.old, r) for r in api.RELEASES}
    usable = [r for r, state in states.items() if state <= api.State.DEPRECATED]
    before = api.RELEASES[api.RELEASES.index(row.removed) - 1] if row.removed else _NEWEST
    assert usable[-1] == before
    if row.deprecated:
        assert row.deprecated in usable


#: What classes were called while they had the members in question.
_FORMERLY = {
    "lightning.pytorch.strategies.DDPStrategy": "lightning.pytorch.plugins.DDPPlugin",
    "lightning.pytorch.strategies.Strategy": "lightning.pytorch.plugins.TrainingTypePlugin",
    "lightning.pytorch.strategies.XLAStrategy": "lightning.pytorch.plugins.TPUSpawnPlugin",
    "lightning.pytorch.utilities.CombinedLoader": "lightning.pytorch.trainer.supporters.CombinedLoader",
}
#: Classes that are protected today.
_PROTECTED_TODAY = ("lightning.pytorch.loops.FitLoop",)
#: Told in the upgrade guide as gone, but on no Trainer of any release; people ask for it.
_NEVER = {"Trainer.using_native_amp"}


def _id(row: Member) -> str:
    return f"{row.owner.rpartition('.')[2]}.{row.old}"


def _name(row: Member) -> str:
    return row.old.removesuffix("()")


#: Protected members are not mined: those rows have proofs instead.
_GOING = [
    r for r in MEMBERS if _id(r) not in _NEVER and not r.only_set and not _name(r).startswith("_")
]


@pytest.mark.parametrize("row", _GOING, ids=_id)
def test_a_member_went_when_the_row_says(row: Member) -> None:
    assert bool(row.new) != bool(row.way_out)
    owner = row.owner if api.since(f"{row.owner}.{_name(row)}") else _FORMERLY[row.owner]
    name = f"{owner}.{_name(row)}"
    states = {r: api.state(name, r) for r in api.RELEASES}
    usable = [r for r, state in states.items() if state <= api.State.DEPRECATED]
    assert usable
    if row.removed:
        assert usable[-1] == api.RELEASES[api.RELEASES.index(row.removed) - 1]
    else:
        assert states[_NEWEST] is api.State.DEPRECATED
    since = api.since(owner)
    if row.deprecated and since is not None and minor(since) <= minor(row.deprecated):
        assert row.deprecated in usable


@pytest.mark.parametrize("row", [r for r in MEMBERS if r.only_set], ids=_id)
def test_a_member_that_cannot_be_set_could_be(row: Member) -> None:
    before = api.RELEASES[api.RELEASES.index(row.removed) - 1]
    assert api.kind(f"{row.owner}.{row.old}", before) in (api.Kind.SETTABLE, api.Kind.ATTRIBUTE)


@pytest.mark.parametrize("row", [r for r in MEMBERS if r.new], ids=_id)
def test_what_a_member_became_is_there(row: Member) -> None:
    for name in re.findall(r"<([\w.]+)>", row.new):
        assert api.state(name, _NEWEST) is api.State.PRESENT
        assert api.state(canonical(name), _NEWEST) is api.State.PRESENT
    first = re.match(r"(?:not |list\()?\{0\}\.(\w+)", row.new)
    protected = row.owner in _PROTECTED_TODAY
    if first is not None and not first.group(1).startswith("_") and not protected:
        assert api.state(f"{row.owner}.{first.group(1)}", _NEWEST) is api.State.PRESENT


@pytest.mark.parametrize("row", list(replaced_names().values()), ids=lambda r: r.old)
def test_a_replaced_name_went_when_the_row_says(row: Replaced) -> None:
    name = row.old if api.since(row.old) else row.old.rpartition(".")[0]
    states = {r: api.state(name, r) for r in api.RELEASES}
    usable = [r for r, state in states.items() if state <= api.State.DEPRECATED]
    assert usable[-1] == api.RELEASES[api.RELEASES.index(row.removed) - 1]
    for new in re.findall(r"<(lightning\.[\w.]+)>", row.new):
        assert api.state(new, _NEWEST) is api.State.PRESENT
