"""What Hydra says of an error that it has met, or of a configuration that it cannot make."""

from __future__ import annotations

import re
from typing import Tuple

_LOADING = "Error loading '"
_KEY = re.compile(r"^full_key: (\S+)", re.MULTILINE)


def behind(error: BaseException) -> Tuple[BaseException, str]:
    """What went wrong in ``hydra.utils.instantiate``, and the key of the configuration."""
    key = ""
    while isinstance(error.__cause__, Exception) and _wraps(error):
        found = _KEY.search(str(error))
        key = found.group(1) if found else key
        error = error.__cause__
    return error, key


def is_callers(error: BaseException) -> bool:
    """Whether the configuration that the arguments ask for cannot be made."""
    names = ("ConfigCompositionException", "OverrideParseException", "SearchPathException")
    return any(
        parent.__name__ in names and parent.__module__ == "hydra.errors"
        for parent in type(error).__mro__
    )


def _wraps(error: BaseException) -> bool:
    if isinstance(error, ImportError):
        return str(error).startswith(_LOADING)
    return type(error).__name__ == "InstantiationException"
