"""A checkpoint that the project names was written by an old release of Lightning.

What it does
    Looks at the `.ckpt` files that texts in the code, command lines and config files name, where
    they are there: which release wrote them, and whether torch and the target read what they hold.
    The file is not unpickled for that, so that nothing in it can run.

Why
    Lightning upgrades an old checkpoint in memory each time that it is loaded. What holds more than
    tensors, numbers and texts (`argparse.Namespace`, the classes of callbacks before 1.5) is not
    read by default since 2.6: `UnpicklingError: Weights only load failed`. A file that names a
    class which is gone cannot be read at all.

Example
    ```python
    net = Net.load_from_checkpoint("models/2021.ckpt")
    ```
    becomes, without a change of the code, quicker and free of warnings by
    ```text
    lfix checkpoint models/2021.ckpt
    ```

Fix safety
    Told: `lfix checkpoint` writes the upgraded file beside the original, which it keeps.

References
    lightning/pytorch/utilities/migration/migration.py (2.6.6)
    https://github.com/Lightning-AI/pytorch-lightning/pull/21072
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.rule import rule
from ._checkpoint_files import ENDING, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding


@rule("LF805", triggers=(ENDING,))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at texts that name a file."""
    for node in file.tree.all(ast.Constant):
        assert isinstance(node, ast.Constant)
        parent = file.tree.parents[node]
        if not isinstance(node.value, str) or isinstance(parent, (ast.JoinedStr, ast.Expr)):
            continue
        found = verdict(file.project, file.source.path, node.value, settings)
        if found is not None:
            yield file.finding(
                rule, node, found.message, reason=found.reason, severity=found.severity
            )
