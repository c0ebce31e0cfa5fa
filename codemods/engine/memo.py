"""Answers that are worked out once, and questions that lead back to themselves."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Answer = TypeVar("Answer")

#: Chains of names longer than this are not followed; Python's own stack ends soon after.
_DEEPEST = 50


class Memo(Generic[Answer]):
    """Keeps answers by key. A question asked while it is being answered gets the ``fallback``.

    Names that are assigned from each other in a loop would otherwise be followed for ever, and
    those that are assigned in many places exponentially long.
    """

    def __init__(self, fallback: Answer) -> None:
        self.fallback = fallback
        self._known: dict[Hashable, Answer] = {}
        self._depth = 0

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()

    def get(self, key: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The answer to ``key``, from ``answer()`` the first time."""
        if key in self._known:
            return self._known[key]
        if self._depth >= _DEEPEST:
            return self.fallback
        self._known[key] = self.fallback
        self._depth += 1
        try:
            found = self._known[key] = answer()
        except BaseException:
            del self._known[key]
            raise
        finally:
            self._depth -= 1
        return found
