"""Whether every release that the code has to run on takes what a fix writes."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..lightning import api
from ..lightning.changes.row import minor
from ..lightning.names import canonical, is_lightning
from ..lightning.values import SINCE
from . import imports
from .references import references
from .source import Source
from .tree import UnparsableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..model import Finding
    from .file import File
    from .settings import Settings


def admitted(file: File, finding: Finding, settings: Settings) -> Finding:
    """The finding; without its fix where that writes what a release does not have yet.

    The newest release needs no look: rules write what it takes.
    """
    releases = settings.asked
    if finding.fix is None or not releases:
        return finding
    fix = finding.fix
    try:
        edits = [*fix.edits, *imports.add(file, fix.needs)]
        text = file.source.apply(edits)
        after = type(file)(file.project, Source.of(file.path, text))
    except (UnparsableError, ValueError):
        return finding
    for release in releases:
        lacks = _lacking(after, release) - _lacking(file, release)
        if lacks:
            names = " and ".join(sorted(lacks))
            reason = f"{fix.title} needs {names}, which Lightning {release} does not have"
            return replace(finding, fix=None, reason=reason)
    return finding


def _lacking(file: File, release: str) -> set[str]:
    """What a file uses and a release does not offer: names, arguments, values."""
    return {*_names(file, release), *_arguments(file, release)}


def _names(file: File, release: str) -> Iterator[str]:
    for reference in references(file):
        path = reference.path
        if is_lightning(path) and api.state(path, release) > api.State.DEPRECATED:
            owner = path.rpartition(".")[0]
            if api.kind(owner, release) is not api.Kind.CLASS:
                yield path


def _arguments(file: File, release: str) -> Iterator[str]:
    for call in file.tree.calls:
        name = file.canonical(call.func)
        if name is None or not is_lightning(name):
            continue
        signature = api.signature(canonical(name), release)
        if signature is None:
            continue
        for keyword in call.keywords:
            if keyword.arg is None:
                continue
            last = name.rpartition(".")[2]
            if not signature.takes(keyword.arg):
                yield f"{last}({keyword.arg}=)"
            value = keyword.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                since = SINCE.get(keyword.arg, {}).get(value.value)
                if since is not None and minor(since) > minor(release):
                    yield f"{keyword.arg}={value.value!r}"
