"""What a value is, in a few words: ``(float32[4,10], int64[4])``, ``list of 2 dict(loss)``."""

from __future__ import annotations

from typing import Any, List, Mapping

_DEEPEST = 3
_LISTED = 8
_LIGHTNING = ("lightning", "pytorch_lightning")
_LONGEST = 160
#: Values that stand for code; the last is the class of Lightning for what an optimizer has to run.
_CALLED = ("function", "method", "partial", "builtin_function_or_method", "Closure")


def kind_of(value: Any) -> str:
    """The kind of a value: tensors with their sizes, containers with what they hold."""
    try:
        text = _kind(value, 0)
    except Exception:  # noqa: BLE001 - an object of the project may raise on whatever it is asked
        text = type(value).__name__
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _kind(value: Any, depth: int) -> str:
    if value is None:
        return "None"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        sizes = ",".join(str(size) for size in value.shape)
        return f"{str(value.dtype).rpartition('.')[2]}[{sizes}]"
    if isinstance(value, str):
        # The names of stages are members of an enum in some releases.
        return "str"
    name = type(value).__name__
    if name in _CALLED:
        return "function"
    if type(value).__module__.partition(".")[0] in _LIGHTNING and name.startswith("Lightning"):
        # What some releases put around an optimizer has its class's name behind this word.
        return name[len("Lightning") :]
    if isinstance(value, Mapping):
        return f"{_plain(name, 'dict', 'OrderedDict')}({_entries(value, depth)})"
    if isinstance(value, (list, tuple)):
        return _listed(value, name, depth)
    return name


def _entries(value: Mapping[Any, Any], depth: int) -> str:
    shown = []
    for key in list(value)[:_LISTED]:
        inner = _kind(value[key], depth + 1) if depth < _DEEPEST else ""
        shown.append(f"{key}: {inner}" if inner else str(key))
    more = len(value) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _listed(value: Any, name: str, depth: int) -> str:
    if depth >= _DEEPEST:
        return f"{name} of {len(value)}"
    # The first ones are enough: a long list is one of its like.
    kinds: List[str] = [_kind(item, depth + 1) for item in value[:_LISTED]]
    alike = len(set(kinds)) == 1
    if isinstance(value, list) or len(value) > _LISTED or hasattr(value, "_fields"):
        of = "" if not kinds else f" {kinds[0]}" if alike else f" ({', '.join(kinds)})"
        return f"{name} of {len(value)}{of}"
    return f"({', '.join(kinds)}{',' if len(kinds) == 1 else ''})"


def _plain(name: str, common: str, *others: str) -> str:
    return common if name in others else name
