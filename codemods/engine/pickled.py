"""What a pickle would make, told from its opcodes: nothing of it is executed or imported."""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from typing import IO

#: A pickle with more opcodes holds data, and takes seconds to walk.
_OPCODES = 1_000_000
_TEXTS = frozenset({"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}) | {
    *("STRING", "BINSTRING", "SHORT_BINSTRING"),
}
_PUT = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
_GET = frozenset({"GET", "BINGET", "LONG_BINGET"})
#: What changes the object below its arguments and leaves it on the stack.
_FILL = frozenset({"APPEND", "APPENDS", "ADDITEMS", "BUILD", "SETITEM", "SETITEMS"})
#: Classes that a pickle names in another way than by their path.
_UNNAMED = "a class without a name"


class NoPickleError(Exception):
    """The bytes are no pickle; the message says why."""


class TooLargeError(Exception):
    """The pickle is longer than anybody would wait for."""


_NOBODY: frozenset[str] = frozenset()


class Thing:
    """An object that a pickle makes; there may be a million, so each is small.

    ``value`` is there for texts and whole numbers, ``items`` is what a dict has under texts,
    ``named`` are the dotted paths of the classes and functions that it is made of.
    """

    __slots__ = ("items", "named", "value")

    def __init__(self, value: str | int | None = None, named: frozenset[str] = _NOBODY) -> None:
        self.value = value
        self.named = named
        self.items: dict[str, Thing] | None = None

    def entries(self) -> dict[str, Thing]:
        """The items, none for what is no dict."""
        return self.items or {}

    def take(self, parts: list[Thing], *, is_dict: bool) -> None:
        """Put things in, as keys and values in turn where this is a dict."""
        for part in parts:
            if not part.named <= self.named:
                self.named |= part.named
        if not is_dict:
            return
        self.items = self.items or {}
        for key, value in zip(parts[::2], parts[1::2], strict=False):
            if isinstance(key.value, str):
                self.items[key.value] = value


class _Mark(Thing):
    """The mark that a pickle puts below a list of things."""

    __slots__ = ()


@dataclass(frozen=True)
class Pickle:
    """The object of a pickle, and the protocol that it needs."""

    made: Thing
    protocol: int


def read(stream: IO[bytes]) -> Pickle:
    """The pickle at which a stream stands, the stream behind it afterwards.

    Raises NoPickleError, and TooLargeError.
    """
    machine = _Machine()
    try:
        for opcode, argument, _ in pickletools.genops(stream):
            machine.take(opcode, argument)
        return Pickle(machine.stack[-1], machine.protocol)
    except (MemoryError, OverflowError) as error:
        raise TooLargeError from error
    except (ValueError, LookupError, TypeError, EOFError) as error:
        # A text that is cut off, an opcode that does not exist, a stack that holds too little.
        raise NoPickleError(str(error)) from error


class _Machine:
    """The stack and the memo of a pickle, with things in the place of objects."""

    def __init__(self) -> None:
        self.stack: list[Thing] = []
        self.protocol = 0
        self._steps = 0
        self._memo: dict[int, Thing] = {}

    def take(self, opcode: pickletools.OpcodeInfo, argument: object) -> None:
        """Do what an opcode does to the stack.

        Raises LookupError where that cannot be, and TooLargeError after too many.
        """
        self._steps += 1
        if self._steps > _OPCODES:
            raise TooLargeError
        name = opcode.name
        if name == "PROTO":
            return
        self.protocol = max(self.protocol, opcode.proto)
        if name in _PUT or name == "MEMOIZE":
            key = argument if isinstance(argument, int) else len(self._memo)
            self._memo[key] = self.stack[-1]
        elif name in _GET and isinstance(argument, int):
            self.stack.append(self._memo[argument])
        elif name == "MARK":
            self.stack.append(_Mark())
        elif name in _FILL:
            self._fill(opcode)
        elif name == "DUP":
            self.stack.append(self.stack[-1])
        elif name != "STOP":
            self._make(opcode, argument)

    def _fill(self, opcode: pickletools.OpcodeInfo) -> None:
        owner, *parts = self._taken(opcode)
        owner.take(parts, is_dict=opcode.name.startswith("SETITEM"))
        self.stack.append(owner)

    def _make(self, opcode: pickletools.OpcodeInfo, argument: object) -> None:
        parts = self._taken(opcode)
        made = Thing()
        made.take(parts, is_dict=opcode.name == "DICT")
        if isinstance(argument, int) and not isinstance(argument, bool):
            made.value = argument
        elif opcode.name in _TEXTS:
            made.value = str(argument)
        if opcode.name in ("GLOBAL", "INST"):
            made.named |= {str(argument).replace(" ", ".")}
        elif opcode.name == "STACK_GLOBAL":
            texts = [part.value for part in parts if isinstance(part.value, str)]
            made.named |= {".".join(texts) if len(texts) == len(parts) else _UNNAMED}
        elif opcode.name.startswith("EXT"):
            made.named |= {_UNNAMED}
        self.stack += [made for _ in opcode.stack_after]

    def _taken(self, opcode: pickletools.OpcodeInfo) -> list[Thing]:
        """The things that an opcode takes from the stack, in order, without the mark."""
        wanted = list(opcode.stack_before)
        found: list[Thing] = []
        if pickletools.markobject in wanted:
            while not isinstance(top := self.stack.pop(), _Mark):
                found.append(top)
            del wanted[wanted.index(pickletools.markobject) :]
        found += [self.stack.pop() for _ in wanted]
        return found[::-1]
