"""What a value given as accelerator or strategy means: old names, misspelt ones, plugin objects."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..lightning.trainer import (
    ACCELERATORS,
    FABRIC_STRATEGIES,
    OLD_PLUGINS,
    OLD_STRATEGIES,
    REMOVED_ACCELERATORS,
    REMOVED_PLUGINS,
    STRATEGIES,
)
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..engine.file import File

_INDEXED = re.compile(r"(cuda|gpu|mps|cpu|tpu)[:_ ]?(\d+)")
_WORDS = re.compile(r"[a-z]+")
_DEVICES = ("cpu", "gpu", "cuda", "mps", "tpu")
_STRATEGY_CLASSES = ("lightning.pytorch.strategies.", "lightning.fabric.strategies.")
_PLUGIN_CLASSES = ("lightning.pytorch.plugins.",)
#: Imports are followed to this many files.
_FILES = 100
_REGISTRY = re.compile(r"registry", re.IGNORECASE)


@dataclass(frozen=True)
class Accelerator:
    """The meaning of one value of ``accelerator=``.

    ``kind``: device, strategy, none, unknown, or invalid. ``new`` is the accelerator meant, where
    it is not what is written; ``index`` the device that a ``cuda:0`` names; ``reason`` says what
    is wrong with an invalid one.
    """

    kind: str
    new: str | None = None
    index: int | None = None
    reason: str | None = None


def accelerator(file: File, value: object, node: ast.expr) -> Accelerator:
    """What a value (``UNKNOWN`` for an expression) given as ``accelerator=`` means."""
    if value is UNKNOWN:
        if plugin_name(file, node) or strategy_name(file, node):
            return Accelerator("strategy")
        return Accelerator("unknown")
    if value is None:
        return Accelerator("none")
    if not isinstance(value, str):
        return Accelerator("invalid", reason='pass a name such as "cpu", "gpu" or "auto"')
    if value in ACCELERATORS or value in registered(file):
        return Accelerator("device")
    low = value.strip().lower()
    if low in ACCELERATORS:
        return Accelerator("device", low)
    if low in STRATEGIES | FABRIC_STRATEGIES or low in OLD_STRATEGIES:
        return Accelerator("strategy")
    if opaque_registration(file):
        return Accelerator("unknown")
    indexed = _INDEXED.fullmatch(low)
    if indexed is not None:
        return Accelerator("device", indexed[1], int(indexed[2]))
    return _misspelt(value, low)


def _misspelt(value: str, low: str) -> Accelerator:
    if low in REMOVED_ACCELERATORS:
        return Accelerator("invalid", reason=REMOVED_ACCELERATORS[low])
    words = _WORDS.findall(low)
    known = {d for d in _DEVICES for w in words if w.startswith(d) or w.endswith(d)}
    if len(known) == 1 and not _names_a_strategy(words):
        return Accelerator("device", known.pop())
    near = difflib.get_close_matches(low, sorted(ACCELERATORS), n=3, cutoff=0.6)
    names = " or ".join(f'"{n}"' for n in near) or ", ".join(sorted(ACCELERATORS))
    return Accelerator(
        "invalid",
        reason=f"no accelerator is called {value!r}; the nearest: {names}"
        if near
        else f"no accelerator is called {value!r}; there are {names}",
    )


def _names_a_strategy(words: list[str]) -> bool:
    return any(w in ("ddp", "dp", "fsdp", "deepspeed", "horovod", "spawn") for w in words)


@dataclass(frozen=True)
class Strategy:
    """The meaning of one value of ``strategy=``; ``doubt`` says what differs in the new one."""

    kind: str
    new: str | None = None
    doubt: str | None = None
    reason: str | None = None


def strategy(file: File, value: object, node: ast.expr, kind: str) -> Strategy:
    """What a value (``UNKNOWN`` for an expression) given as ``strategy=`` means.

    ``kind`` of the answer: good, fixed, none, object, unknown, accelerator, invalid.
    """
    if value is UNKNOWN:
        return Strategy("object" if plugin_name(file, node) else "unknown")
    if value is None:
        return Strategy("none", "auto")
    if not isinstance(value, str):
        return Strategy(
            "invalid", reason='pass a name such as "auto" or "ddp", or a Strategy object'
        )
    known = FABRIC_STRATEGIES if kind == "Fabric" else STRATEGIES
    low = value.lower()
    if low in known or low in {r.lower() for r in registered(file)}:
        return Strategy("good")
    if low.strip() in known:
        return Strategy("fixed", low.strip())
    old = OLD_STRATEGIES.get(low.strip())
    if old is not None and old.new is not None:
        return Strategy("fixed", old.new, old.doubt)
    if old is not None:
        return Strategy("invalid", reason=old.doubt)
    if opaque_registration(file):
        return Strategy("unknown")
    if low in ACCELERATORS:
        return Strategy(
            "accelerator", reason=f"{value!r} is an accelerator; pass it as accelerator="
        )
    near = difflib.get_close_matches(low, sorted(known), n=3, cutoff=0.6)
    names = " or ".join(f'"{n}"' for n in near) or '"auto", "ddp", "fsdp", "deepspeed", …'
    return Strategy("invalid", reason=f"no strategy is called {value!r}; the nearest: {names}")


# objects --------------------------------------------------------------------------------------


def plugin_name(file: File, node: ast.expr) -> str | None:
    """The class name of an old training-type plugin that an expression makes."""
    if not isinstance(node, ast.Call):
        return None
    name = file.canonical(node.func) or ""
    last = name.rpartition(".")[2]
    if not name.startswith((*_PLUGIN_CLASSES, *_STRATEGY_CLASSES)):
        return None
    return last if last in OLD_PLUGINS or last in REMOVED_PLUGINS else None


def strategy_name(file: File, node: ast.expr) -> str | None:
    """The canonical name of the strategy class that an expression makes an object of."""
    if not isinstance(node, ast.Call):
        return None
    name = file.canonical(node.func) or ""
    return name if name.startswith(_STRATEGY_CLASSES) and name.endswith("Strategy") else None


# registries -----------------------------------------------------------------------------------


def registered(file: File) -> set[str]:
    """Names that the project registers as accelerators or strategies of its own."""
    return {str(name) for name in _registrations(file) if isinstance(name, str)}


def opaque_registration(file: File) -> bool:
    """Whether the project registers a name that cannot be read off the text."""
    return any(not isinstance(name, str) for name in _registrations(file))


def _registrations(file: File) -> list[object]:
    found: list[object] = []
    for other in _related(file):
        if not _REGISTRY.search(other.source.text):
            continue
        for call in other.tree.calls:
            if isinstance(call.func, ast.Attribute) and call.func.attr == "register":
                if not _REGISTRY.search(other.text(call.func.value)):
                    continue
                first = next((k.value for k in call.keywords if k.arg == "name"), None)
                value = literal(call.args[0] if call.args else first)
                found.append(value)
    return found


def _related(file: File) -> Iterable[File]:
    """The file, the files that it imports (and they), and the files of the run."""
    seen: dict[object, File] = {}
    queue = [file]
    queue += file.project.holding(b"egistry.register", file.path)
    while queue and len(seen) < _FILES:
        current = queue.pop(0)
        if current.path in seen:
            continue
        seen[current.path] = current
        for binding in current.imports:
            target = binding.target or ""
            for dotted in (target, target.rpartition(".")[0]):
                module = current.project.module(current.path, dotted) if dotted else None
                if module is not None:
                    queue.append(module)
    return list(seen.values())
