"""A servable module lacks methods without which it cannot be made.

What it does
    Finds subclasses of `ServableModule` that do not define all of `configure_payload`,
    `configure_serialization`, `serve_step` and `configure_response`.

Why
    They are abstract: since 2.0 a class that lacks one is a `TypeError` when it is made.

Example
    ```python
    class Served(ServableModule):
        def serve_step(self, x):
            return {"y": self(x)}
    ```

Fix safety
    Only told: what goes over the wire is the author's to say.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/17000
    lightning/pytorch/serve/servable_module.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_METHODS = ("configure_payload", "configure_serialization", "serve_step", "configure_response")


@rule("LF212", triggers=("ServableModule",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the classes."""
    del settings
    for cls in file.classes:
        if cls.unknown_bases or not _is_servable(cls):
            continue
        missing = [name for name in _METHODS if cls.method(name) is None]
        if not missing or file.project.heirs(cls) or _is_abstract(cls):
            continue
        start = file.source.offset(cls.node.lineno, cls.node.col_offset)
        head = file.source.data[start:].index(cls.name.encode()) + len(cls.name.encode())
        message = f"{cls.name} cannot be made: a ServableModule has to have {', '.join(missing)}"
        way_out = f"define {', '.join(f'{name}(self)' for name in missing)}"
        yield file.finding(rule, Span(start, start + head), message, reason=way_out)


def _is_servable(cls: Class) -> bool:
    return any(
        name.startswith("lightning.") and name.endswith(".ServableModule")
        for name in cls.foreign_bases
    )


def _is_abstract(cls: Class) -> bool:
    return any(
        getattr(d, "attr", getattr(d, "id", "")) == "abstractmethod"
        for function in cls.methods.values()
        for d in function.decorator_list
        if isinstance(d, (ast.Name, ast.Attribute))
    )
