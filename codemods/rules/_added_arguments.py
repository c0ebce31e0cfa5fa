"""Arguments that make a renamed class do what the old one did."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..model import Safety

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..engine.file import File
    from ..lightning.changes.row import Moved
    from ..model import Fix


def with_arguments(file: File, fix: Fix, names: Sequence[ast.expr], row: Moved) -> Fix:
    """The fix, with the arguments of the row put into every call of the old name.

    It is unsafe where the name does something else than being called: there they would be missing.
    """
    if not row.adds:
        return fix
    edits = list(fix.edits)
    only_called = True
    for name in names:
        call = file.tree.parents.get(name)
        if not isinstance(call, ast.Call) or call.func is not name:
            only_called = False
            continue
        arguments = Arguments(file, call)
        missing = [(key, value) for key, value in row.adds if key not in arguments]
        edits += arguments.change({"": missing}) if missing else ()
    return replace(fix, edits=tuple(edits), safety=fix.safety if only_called else Safety.UNSAFE)
