"""Command lines: of shell scripts, Makefiles, Dockerfiles, and in documents."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.source import byte_span
from ..lightning.changes.row import minor as minor_of
from ..lightning.names import ROOTS
from ..model import Edit, Finding, Fix
from . import documents
from .checkpoints import WORD as CHECKPOINT
from .checkpoints import named
from .docker import WORDS as FROM
from .docker import bases
from .fences import blocks
from .format import Format
from .installs import of_command
from .launches import SCRIPT_WORDS, started
from .pins import DOCKERFILE, LIGHTNING, judged
from .shell import Word, commands, listed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..engine.file import File
    from ..engine.source import Source
    from .format import Context

_SCRIPTS = re.compile(
    r".*\.(?:sh|bash|zsh|slurm|sbatch|pbs|mk)|(?:GNU)?makefile|justfile", re.IGNORECASE
)
_DOCUMENTS = re.compile(r".*\.(?:md|rst)", re.IGNORECASE)
_WORDS = (b"lightning", b"trainer.", CHECKPOINT, *SCRIPT_WORDS)
_MADE = re.compile(rb"_target_:\s*['\"]?(?:pytorch_lightning|lightning)\.(?:\w+\.)*Trainer\b")
_HANDED = re.compile(rb"\bTrainer\(\s*\*\*(?:\w+\.)*trainer\b")
_UPGRADE = "utilities.upgrade_checkpoint"
#: What is told of ``pip install`` in a document: its releases, not what else to install.
_OUTDATED = "LF931"
#: The first minor with a program called ``fabric``.
_FABRIC = (2, 2)
_IN_TEXT = "a document is for people to read: say it there in the same words"
_IN_LIST = "each word of a list has quotes of its own: change it there by hand"
_CONFIG_OPTIONS = ("--config", "-c", "--trainer")


def _of_script(context: Context, source: Source) -> Iterator[Finding]:
    yield from _pins(context, source)
    yield from named(context, source)
    yield from spoken(context, source)


def spoken(context: Context, source: Source) -> Iterator[Finding]:
    """Findings at the commands of a script, but for what they install."""
    text = source.text
    for words in commands(text):
        yield from _of_command(context, source, text, words)


def _of_docker(context: Context, source: Source) -> Iterator[Finding]:
    yield from bases(context, source)
    yield from _of_script(context, source)
    for words in listed(source.text):
        for finding in _of_command(context, source, source.text, words):
            yield without_fix(finding, _IN_LIST)


def _pins(context: Context, source: Source) -> Iterator[Finding]:
    """What is wrong with ``pip install`` in the file."""
    if b"install" in source.data and b"lightning" in source.data and DOCKERFILE.find is not None:
        yield from DOCKERFILE.find(context, source)


def _of_document(context: Context, source: Source) -> Iterator[Finding]:
    """The commands in the blocks of a document, without their fixes."""
    for block in blocks(source):
        if not block.is_shell:
            continue
        # Blanks in front of the block keep every byte's place what it is in the whole text.
        held = re.sub(rb"[^\n]", b" ", source.data[: block.start]).decode()
        said = source.data[block.start : block.end].decode()
        body = held + re.sub(r"(?m)^(\s*)[$>] ", r"\1  ", said)
        yield from named(context, source, body)
        for words in commands(body):
            installed = [r for r in of_command(body, list(words)) if r.name in LIGHTNING]
            found = judged(context, source, installed) if installed else ()
            old = [finding for finding in found if finding.code == _OUTDATED]
            for finding in (*old, *_of_command(context, source, body, words)):
                yield without_fix(finding)


def without_fix(finding: Finding, why: str = _IN_TEXT) -> Finding:
    """A finding whose fix is a thing to do by hand, and why."""
    from dataclasses import replace

    title = f" ({finding.fix.title})" if finding.fix and finding.fix.title else ""
    reason = finding.reason if finding.fix is None else f"{why}{title}"
    return replace(finding, fix=None, reason=reason)


def _of_command(
    context: Context, source: Source, text: str, words: Sequence[Word]
) -> Iterator[Finding]:
    said = [word.text.lstrip("@-") if i == 0 else word.text for i, word in enumerate(words)]
    yield from _renamed(context, source, text, words, said)
    yield from started(context, source, text, words)
    for number, name in enumerate(said):
        if not name.endswith(".py"):
            continue
        script = script_of(context, source.path, name)
        if script is not None:
            yield from _of_flags(context, source, text, words[number + 1 :], script)
        return


def _renamed(
    context: Context, source: Source, text: str, words: Sequence[Word], said: list[str]
) -> Iterator[Finding]:
    """Programs of Lightning by their names of today."""
    minor = minor_of(context.settings.target)
    for at in range(len(said) - 2):
        if said[at : at + 3] == ["lightning", "run", "model"] and minor >= _FABRIC:
            message = "there is no program `lightning` any more: Fabric starts scripts itself"
            start = words[at].start + words[at].written.index("lightning")
            yield _finding(source, text, (start, words[at + 2].end), message, "fabric run")
    for at in range(len(said) - 1):
        module = said[at + 1]
        root = module.removesuffix(f".{_UPGRADE}")
        if said[at] != "-m" or root == module or root not in ROOTS or not words[at + 1].plain:
            continue
        wanted = _root(context)
        if wanted and wanted != root:
            message = f"the project imports {wanted}, and {root} is not installed with it"
            place = (words[at + 1].start, words[at + 1].end)
            yield _finding(source, text, place, message, f"{wanted}.{_UPGRADE}")


def _root(context: Context) -> str:
    """The module that the project imports Lightning from; empty where there are two or none."""
    from ..engine.namespaces import UNIFIED, distributions

    used = distributions(context.project)
    name = context.settings.namespace or (next(iter(used)) if len(used) == 1 else "")
    return f"{name}.pytorch" if name == UNIFIED else name


def _finding(source: Source, text: str, place: tuple[int, int], message: str, new: str) -> Finding:
    from ..rules.outdated_command import find as rule

    span = byte_span(text, *place)
    return source.finding(rule, span, message, fix=Fix(f"call {new}", (Edit(span, new),)))


def script_of(context: Context, near: Path, name: str) -> File | None:
    """The Python file of the project that a command runs; None where it may be any of several."""
    if "$" in name or "`" in name:
        return None
    parts = Path(name).parts
    parts = tuple(part for part in parts if part not in (".", ".."))
    fitting = [p for p in context.python if p.parts[-len(parts) :] == parts]
    beside = [p for p in fitting if near.parent in (p.parent, *p.parents)]
    chosen = fitting if len(fitting) == 1 else beside
    return context.project.file(chosen[0]) if len(chosen) == 1 else None


def _of_flags(
    context: Context, source: Source, text: str, words: Sequence[Word], script: File
) -> Iterator[Finding]:
    """Arguments of the Trainer for a script that takes them by their names."""
    from .flags import findings, flags

    is_hydra = _is_hydra(script) and _configures_trainer(context)
    if not is_hydra and not uses_lightning_cli(script):
        return
    found = flags(words, is_hydra=is_hydra)
    if not found:
        return
    doubt = ""
    if is_hydra:
        doubt = "the configuration of Hydra says the rest: see that both go together"
    elif any(w.text.partition("=")[0] in _CONFIG_OPTIONS for w in words):
        doubt = "the configuration file says the rest: see that both go together"
    yield from findings(context, source, text, found, doubt, is_hydra=is_hydra)


def _is_hydra(script: File) -> bool:
    return any(
        script.canonical(getattr(decorator, "func", decorator)) == "hydra.main"
        for function in script.tree.functions
        for decorator in getattr(function, "decorator_list", ())
    )


def _configures_trainer(context: Context) -> bool:
    """Whether ``trainer`` in the configuration surely is Lightning's."""
    raw = context.project.raw
    made = (_MADE.search(raw(p)) for p in context.others if p.suffix in (".yaml", ".yml"))
    return any(made) or any(_HANDED.search(raw(path)) for path in context.python)


def uses_lightning_cli(script: File) -> bool:
    """Whether a script takes the options of LightningCLI."""
    from ..rules._standing import uses_cli

    return uses_cli(script)


SCRIPT = Format("script", lambda n: bool(_SCRIPTS.fullmatch(n)), _WORDS, _of_script)
DOCUMENT = Format(
    "document",
    lambda n: bool(_DOCUMENTS.fullmatch(n)),
    (*_WORDS, *documents.WORDS),
    _of_document,
    documents.repair,
)
DOCKER = Format("dockerfile", DOCKERFILE.reads, (*DOCKERFILE.words, *_WORDS, *FROM), _of_docker)

FORMATS = (SCRIPT, DOCUMENT, DOCKER)
