"""Whose fault an exception is: the Lightning code of the project, or something around it."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import traceback
from typing import Any, Iterator, NamedTuple

from . import configs
from .guard import NetworkRefused, WriteRefused
from .hidden import first_of
from .places import Line, Places, own, raised_at
from .record import FAILED, NOT_VERIFIABLE, Record

LIGHTNING = ("lightning", "pytorch_lightning", "lightning_fabric", "torchmetrics")

#: What imports for others, and is not at fault.
_IMPORTING = ("hydra", "importlib")
_LONGEST = 300

_NO_CUDA = re.compile(
    r"not compiled with CUDA|no NVIDIA driver|No CUDA GPUs are available"
    r"|deserialize object on a CUDA"
)
_OS_MODULE = re.compile(r"<frozen os>|\bos\.py$")
_MODULE_OF = re.compile(r"(?:partially initialized )?module '([\w.]+)'")


class Verdict(NamedTuple):
    """An outcome with its reason, and the error in detail."""

    status: str
    reason: str
    error: dict[str, Any]


def judge(
    error: BaseException, record: Record, places: Places, called_at: Line | None = None
) -> Verdict:
    """The verdict on an exception that ended the run.

    ``called_at`` is the project's line to name where the traceback holds none.
    """
    if isinstance(error, SystemExit) and isinstance(error.__context__, Exception):
        error = error.__context__
    last, error = error, first_of(error)
    outer, (error, key) = error, configs.behind(error)
    lines = list(raised_at(error.__traceback__))
    around = list(raised_at(outer.__traceback__))
    line = _blamed_line(error, lines, places) or _blamed_line(outer, around, places) or called_at
    detail = describe(error, line, places)
    after = f" (the configuration's {key})" if key else ""
    after += "" if last is outer else f"; then, in what cleans up, {_told(last, places)}"
    outside = _not_lightnings(error, lines, line, record, places)
    if outside is not None:
        return Verdict(NOT_VERIFIABLE, outside + after, detail)
    at = f" at {line}" if line else ""
    said = f"{type(error).__name__}: {_first_line(error, places)}"
    return Verdict(FAILED, f"{said}{at}{after}", detail)


def _told(error: BaseException, places: Places) -> str:
    """An exception in one line, with the project's line where it was raised."""
    line = _blamed_line(error, list(raised_at(error.__traceback__)), places)
    at = f" at {line}" if line else ""
    return f"{type(error).__name__}: {_first_line(error, places)}{at}"


def describe(error: BaseException, line: Line | None, places: Places) -> dict[str, Any]:
    """The error for the report: type, message, the user's own line, the whole traceback."""
    return {
        "type": type(error).__name__,
        "message": places.text(str(error)),
        "file": line.file if line else None,
        "line": line.line if line else None,
        "traceback": places.text(_traceback(error)),
    }


