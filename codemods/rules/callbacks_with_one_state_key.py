"""Two callbacks of a Trainer save their states under one key.

What it does
    Finds lists of callbacks that a Trainer is given with two instances of one class of the project
    that has a `state_dict` and no `state_key` of its own.

Why
    `RuntimeError: Found more than one stateful callback of type …`, when the Trainer is made, since
    1.9. Before, the second state was lost.

Example
    ```python
    Trainer(callbacks=[Track("a"), Track("b")])     # told
    ```

Fix safety
    Told: what tells the instances apart has to be chosen.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/15634
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.rule import rule
from ._construction import class_of
from ._trainer_calls import trainer_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF920", triggers=("callbacks",), context=("rainer",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the second instance."""
    del settings
    for call in trainer_calls(file):
        given = call.value("callbacks")
        if call.home("callbacks") is not file:
            continue
        given = file.assigned(given) if isinstance(given, ast.Name) else given
        seen: list[Class] = []
        for element in given.elts if isinstance(given, (ast.List, ast.Tuple)) else ():
            cls = class_of(file, element)
            if cls is None or not cls.has(Role.CALLBACK):
                continue
            stateful = cls.method("state_dict") and not cls.method("state_key")
            if stateful and any(cls is other for other in seen):
                yield file.finding(
                    rule,
                    element,
                    f"two callbacks {cls.name} save their states under one key",
                    reason="give the class a property state_key that tells its instances apart",
                )
            seen.append(cls)
