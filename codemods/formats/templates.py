"""Files that only become YAML when a template is filled in: their old names are told of."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from .compare import Text
from .nodes import Kind, Node
from .scalars import Style
from .trainers import OLD_NAMES, Found
from .virtual import Call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.source import Source
    from ..model import Finding
    from .format import Context

_KEY = re.compile(rf"^[ \t]*([\"']?)({'|'.join(sorted(OLD_NAMES))})\1[ \t]*:", re.MULTILINE)
_WHY = "the file does not parse as it stands (a template?); change it by hand"
TOO_LARGE = "the file is too large to be parsed; change it by hand"


def told(context: Context, source: Source, why: str = _WHY) -> Iterator[Finding]:
    """Findings without fixes at old names of Trainer arguments, in a file that is not parsed."""
    from .config import Look
    from .evidence import Evidence

    evidence = Evidence(context, source.path)

    text = source.text
    if "rainer" not in text or not evidence.lightning:
        return
    seen: set[str] = set()
    entries = []
    for match in _KEY.finditer(text):
        if match[2] in seen:
            continue
        seen.add(match[2])
        key = Node(Kind.SCALAR, match.start(2), match.end(2), match[2])
        entries.append((key, Node(Kind.ALIAS, match.end(2), match.end(2))))
    for key, value in entries:
        block = Node(Kind.MAPPING, key.start, key.end, entries=[(key, value)])
        call = Call(f"{evidence.namespace}.Trainer", key, block)
        look = Look(context, source, evidence, Text(text, Style(), None))
        for finding in look.at(Found(call, bar=why)):
            yield replace(finding, fix=None, reason=why)
