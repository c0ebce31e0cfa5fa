"""Arguments that only the mined signatures know about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lightning import api
from ..lightning.changes.row import minor
from ..lightning.objects import CLASSES, CLI, FABRIC, TRAINER

if TYPE_CHECKING:
    from ._keyword_calls import Handed

#: These have rules of their own.
_ELSEWHERE = (
    CLASSES[TRAINER],
    CLASSES[FABRIC],
    CLASSES[CLI],
    "lightning.pytorch.cli.LightningArgumentParser",
    "lightning.pytorch.callbacks.ProgressBar",
)
_CHECKPOINT = "lightning.pytorch.callbacks.ModelCheckpoint"
_NAMES = frozenset({"filepath", "output_filename"})


def last_release(call: Handed, name: str, target: str) -> str | None:
    """The last release in which a call's argument was one; None where it is one at the target."""
    found = None
    if name in _NAMES or (name == "prefix" and call.is_of(_CHECKPOINT)):
        return None
    for path in call.paths:
        if _is_other_rules(path):
            return None
        now = api.signature(path, target)
        if now is None or now.takes(name):
            return None
        earlier = [r for r in api.RELEASES if minor(r) < minor(target) and _had(path, name, r)]
        found = earlier[-1] if earlier else found
    return found


def never_taken(call: Handed, name: str, target: str) -> tuple[str, ...] | None:
    """What a call may be given at the target, if an argument was none of it in any release."""
    known: list[str] = []
    for path in call.paths:
        now = None if _is_other_rules(path) else api.signature(path, target)
        if now is None or now.takes(name) or any(_had(path, name, r) for r in api.RELEASES):
            return None
        known += [p.name for p in now.parameters if p.kind != "/"]
    return tuple(dict.fromkeys(known))


def _is_other_rules(path: str) -> bool:
    last = path.rpartition(".")[2]
    return path.startswith(_ELSEWHERE) or last.startswith("on_") or last.endswith(("_step", "_end"))


def _had(path: str, name: str, release: str) -> bool:
    signature = api.signature(path, release)
    return signature is not None and signature.parameter(name) is not None
