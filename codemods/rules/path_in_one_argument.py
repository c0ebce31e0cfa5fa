"""A path is given in one argument that is two today.

What it does
    Finds `ModelCheckpoint(filepath=…, prefix=…)` and `output_filename=` of profilers, and writes
    `dirpath=` and `filename=`.

Why
    They are gone since 1.2 and 1.5 and raise `TypeError`; a PyTorchProfiler hands its one on to
    torch, which raises too.

Example
    ```python
    ModelCheckpoint(filepath="weights/{epoch}", prefix="net")
    SimpleProfiler(output_filename="logs/times.txt")
    ```
    becomes
    ```python
    ModelCheckpoint(dirpath="weights", filename="net-{epoch}")
    SimpleProfiler(dirpath="logs", filename="times")
    ```

Fix safety
    Safe for paths with a field such as `{epoch}` in their last part: literals, f-strings, sums and
    `os.path.join(…)`. Unsafe for what is a folder for certain (`os.makedirs` has just made it),
    because the names that are made up without one are other ones, for what only its name makes a
    folder (`checkpoints`, `save_dir`), and for profilers, which add the stage and their own ending.
    Any other path may be a folder or not, which was looked up on the disk: told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/6162
    https://github.com/Lightning-AI/pytorch-lightning/pull/6621
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Fix, Safety
from ._keyword_calls import handed
from ._keyword_paths import Split, split
from ._variables import UNKNOWN, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding
    from ._keyword_calls import Handed, Part

_PATHS = frozenset({"filepath", "dirpath", "filename", "prefix"})
_CHECKPOINT = "lightning.pytorch.callbacks.ModelCheckpoint"
_PROFILERS = tuple(
    f"lightning.pytorch.profilers.{name}Profiler" for name in ("Simple", "Advanced", "PyTorch")
)
_DEFAULT = "without a name it has the step in it now: epoch=1-step=20"
_GUESSED = (
    "it is taken for a folder by its name; where there was none, 1.x made a file of that name"
)
_STAGE = "the profiler puts the stage in front of the name, and its own ending behind"


@rule(
    "LF702",
    triggers=("filepath", "prefix", "output_filename", "ModelCheckpoint"),
    context=("lightning",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the arguments."""
    del settings
    for call in handed(file, ("ModelCheckpoint",)):
        for name in ("filepath", "prefix"):
            part = call.part(name)
            if part is not None and call.is_of(_CHECKPOINT) and name not in call.own:
                yield _of_checkpoint(rule, file, call, part, name)
        if call.is_of(_CHECKPOINT) and len(call.positional) == 1 and not call.given & _PATHS:
            yield from _by_place(rule, file, call.positional[0])
        part = call.part("output_filename")
        if part is not None and call.is_of(*_PROFILERS):
            yield _of_profiler(rule, file, call, part)


def _of_checkpoint(rule: Rule, file: File, call: Handed, part: Part, name: str) -> Finding:
    prefix = _prefix(file, call)
    path = call.value("filepath")
    if isinstance(path, ast.Constant) and path.value is None:
        if name == "filepath":
            return _of_none(rule, file, part)
        path = None
    doubt, reason, title = part.doubt, "", "write dirpath and filename"
    edits: tuple[Edit, ...] = ()
    parts = split(file, path) if path is not None else Split("", _text(file, call, "filename"))
    if prefix == "" and name == "prefix" and path is not None and parts is None:
        edits, title = part.arguments.change({"prefix": []}), "leave the empty prefix away"
    elif (
        prefix is None
        or parts is None
        or (prefix and parts.spelled)
        or {"dirpath", "filename"} & _new(call, name)
    ):
        reason = "write dirpath= and filename=; a prefix is a part of the filename"
    else:
        pairs = _pairs(file, call, parts, prefix)
        if path is not None and parts.name is None and not prefix:
            doubt = doubt or (_GUESSED if parts.guessed else _DEFAULT)
        here = part.arguments
        changes: dict[str, list[tuple[str, str]]] = {
            n: [] for n in ("filepath", "prefix", "filename") if n in here
        }
        edits = here.change({**changes, name: pairs})
        if len({id(call.part(n)) for n in ("filepath", "prefix") if call.part(n)}) > 1:
            reason, edits = "filepath and prefix stand in different places", ()
    safety = Safety.UNSAFE if doubt else Safety.SAFE
    return file.finding(
        rule,
        part.arguments.named[name].node,
        f"ModelCheckpoint has no argument {name} since Lightning "
        f"{'1.2' if name == 'filepath' else '1.3'}; it is dirpath and filename",
        fix=Fix(title, edits, safety) if edits else None,
        reason=reason or doubt or None,
    )


