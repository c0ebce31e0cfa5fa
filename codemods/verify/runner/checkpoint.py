"""Upgrades a copy of one checkpoint under the project's Lightning, and reads what it wrote.

Sent to the interpreter as text, so that no folder of ours comes to stand on its path. Objects are
read from a file only where the request says that it is trusted.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import sys
import warnings
from typing import Any, Callable, Dict

_NAMES = ("lightning.pytorch", "pytorch_lightning")
#: Entries that no migration changes.
_KEPT = ("state_dict", "optimizer_states", "lr_schedulers")
_LONGEST = 300


class GiveUpError(Exception):
    """The upgrade ends here; ``status`` and the message go into the result."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def main(asked: str) -> None:
    """Do what the file ``asked`` says and write ``result.json`` beside it."""
    with open(asked, encoding="utf-8") as stream:
        request = json.load(stream)
    if not request["trust"] and not request["cls"]:
        # Nothing of the project is needed, so nothing of it can be imported by accident.
        sys.path[:] = [path for path in sys.path if path]
    result: Dict[str, Any] = {"status": "done", "reason": "", "plain": True, "applied": []}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            _upgrade(request, result)
        except GiveUpError as end:
            result.update(status=end.status, reason=str(end))
    result["notes"] = [_short(w.message) for w in told if "checkpoint" in str(w.message)]
    folder = os.path.dirname(asked)
    unfinished = os.path.join(folder, "result.new")
    with open(unfinished, "w", encoding="utf-8") as stream:
        json.dump(result, stream)
    os.replace(unfinished, os.path.join(folder, "result.json"))


def _upgrade(request: Dict[str, Any], result: Dict[str, Any]) -> None:
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError as error:
        raise GiveUpError("unverifiable", f"torch cannot be imported: {_short(error)}") from error
    cls = _named(request["cls"]) if request["cls"] else None
    migration = _migration(cls)
    place = "cpu" if request["cpu"] else None

    def load(path: str, weights_only: bool) -> Any:
        with migration.pl_legacy_patch():
            return torch.load(path, map_location=place, weights_only=weights_only)

    checkpoint = _loaded(load, request["source"], not request["trust"])
    if not isinstance(checkpoint, dict):
        raise GiveUpError("failed", "it is no dict, as checkpoints of Lightning are")
    before = {key: checkpoint[key] for key in _KEPT if key in checkpoint}
    _, applied = migration.migrate_checkpoint(checkpoint)
    result["applied"] = [name for names in applied.values() for name in names]
    result["after"] = checkpoint["pytorch-lightning_version"]
    try:
        torch.save(checkpoint, request["target"])
    except Exception as error:
        reason = f"the upgraded file cannot be written: {_short(error)}"
        raise GiveUpError("failed", reason) from error
    try:
        again = _loaded(load, request["target"], True)
    except GiveUpError as refusal:
        if refusal.status != "untrusted" or not request["trust"]:
            reason = f"the upgraded file cannot be read again: {refusal}"
            raise GiveUpError("failed", reason) from refusal
        result["plain"] = False
        again = _loaded(load, request["target"], False)
    for key, old in before.items():
        if not _is_same(old, again.get(key)):
            raise GiveUpError("failed", f"{key} of the upgraded file is not what it was")
    if cls is not None:
        _try(cls, request, result["plain"])


def _named(text: str) -> Any:
    """The class of ``package.module:Class``."""
    module, _, name = text.partition(":")
    try:
        found = importlib.import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    except Exception as error:
        raise GiveUpError("usage", f"{text} cannot be imported: {_short(error)}") from error
    if not hasattr(found, "load_from_checkpoint"):
        raise GiveUpError("usage", f"{text} has no load_from_checkpoint")
    return found


def _migration(cls: Any) -> Any:
    """The migration of the Lightning that a class comes from, else of the one that is there."""
    homes = [base.__module__ for base in cls.__mro__] if cls is not None else []
    names = [n for n in _NAMES if any(home.startswith(n + ".") for home in homes)] or _NAMES
    why = ""
    for name in names:
        try:
            return importlib.import_module(name + ".utilities.migration")
        except ImportError as error:
            why = why or _short(error)
    raise GiveUpError("unverifiable", f"there is no Lightning 2 in this environment: {why}")


def _loaded(load: Callable[[str, bool], Any], path: str, weights_only: bool) -> Any:
    try:
        return load(path, weights_only)
    except TypeError as error:
        reason = f"torch is too old to read without objects: {_short(error)}"
        raise GiveUpError("unverifiable", reason) from error
    except Exception as error:
        if "Attempting to deserialize object on" in str(error):
            reason = "its tensors are on a device that is not here; --map-to-cpu leaves it"
            raise GiveUpError("unverifiable", reason) from error
        if weights_only and "Weights only load failed" in str(error):
            raise GiveUpError("untrusted", "it holds objects") from error
        raise GiveUpError("failed", f"it cannot be read: {_short(error)}") from error


def _is_same(old: Any, new: Any) -> bool:
    """Whether what was read is what was written; what has no order of its own counts as same."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return list(old) == list(new) and all(_is_same(old[key], new[key]) for key in old)
    if isinstance(old, (list, tuple)):
        return len(old) == len(new) and all(map(_is_same, old, new))
    if hasattr(old, "dtype") and hasattr(old, "shape"):
        if old.dtype != new.dtype or old.shape != new.shape:
            return False
        with contextlib.suppress(NotImplementedError, RuntimeError):
            return bool(((old == new) | (old.isnan() & new.isnan())).all())
        return True
    if isinstance(old, float):
        return old == new or (math.isnan(old) and math.isnan(new))
    return not isinstance(old, (str, int)) or old == new


def _try(cls: Any, request: Dict[str, Any], plain: bool) -> None:
    more = {} if plain else {"weights_only": False}
    try:
        cls.load_from_checkpoint(request["target"], map_location="cpu", **more)
    except Exception as error:
        reason = f"{request['cls']} does not load it: {_short(error)}"
        raise GiveUpError("failed", reason) from error


def _short(error: Any) -> str:
    text = " ".join(str(error).split())
    kind = "" if isinstance(error, Warning) else type(error).__name__ + ": "
    return kind + (text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


if __name__ == "__main__":
    main(sys.argv[1])
