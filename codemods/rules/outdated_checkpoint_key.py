"""A checkpoint is asked for a key that it does not have any more.

What it does
    Finds `checkpoint["callbacks"][ModelCheckpoint]`, whose keys are texts today, and keys at the
    top of a checkpoint that only old releases wrote: `checkpoint_callback_best_model_path`,
    `early_stop_callback_wait`, `amp_scaling_state` and others.

Why
    `KeyError`. Lightning migrates old checkpoints when it loads them, to keys of today.

Example
    ```python
    best = checkpoint["callbacks"][EarlyStopping]["best_score"]
    ```
    becomes
    ```python
    states = checkpoint["callbacks"].items()
    best = next(v for k, v in states if k.startswith("EarlyStopping"))["best_score"]
    ```

Fix safety
    Unsafe: in a file that a release before 1.5 wrote, and that is read with `torch.load`, the key
    is the class. Keys of the top are told.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/6886
    lightning/pytorch/utilities/migration/migration.py (2.6.6)
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.classes import Role, role_of_name
from ..engine.file import Defined
from ..engine.rule import rule
from ..model import Fix, Safety
from ._variables import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_STATE = 'it is in checkpoint["callbacks"], below a key that begins with the class'
_UPGRADE = "python -m lightning.pytorch.utilities.upgrade_checkpoint FILE rewrites old files"
#: Keys at the top of a checkpoint until 0.10 and 1.9, with where it is today.
_OLD = {
    **dict.fromkeys(
        (
            *("checkpoint_callback_best_model_score", "checkpoint_callback_best_model_path"),
            *("checkpoint_callback_best", "early_stop_callback_wait"),
            "early_stop_callback_patience",
        ),
        _STATE,
    ),
    **dict.fromkeys(
        ("amp_scaling_state", "native_amp_scaling_state"), 'it is in checkpoint["MixedPrecision"]'
    ),
}


@rule(
    "LF804",
    triggers=('"callbacks"', "'callbacks'", *_OLD),
    context=("lightning", "checkpoint", "ckpt"),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at subscripts."""
    del settings
    for node in file.tree.all(ast.Subscript):
        assert isinstance(node, ast.Subscript)
        key = literal(node.slice)
        is_read = isinstance(node.ctx, ast.Load)
        if isinstance(key, str) and key in _OLD and is_read and not _is_asked_for(file, key):
            message = f"{key} is no key of a checkpoint any more"
            yield file.finding(rule, node, message, reason=f"{_OLD[key]}; {_UPGRADE}")
        owner = node.value
        if isinstance(owner, ast.Subscript) and literal(owner.slice) == "callbacks":
            yield from _of_class(rule, file, node)


def _is_asked_for(file: File, key: str) -> bool:
    """Whether the code asks first whether a checkpoint has a key."""
    return any(
        isinstance(c, ast.Compare) and isinstance(c.ops[0], ast.In) and literal(c.left) == key
        for c in file.tree.all(ast.Compare)
    )


def _of_class(rule: Rule, file: File, node: ast.Subscript) -> Iterator[Finding]:
    meanings = file.meanings(node.slice)
    if len(meanings) != 1:
        return
    meaning = meanings[0]
    own = isinstance(meaning, Defined)
    if isinstance(meaning, str):
        name = meaning.rpartition(".")[2]
        if role_of_name(meaning) is not Role.CALLBACK:
            return
    elif isinstance(meaning.node, ast.ClassDef):
        name = meaning.node.name
        if not meaning.file.cls(meaning.node).has(Role.CALLBACK):
            return
    else:
        return
    message = f"the state of {name} is below a text, not below the class, since Lightning 1.5"
    key = quoted(file, node, name)
    fix = None
    if isinstance(node.ctx, ast.Load):
        owner = file.text(node.value)
        text = f"next(v for k, v in {owner}.items() if k.startswith({key}))"
        text = f"{owner}[{key}]" if own else text
        fix = Fix(f"write {text}", (file.replace(node, text),), Safety.UNSAFE)
    reason = "files that were written before 1.5 have the class there, until Lightning loads them"
    yield file.finding(rule, node, message, fix=fix, reason=reason)