def _of_none(rule: Rule, file: File, part: Part) -> Finding:
    """The finding at ``filepath=None``, which left the folder to the logger, as today's default."""
    return file.finding(
        rule,
        part.arguments.named["filepath"].node,
        "ModelCheckpoint has no argument filepath since Lightning 1.2; it is dirpath and filename",
        fix=Fix(
            "leave None away",
            part.arguments.change({"filepath": []}),
            Safety.UNSAFE if part.doubt else Safety.SAFE,
        ),
        reason=part.doubt or None,
    )


def _by_place(rule: Rule, file: File, node: ast.expr) -> Iterator[Finding]:
    """The finding for a path with fields, which today is taken for a folder of that name."""
    parts = split(file, node)
    if parts is None or parts.name is None:
        return
    pairs = [f"dirpath={parts.folder}"] if parts.folder else []
    pairs.append(f"filename={parts.spelled or quoted(file, node, parts.name)}")
    yield file.finding(
        rule,
        node,
        "ModelCheckpoint takes a folder first since Lightning 1.2; this has a name in it as well",
        fix=Fix(
            "write dirpath and filename", (file.replace(node, ", ".join(pairs)),), Safety.UNSAFE
        ),
        reason="it makes a folder with braces in its name",
    )


def _new(call: Handed, name: str) -> frozenset[str]:
    given = call.given & {"dirpath", "filename"}
    return given if name == "filepath" or "filepath" in call.given else frozenset()


def _prefix(file: File, call: Handed) -> str | None:
    """The text of the prefix; None where it is not known."""
    node = call.value("prefix")
    value = literal(node) if node is not None else ""
    del file
    return None if value is UNKNOWN else str(value or "")


def _text(file: File, call: Handed, name: str) -> str | None:
    node = call.value(name)
    value = literal(node) if node is not None else None
    del file
    return value if isinstance(value, str) else None


def _pairs(file: File, call: Handed, parts: Split, prefix: str) -> list[tuple[str, str]]:
    pairs = [("dirpath", parts.folder)] if parts.folder else []
    name = parts.name
    if parts.spelled:
        return [*pairs, ("filename", parts.spelled)]
    if prefix:
        name = f"{prefix}-{name}" if name else f"{prefix}-{{epoch}}-{{step}}"
    if name is not None:
        pairs.append(("filename", quoted(file, call.node, name)))
    return pairs


def _of_profiler(rule: Rule, file: File, call: Handed, part: Part) -> Finding:
    node = part.arguments.named["output_filename"]
    parts = split(file, node.value, stem=True)
    edits: tuple[Edit, ...] = ()
    if isinstance(node.value, ast.Constant) and node.value.value is None:
        edits = part.arguments.change({"output_filename": []})
    elif parts is not None and parts.name and not {"dirpath", "filename"} & call.given:
        pairs = [("dirpath", parts.folder or quoted(file, call.node, "."))]
        pairs.append(("filename", quoted(file, call.node, parts.name)))
        edits = part.arguments.change({"output_filename": pairs})
    return file.finding(
        rule,
        node.node,
        f"{call.name} has no argument output_filename since Lightning 1.5; it is dirpath and "
        "filename",
        fix=Fix("write dirpath and filename", edits, Safety.UNSAFE) if edits else None,
        reason=_STAGE if edits else "write dirpath= for the folder and filename= without an ending",
    )
