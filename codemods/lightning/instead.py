"""What to write instead of a name or an argument that is gone, in one sentence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import api
from .changes.index import gone, keywords, members, moved
from .lineage import inherits
from .objects import CLASSES, MODULE
from .removed_hooks import removed_hooks
from .trainer import OLD_DEVICE_ARGUMENTS, REMOVED_ARGUMENTS, RENAMED_ARGUMENTS

if TYPE_CHECKING:
    from .changes.row import Keyword, Member, Moved

_TRAINER = "lightning.pytorch.Trainer"
_CHECKPOINT = "lightning.pytorch.callbacks.ModelCheckpoint"
#: Between the words of a class's name.
_SEAM = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: A full path in an expression, to be spelled as the file spells it.
_SPELLED = re.compile(r"<([\w.]+)>")
_EPOCH_END = (
    "on_{0}_epoch_end(self); collect what {1}_step returns in a list of the module's own, and "
    "clear it there"
)
#: What the hooks became that were handed the outputs of all steps.
_EPOCH_ENDS = {
    "training_epoch_end": _EPOCH_END.format("train", "training"),
    "validation_epoch_end": _EPOCH_END.format("validation", "validation"),
    "test_epoch_end": _EPOCH_END.format("test", "test"),
}


def instead(name: str, argument: str = "") -> str | None:
    """The way out, from the tables that the rules work by; None where they know none.

    ``name`` is a full path; with ``argument`` the question is about that argument of it.
    """
    if argument:
        return _argument(argument) if name == _TRAINER else _keyword(name, argument)
    changed = _member_row(name)
    if changed is not None:
        return _member(changed)
    for path in _spellings(name):
        prefixes = (path, path.rpartition(".")[0])
        row = moved(prefixes)
        if row is not None:
            member = path.rpartition(".")[2] if row.old != path else ""
            return _destination(row, member)
        lost = gone(prefixes)
        if lost is not None:
            return lost.way_out
    return _hook(name)


def _spellings(name: str) -> tuple[str, ...]:
    """The name, and the other paths of the object in the last release that has it."""
    last = api.until(name)
    if last is None:
        return (name,)
    own = api.definition(name, last)
    others = api.homes(name.rpartition(".")[2], last)
    return (name, *(o for o in others if o != name and api.definition(o, last) == own))


def _destination(row: Moved, member: str) -> str:
    new = f"{row.new}.{member}" if member else row.new
    added = ", ".join(f"{name}={value}" for name, value in row.adds)
    sentence = f"{new} with {added}" if added else new
    return f"{sentence}; {row.doubt}" if row.doubt else sentence


def _member_row(name: str) -> Member | None:
    owner, _, member = name.rpartition(".")
    last = api.until(name)
    if last is None:
        return None
    own = api.mro(owner, last)
    rows = members().get(member, ())
    return next((r for r in rows if r.owner == owner or api.definition(r.owner, last) in own), None)


def _member(row: Member) -> str:
    if not row.new:
        return row.way_out or "nothing: leave it away"
    thing = _SEAM.sub("_", row.owner.rpartition(".")[2]).lower()
    code = _SPELLED.sub(r"\1", row.new.replace("{0}", thing).replace("{args}", "…"))
    return f"{code}; {row.doubt}" if row.doubt else code


def _argument(name: str) -> str | None:
    if name in RENAMED_ARGUMENTS:
        return f"pass {RENAMED_ARGUMENTS[name]}="
    if name in REMOVED_ARGUMENTS:
        return REMOVED_ARGUMENTS[name].instead
    if name in OLD_DEVICE_ARGUMENTS:
        return "pass devices= and accelerator="
    return None


def _keyword(name: str, argument: str) -> str | None:
    """The way out for an argument of anything but the Trainer."""
    if argument == "filepath" and inherits(name, _CHECKPOINT):
        return "pass dirpath= and filename="
    if argument == "prefix" and inherits(name, _CHECKPOINT):
        return "write it into filename="
    if argument == "output_filename":
        return "pass dirpath= and filename="
    owner, _, method = name.rpartition(".")
    for row in keywords().get(argument, ()):
        its, _, last = row.owner.rpartition(".")
        if row.new == row.old:
            continue
        if inherits(name, row.owner) or (method == last and inherits(owner, its)):
            return _changed(row)
    return None


def _changed(row: Keyword) -> str:
    if row.new:
        value = row.value.replace("{0}", "…") if row.value != "{0}" else ""
        sentence = f"pass {row.new}={value}"
    else:
        sentence = row.way_out or "nothing: leave it away"
    return f"{sentence}; {row.doubt}" if row.doubt else sentence


def _hook(name: str) -> str | None:
    owner, _, hook = name.rpartition(".")
    if owner == CLASSES[MODULE] and hook in _EPOCH_ENDS:
        return _EPOCH_ENDS[hook]
    for kind, path in CLASSES.items():
        row = removed_hooks().get((kind, hook))
        if row is not None and owner == path:
            return row.way_out
    return None
