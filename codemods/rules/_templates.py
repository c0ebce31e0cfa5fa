"""New expressions from the templates of rows."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from ..engine.imports import Spelled, spell
from ..lightning.names import canonical

if TYPE_CHECKING:
    from ..engine.file import File
    from ..model import Need

#: A name to import, in a template.
NAME = re.compile(r"<([\w.]+)>")
#: What was written for mixed precision in 1.x, by the source text, and today's.
_PRECISION = {
    "16": '"16-mixed"',
    '"16"': '"16-mixed"',
    '"bf16"': '"bf16-mixed"',
    "precision=16": 'precision="16-mixed"',
    'precision="16"': 'precision="16-mixed"',
    'precision="bf16"': 'precision="bf16-mixed"',
}


def fill(file: File, node: ast.expr, template: str, first: str | None = None) -> Spelled:
    """The text of a template at ``node``, and the imports that it takes.

    ``{args}`` are the arguments of the call that the node is, ``{0}`` is ``first``, else the first
    argument, ``{rest}`` are the arguments behind the first.
    """
    needs: list[Need] = []

    def spelled(match: re.Match[str]) -> str:
        found = spell(file, node, canonical(match.group(1)))
        needs.extend(found.needs)
        return found.text

    arguments: list[str] = []
    if isinstance(node, ast.Call):
        parts = [(file.span(part), file.text(part)) for part in (*node.args, *node.keywords)]
        arguments = [text for _, text in sorted(parts)]
    text = NAME.sub(spelled, template)
    if first is None:
        first = arguments[0] if arguments else ""
    for place, value in (
        ("{precision}", _PRECISION.get(first.replace("'", '"'), first)),
        ("{0}", first),
        ("{args}", ", ".join(arguments)),
        ("{rest}", ", ".join(arguments[1:])),
    ):
        text = text.replace(f", {place}", f", {value}" if value else "").replace(place, value)
    return Spelled(text, tuple(dict.fromkeys(needs)))