def _traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without the frames of the runner."""
    whole = traceback.TracebackException(type(error), error, error.__traceback__)
    part: traceback.TracebackException | None = whole
    while part is not None:
        kept = [frame for frame in part.stack if not own(frame.filename)]
        part.stack = traceback.StackSummary.from_list(kept)
        part = part.__cause__ or part.__context__
    return "".join(whole.format())


def _not_lightnings(
    error: BaseException, lines: list[Line], line: Line | None, record: Record, places: Places
) -> str | None:
    """Why the error says nothing about Lightning code; ``None`` where it does."""
    at = f" at {line}" if line else ""
    for part in _chain(error):
        if isinstance(part, NetworkRefused):
            return _network_reason(part, record, line)
        if isinstance(part, WriteRefused):
            return f"the script writes into the project by its real path{at}: {part}"
    if configs.is_callers(error):
        said = " ".join(places.text(str(error)).split())[:_LONGEST]
        return f"Hydra cannot make the configuration{at}: {said}"
    if isinstance(error, ImportError) and error.name:
        return _missing_name(error, lines, at, places)
    if isinstance(error, AttributeError):
        return _missing_attribute(error, at, places)
    if _NO_CUDA.search(str(error)) and record.facts["device"] != "cuda":
        return (
            f"the code asks for a CUDA device by itself{at}, and this machine has none: "
            "with self.device there it would run on every device"
        )
    if type(error).__name__ == "OutOfMemoryError" or "CUDA out of memory" in str(error):
        return f"one step does not fit into the device's memory{at}"
    if isinstance(error, OSError):
        return f"{type(error).__name__}: {_first_line(error, places)}{at}"
    if isinstance(error, KeyError) and lines and _OS_MODULE.search(lines[-1].file):
        return f"the environment variable {error} is not set{at}"
    if isinstance(error, SystemExit):
        return _exit_reason(error, record, at)
    return None


def _missing_name(error: ImportError, lines: list[Line], at: str, places: Places) -> str | None:
    """A module or a name in a module that is not there."""
    name = str(error.name)
    top = name.partition(".")[0]
    if _is_projects(top, places):
        return None
    if top not in LIGHTNING:
        if isinstance(error, ModuleNotFoundError) and name == top:
            return f"the package {top} is not installed for {sys.executable} (imported{at})"
        return f"{places.text(str(error))}{at}: not Lightning's name, install what provides it"
    if importlib.util.find_spec(top) is None:
        return f"the package {top} is not installed for {sys.executable} (imported{at})"
    lines = [line for line in lines if _package_of(line.file) not in _IMPORTING]
    if lines and not places.is_project(lines[-1].file) and not _is_lightnings(lines[-1].file):
        owner = _package_of(lines[-1].file)
        return f"the installed {owner} does not work with this Lightning: {error}{at}"
    return None


def _missing_attribute(error: AttributeError, at: str, places: Places) -> str | None:
    found = _MODULE_OF.match(str(error))
    if found is None:
        return None
    top = found.group(1).partition(".")[0]
    if top in LIGHTNING or _is_projects(top, places):
        return None
    return f"{error}{at}: not Lightning's name"


def _network_reason(error: NetworkRefused, record: Record, line: Line | None) -> str:
    seen = record.facts["network"]
    host = seen[-1]["host"] if seen else error.host
    at = (seen[-1]["at"] if seen else None) or line
    where = f" at {at}" if at else ""
    return f"the script tried to connect to {host}{where}; pass --allow-net to let it"


def _exit_reason(error: SystemExit, record: Record, at: str) -> str | None:
    if record.reached("fit entered"):
        return None
    if error.code in (None, 0):
        return "the script ended without reaching Trainer.fit"
    code = f"with status {error.code}" if isinstance(error.code, int) else f"saying: {error.code}"
    return f"the script exited {code}{at} before Trainer.fit"


def _blamed_line(error: BaseException, lines: list[Line], places: Places) -> Line | None:
    """The innermost line of the project; for a syntax error the line that does not parse."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        lines = [*lines, Line(error.filename, error.lineno)]
    for line in reversed(lines):
        if places.is_project(line.file):
            return Line(places.shown(line.file), line.line)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _is_projects(top: str, places: Places) -> bool:
    folders = [places.copy] + [path for path in sys.path if places.is_project(path)]
    return any(
        os.path.exists(os.path.join(folder, top + suffix))
        for folder in folders
        for suffix in ("", ".py")
    )


def _is_lightnings(path: str) -> bool:
    return _package_of(path) in LIGHTNING


def _package_of(path: str) -> str:
    """The top-level package that a file of the environment belongs to."""
    best = ""
    for name, module in list(sys.modules.items()):
        home = getattr(module, "__file__", None)
        if "." in name or not isinstance(home, str):
            continue
        folder = os.path.dirname(home) + os.sep
        if os.path.basename(home) == "__init__.py" and path.startswith(folder):
            best = name
    return best or os.path.basename(path)


def _first_line(error: BaseException, places: Places) -> str:
    text = places.text(str(error)).strip()
    return text.splitlines()[0] if text else ""
