"""Spelling of Lightning's names in the distribution that the code uses already.

``pytorch_lightning`` and ``lightning.pytorch`` are two packages with two sets of classes; a file
that imports from both breaks ``isinstance`` checks inside the Trainer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.imports import Spelled, spell

if TYPE_CHECKING:
    import ast

    from ..engine.file import File

_STANDALONE = {
    "lightning.pytorch": "pytorch_lightning",
    "lightning.fabric": "lightning_fabric",
}


def spell_lightning(file: File, at: ast.AST, name: str) -> Spelled:
    """How to write a canonical Lightning name at a node (see ``spell``)."""
    spelled = spell(file, at, name)
    if not spelled.needs or not _uses_standalone(file):
        return spelled
    for unified, standalone in _STANDALONE.items():
        if name.startswith(unified + "."):
            text = spelled.text.replace(unified + ".", standalone + ".", 1)
            needs = tuple(
                replace(n, module=standalone + n.module[len(unified) :]) for n in spelled.needs
            )
            return Spelled(text, needs)
    return spelled


def _uses_standalone(file: File) -> bool:
    """Whether the file, or else the files of the run, import the stand-alone package."""
    own = _tops(file)
    if own & {"lightning", "pytorch_lightning", "lightning_fabric"}:
        return "lightning" not in own
    others = file.project.holding(b"pytorch_lightning")
    return any("pytorch_lightning" in _tops(other) for other in others)


def _tops(file: File) -> set[str]:
    return {(binding.target or "").partition(".")[0] for binding in file.imports}
