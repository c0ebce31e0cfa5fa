"""Sees imports as they happen.

Trainer is patched when Lightning arrives, the project's modules stay in the copy, and Lightning's
deprecation warnings are heard.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
import warnings
from types import ModuleType
from typing import Any, Callable, Sequence

from .places import Places
from .record import Record

_TRAINERS = {
    "pytorch_lightning.trainer.trainer": "pytorch_lightning",
    "lightning.pytorch.trainer.trainer": "lightning.pytorch",
}

_Patch = Callable[[ModuleType, str], None]


class Finder:
    """Stands first on ``sys.meta_path`` and passes on what the other finders say, corrected."""

    def __init__(self, places: Places, patch: _Patch) -> None:
        self._places = places
        self._patch = patch

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """The spec of ``name``, of the copy where the project itself is installed as editable."""
        spec = self._ask_others(name, path, target)
        if spec is None:
            return None
        spec = self._in_copy(name, spec)
        if name in _TRAINERS:
            self._patch_after_load(spec, _TRAINERS[name])
        return spec

    def _ask_others(self, name: str, path: Any, target: Any) -> Any:
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec = find(name, path, target)
            if spec is not None:
                return spec
        return None

    def _in_copy(
        self, name: str, spec: importlib.machinery.ModuleSpec
    ) -> importlib.machinery.ModuleSpec:
        """An editable install points at the user's tree; take the same file of the copy."""
        if not isinstance(spec.origin, str) or not spec.has_location:
            return spec
        mapped = self._places.to_copy(spec.origin)
        if mapped == spec.origin:
            return spec
        folders = [os.path.dirname(mapped)] if spec.submodule_search_locations is not None else None
        moved = importlib.util.spec_from_file_location(
            name, mapped, submodule_search_locations=folders
        )
        return moved or spec

    def _patch_after_load(self, spec: importlib.machinery.ModuleSpec, namespace: str) -> None:
        loader: Any = spec.loader
        original = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            original(module)
            self._patch(module, namespace)

        loader.exec_module = exec_module


def listen_to_warnings(record: Record, places: Places) -> None:
    """Record Lightning's own deprecations, also those that the code filters away."""
    original = warnings.warn

    def warn(
        message: Any, category: Any = None, stacklevel: int = 1, *rest: Any, **kw: Any
    ) -> None:
        kind = type(message) if isinstance(message, Warning) else category
        if getattr(kind, "__name__", "") == "LightningDeprecationWarning":
            line = places.user_line()
            record.add("deprecations", {"message": str(message), "at": str(line) if line else None})
        original(message, category, stacklevel + 1, *rest, **kw)

    warnings.warn = warn
