"""What ``lfix verify`` is to run, and how: ``[tool.lfix.verify]`` of pyproject.toml."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_KNOWN = (
    "scripts",
    "data",
    "batch",
    "device",
    "precision",
    "launcher",
    "steps",
    "timeout",
    "memory",
)


class TrialsError(Exception):
    """A setting that cannot be used; the message names it and says what to write instead."""


@dataclass(frozen=True)
class Trials:
    """Programs with their arguments, and what holds for each unless the command line says other.

    ``scripts`` are lines as after ``lfix verify``, to be run from ``root``; ``batch`` is a text, or
    a list or table of texts, as it stands in the file; ``launcher`` are words, ``timeout`` is in
    seconds, ``memory`` in GB. What is not said is None or empty.
    """

    root: Path
    scripts: tuple[str, ...] = ()
    data: str = ""
    batch: Any = None
    device: str = ""
    precision: str = ""
    launcher: tuple[str, ...] = ()
    steps: int | None = None
    timeout: float | None = None
    memory: float | None = None


def read(root: Path, where: str, table: object) -> Trials:
    """The settings in ``table``, which stands in a file of ``root``; ``where`` names it.

    Raises:
        TrialsError: an unknown key, or a value of the wrong type.
    """
    if not isinstance(table, Mapping):
        raise TrialsError(f"{where} must be a table")
    unknown = next((key for key in table if key not in _KNOWN), None)
    if unknown is not None:
        known = ", ".join(_KNOWN)
        raise TrialsError(f"{where} {unknown} is not a setting of lfix; known are {known}")
    return Trials(
        root,
        scripts=_scripts(f"{where} scripts", table.get("scripts", [])),
        data=_text(f"{where} data", table.get("data", "")),
        batch=table.get("batch"),
        device=_text(f"{where} device", table.get("device", "")),
        precision=_text(f"{where} precision", table.get("precision", "")),
        launcher=_words(f"{where} launcher", _text(f"{where} launcher", table.get("launcher", ""))),
        steps=_steps(f"{where} steps", table.get("steps")),
        timeout=_amount(f"{where} timeout", table.get("timeout"), "seconds"),
        memory=_amount(f"{where} memory", table.get("memory"), "GB"),
    )


def _scripts(where: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise TrialsError(f"{where} must be a list of strings, not {value!r}")
    for line in value:
        words = _words(where, line)
        if not words or words == ("-m",):
            raise TrialsError(f'{where}: {line!r} names no program; write "train.py --fast", say')
    return tuple(value)


def _words(where: str, line: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(line))
    except ValueError as error:
        raise TrialsError(f"{where}: {line!r} cannot be split into words: {error}") from error


def _text(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise TrialsError(f"{where} must be a string, not {value!r}")
    return value


def _steps(where: str, value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise TrialsError(f"{where} must be a whole number of at least 1, not {value!r}")
    return value


def _amount(where: str, value: object, unit: str) -> float | None:
    if value is None:
        return None
    if not isinstance(value, (int, float)) or isinstance(value, bool) or value <= 0:
        raise TrialsError(f"{where} must be a number of {unit} above 0, not {value!r}")
    return float(value)
