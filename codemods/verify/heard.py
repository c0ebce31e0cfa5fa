"""What a recorded training says of the hooks that the project's own code defines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lfix.codemods.lightning.hooks import CALLBACK, hooks

#: An owner, a class where that may be one of several, and the name of a hook.
Key = tuple[str, str, str]

_DIVIDED = ("optimizer_idx", "hiddens")


@dataclass(frozen=True)
class Call:
    """A call: in which batch, of what, and names and kinds of what it was given."""

    batch: int
    key: Key
    given: tuple[tuple[str, str], ...]


class Heard:
    """What one training has called; ``data`` is what the runner has written."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self.is_whole: bool = data["is_whole"]
        self.classes = {key_of(*hook[:3]): str(hook[1]) for hook in data["hooks"]}
        self.places = {key_of(*hook[:3]): str(hook[3]) for hook in data["hooks"]}
        self.read: dict[Key, set[str]] = {}
        for *hook, _, names in data["hooks"]:
            self.read.setdefault(key_of(*hook), set()).update(names)
        self.times: dict[Key, int] = {}
        self.by_project: set[Key] = set()
        self.by_lightning: dict[Key, None] = {}
        for owner, cls, name, by, _, times in data["forms"]:
            key = key_of(owner, cls, name)
            self.classes.setdefault(key, cls)
            self.times[key] = self.times.get(key, 0) + times
            if by == "project":
                self.by_project.add(key)
            else:
                self.by_lightning[key] = None

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The calls that Lightning has made, in their order."""
        forms = [
            (key_of(*form[:3]), tuple((name, kind) for name, kind in form[4] or ()), form[3])
            for form in self._data["forms"]
        ]
        return tuple(
            Call(batch, forms[place][0], forms[place][1])
            for batch, place in self._data["calls"]
            if forms[place][2] != "project"
        )

    @property
    def is_divided(self) -> bool:
        """Whether a step is told for which optimizer, or behind which piece of a batch it runs."""
        return any(
            call.key[2] == "tbptt_split_batch"
            or (call.key[2] == "training_step" and meaning(call.key, name) in _DIVIDED)
            for call in self.calls
            for name, _ in call.given
        )

    def shown(self, key: Key) -> str:
        """A hook as it is written in messages."""
        return f"{self.classes.get(key, key[0])}.{key[2]}"


def step_of(batch: int) -> int | None:
    """A batch, None for what comes before the first one."""
    return batch if batch >= 0 else None


def key_of(owner: str, cls: str, name: str) -> Key:
    """A run has one module and one datamodule, but callbacks of several classes."""
    return owner, cls if owner == CALLBACK else "", name


def meaning(key: Key, name: str) -> str:
    """Which of a hook's parameters a name stands for; the name itself where nobody knows."""
    hook = hooks().get((key[0], key[2]))
    return (hook.meaning(name) if hook is not None else None) or name
