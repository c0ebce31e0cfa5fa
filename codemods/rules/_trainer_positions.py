"""Arguments of a Trainer by position, in the order that 1.x had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.kinds import is_surely
from ..engine.values import infer
from ..lightning.trainer import ACCELERATORS
from ..model import Edit, Span
from ._variables import UNKNOWN, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._trainer_calls import TrainerCall

#: Until 1.9 the first ones were these, but for ``enable_checkpointing``, which 1.5 and 1.6 had
#: beside ``checkpoint_callback``; the value tells which is meant.
_ORDER = ("logger", "enable_checkpointing", "callbacks", "default_root_dir")
_TODAY = ("accelerator", "strategy", "devices", "num_nodes", "precision", "logger", "callbacks")


def is_doubtful(call: TrainerCall) -> bool:
    """Whether the first argument may be an accelerator as well, which 2.x takes it for."""
    node = call.positional[0]
    known = literal(node)
    if known is not UNKNOWN:
        return known is None
    return not is_surely(infer(call.file, node), Role.LOGGER.value)


def named(call: TrainerCall) -> tuple[Edit, ...] | None:
    """The edits that put names before the arguments; None where one may mean several."""
    first = literal(call.positional[0])
    if isinstance(first, str) and first in ACCELERATORS:
        names: list[str] = list(_TODAY[: len(call.positional)])
    else:
        names = [name for name in _names(call) if name]
    if len(names) != len(call.positional) or len(set(names)) != len(names):
        return None
    if any(call.get(name) is not None for name in names):
        return None
    starts = [call.file.span(node).start for node in call.positional]
    return tuple(Edit(Span(s, s), f"{n}=") for s, n in zip(starts, names, strict=True))


def _names(call: TrainerCall) -> Iterator[str | None]:
    """The name that each argument had in 1.x, None where releases disagree."""
    if len(call.positional) > len(_ORDER):
        return
    for index, node in enumerate(call.positional):
        value, types = literal(node), infer(call.file, node)
        if index == 0:
            yield "logger"
        elif isinstance(value, bool):
            yield "enable_checkpointing" if index == 1 else None
        elif is_surely(types, "list"):
            yield "callbacks" if index > 1 else None
        elif is_surely(types, Role.CALLBACK.value):
            yield "callbacks"
        else:
            yield "default_root_dir" if isinstance(value, str) and index > 1 else None
