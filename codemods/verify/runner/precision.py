"""A precision for the step other than the script's own."""

from __future__ import annotations

import re
from typing import Any, Dict, Mapping, Tuple

#: What may be asked for, in the words of Lightning 2, and the first release that knows it.
PRECISIONS = {
    "64-true": (1, 0),
    "32-true": (1, 0),
    "16-mixed": (1, 0),
    "bf16-mixed": (1, 5),
    "16-true": (2, 1),
    "bf16-true": (2, 1),
}
_SHORT = {"64": "64-true", "32": "32-true", "16": "16-mixed", "bf16": "bf16-mixed"}
#: Releases before 2.0 know the mixed ones by their numbers alone.
_OLD: Dict[str, Any] = {"64-true": 64, "32-true": 32, "16-mixed": 16, "bf16-mixed": "bf16"}
_PLUGINS = ("Precision", "PrecisionPlugin")


class PrecisionAbsent(Exception):
    """The precision is right, and cannot be had here; the message says why."""


def whole(text: str) -> str:
    """The name of a precision that may be short; empty where it is none."""
    name = _SHORT.get(text, text)
    return name if name in PRECISIONS else ""


def with_precision(
    given: Mapping[str, Any], text: str, device: str, release: str
) -> Tuple[Dict[str, Any], str]:
    """The arguments of a Trainer with another precision, and what is to be told.

    ``text`` is a precision by :func:`whole`, ``device`` a kind of device, ``release`` the installed
    one of Lightning.

    Raises:
        PrecisionAbsent: the device or the release does not have it.
    """
    name = whole(text)
    if name == "16-mixed" and device != "cuda":
        raise PrecisionAbsent(f"precision {name} needs a GPU, and the step runs on {device}")
    version = tuple(int(part) for part in re.findall(r"\d+", release)[:2])
    if version < PRECISIONS[name]:
        first = ".".join(map(str, PRECISIONS[name]))
        raise PrecisionAbsent(f"precision {name} came with Lightning {first}, this is {release}")
    wanted = dict(given)
    wanted["precision"] = name if version >= (2, 0) else _OLD[name]
    own = str(given["precision"]) if "precision" in given else ""
    plugins = given.get("plugins")
    if plugins is not None:
        listed = list(plugins) if isinstance(plugins, (list, tuple)) else [plugins]
        wanted["plugins"] = [plugin for plugin in listed if not _sets_precision(plugin)]
        if len(wanted["plugins"]) < len(listed):
            own = "a plugin"
    asks = f"the script asks for {own}" if own else "the script asks for none"
    return wanted, f"precision {name}, as --precision says; {asks}"


def _sets_precision(plugin: Any) -> bool:
    return any(parent.__name__ in _PLUGINS for parent in type(plugin).__mro__)
