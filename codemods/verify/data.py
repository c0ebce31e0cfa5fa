"""Where the batches of a run come from."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from .recorded import RecordingError, find, keep
from .runner.synthetic import SpecError, check_spec

if TYPE_CHECKING:
    from .outcome import Outcome
    from .request import Request

OWN, SYNTHETIC, RECORDED = CHOICES = ("own", "synthetic", "recorded")

_FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_FILES = (".pt", ".pth")
_SPEC_SHOWN = 200


class BatchError(ValueError):
    """A description of a batch that is none; the message says what to write."""


class NoDataError(Exception):
    """Nothing is there that a batch could be made from; the message says what to give."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a run is to train on.

    ``kind`` is ``own``, ``recorded``, or ``synthetic``: then ``batch`` is what :func:`read` gives
    for the description that stands at ``place``, or None. With ``record`` the first batch of the
    script's own data is kept, in the file ``to`` where that is given.
    """

    kind: str = OWN
    batch: Any = None
    place: str = "--batch"
    record: bool = False
    to: Path | None = None


def read(text: str, folder: Path) -> Any:
    """What a batch is described by: a text, a list or a table of texts, or the path of a file.

    ``text`` may be JSON, or a value as it stands in ``pyproject.toml``. A file, which ``--record``
    wrote, is looked for from ``folder``.

    Raises:
        BatchError: it is none of these.
    """
    if text.lstrip().startswith(("{", "[")):
        return check(_value(text))
    if text.endswith(_FILES):
        path = folder / text
        if not path.is_file():
            raise BatchError(f"there is no file {text}; `lfix verify SCRIPT --record-to` makes one")
        return path.resolve()
    return text if _FACTORY.fullmatch(text) else check(text)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        try:
            return tomllib.loads(f"batch = {text}")["batch"]
        except tomllib.TOMLDecodeError:
            raise BatchError(f"{text!r} is no JSON and no value of TOML: {error}") from error


def check(spec: Any) -> Any:
    """The description itself, where it is a text, or a list or a table of texts.

    Raises:
        BatchError: it is none.
    """
    try:
        check_spec(spec)
    except SpecError as error:
        raise BatchError(str(error)) from error
    return spec


def source(request: Request, root: Path) -> dict[str, Any]:
    """What the runner is told of the data of a run: kind, value, and words for the report.

    Raises:
        NoDataError: a recorded batch is asked for, and there is none.
    """
    data = request.data
    if data.kind == OWN and not request.target:
        return _source("own", None, "the script's own")
    if data.kind != RECORDED and data.batch is not None:
        return _described(data.batch, data.place)
    known = find(root, request.program(), request.target)
    if known is not None:
        trusted = not known.named
        return _source("file", str(known.file), known.told()) | {"trusted": trusted}
    if data.kind == RECORDED:
        raise NoDataError(
            f"no batch of {request.program()} is recorded: run it with --record where its data is,"
            " or say what a batch is with --data synthetic --batch 'float32[4,10], int64[4] < 2'"
        )
    return _source("example", None, "the example_input_array of the module")


def beside(data: dict[str, Any], boot: Path) -> dict[str, Any]:
    """The data of a run with its file beside the runner: a launcher sends that along."""
    if data["kind"] != "file":
        return data
    there = boot / "given.pt"
    shutil.copyfile(data["value"], there)
    return data | {"value": str(there)}


def recorded(request: Request, root: Path, folder: Path, outcome: Outcome) -> Outcome:
    """The outcome, with a note on the first batch, which is kept where it was delivered."""
    facts, batch = outcome.first_batch, folder / "rank0" / "batch.pt"
    if facts is None or not batch.is_file():
        note = "no batch is recorded: the training loader delivered none"
        return replace(outcome, notes=(*outcome.notes, note))
    try:
        kept = keep(root, request.program(), batch, facts, request.data.to)
    except RecordingError as error:
        return replace(outcome, notes=(*outcome.notes, f"no batch is recorded: {error}"))
    note = f"the first batch, {kept.shape}, is recorded in {kept.file}"
    if not facts["plain"]:
        note += ", and holds objects beside tensors, which only unpickling restores"
    return replace(outcome, notes=(*outcome.notes, note))


def _described(batch: Any, where: str) -> dict[str, Any]:
    if isinstance(batch, Path):
        return _source("file", str(batch), f"the batch in {batch.name} ({where})")
    if isinstance(batch, str) and _FACTORY.fullmatch(batch):
        return _source("factory", batch, f"what {batch} gives ({where})")
    text = batch if isinstance(batch, str) else json.dumps(batch)
    if len(text) > _SPEC_SHOWN:
        text = f"{text[:_SPEC_SHOWN]} …"
    return _source("spec", batch, f"a batch that is made up, {text} ({where})")


def _source(kind: str, value: Any, told: str) -> dict[str, Any]:
    return {"kind": kind, "value": value, "told": told, "trusted": False}
