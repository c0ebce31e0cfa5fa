"""`save` of Fabric gets what is to be saved first, and then where.

What it does
    Finds calls `self.save(state, path)` of a `LightningLite` or `Fabric`, and changes the places of
    both arguments. `content=` and `filepath=` get today's names, in `load` too.

Why
    `LightningLite` took the content first; `Fabric` takes the path first since 2.0, and raises
    `AttributeError: 'str' object has no attribute 'items'` when the first checkpoint is written.

Example
    ```python
    class Loop(Fabric):
        def run(self):
            self.save({"model": model.state_dict()}, "last.pt")
    ```
    becomes
    ```python
    class Loop(Fabric):
        def run(self):
            self.save("last.pt", {"model": model.state_dict()})
    ```

Fix safety
    Safe where the first argument is a dict or the second a text, and for the old names. Other calls
    are taken for today's.

References
    pytorch_lightning/lite/lite.py (1.5.10) and lightning/fabric/fabric.py (2.6.6), `save`
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..lightning.lineage import inherits
from ..lightning.objects import CLASSES, FABRIC
from ..model import Fix
from ._members import uses
from ._variables import on_its_own

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Edit, Finding

_TODAY = {"content": "state", "filepath": "path"}
_ORDER = {"save": "the path first and then the state", "load": "a path"}


@rule("LF617", triggers=(".save", ".load"), context=("Lite", "abric"))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the calls."""
    if minor(settings.target) < (2, 0):
        return
    for use in uses(file, ("save", "load")):
        call = file.tree.parents[use.node]
        if use.guessed or not isinstance(call, ast.Call) or call.func is not use.node:
            continue
        if not any(inherits(owner, CLASSES[FABRIC]) for owner in use.owners):
            continue
        edits = _exchanged(file, call) if use.name == "save" else _renamed(file, call)
        if edits:
            message = f"{use.name} of Fabric takes {_ORDER[use.name]} since Lightning 2.0"
            yield file.finding(rule, call, message, fix=Fix("write it so", tuple(edits)))


def _renamed(file: File, call: ast.Call) -> list[Edit]:
    """The edits that give the old names today's."""
    given = Arguments(file, call)
    named = {name: value for name in _TODAY if (value := given.value(name)) is not None}
    if not named:
        return []
    changes = {name: [(_TODAY[name], file.text(value))] for name, value in named.items()}
    return list(given.change(changes))


def _exchanged(file: File, call: ast.Call) -> list[Edit]:
    """The edits that put the path in front of the state."""
    if any(isinstance(arg, ast.Starred) for arg in call.args):
        return []
    named = {k.arg for k in call.keywords}
    if len(call.args) == 1 and "filepath" in named:
        state, path = call.args[0], next(k.value for k in call.keywords if k.arg == "filepath")
        text = f"{on_its_own(file.text(path))}, {on_its_own(file.text(state))}"
        return [file.replace(call, f"{file.text(call.func)}({text})")]
    if len(call.args) != 2 or named:  # noqa: PLR2004 - the state and the path
        return _renamed(file, call)
    state, path = call.args
    if not is_surely(infer(file, state), "dict") and not is_surely(infer(file, path), "str"):
        return []
    if is_surely(infer(file, state), "str"):
        return []
    return [file.replace(state, file.text(path)), file.replace(path, file.text(state))]
