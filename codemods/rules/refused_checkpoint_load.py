"""A checkpoint is read that holds more than torch reads by default.

What it does
    Finds `load_from_checkpoint` and `ckpt_path=` for modules and datamodules that save a
    configuration, a path or a module as hyperparameters, and `torch.load` of what is surely a
    checkpoint of Lightning, where `weights_only` is not given.

Why
    Lightning 2.6 does not read whole objects by itself any more, and torch does not since 2.6:
    `UnpicklingError: Weights only load failed`.

Example
    ```python
    net = Net.load_from_checkpoint(path)
    ```
    becomes
    ```python
    net = Net.load_from_checkpoint(path, weights_only=False)
    ```

Fix safety
    Unsafe: reading whole objects runs whatever code a file asks for, so it is for files that you
    trust.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/21072
    https://github.com/Lightning-AI/pytorch-lightning/issues/21757
    https://docs.pytorch.org/docs/stable/generated/torch.load.html
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..engine.arguments import Arguments
from ..engine.classes import Role
from ..engine.file import Defined
from ..engine.kinds import is_surely
from ..engine.rule import rule
from ..engine.values import infer
from ..lightning.changes.row import minor
from ..model import Fix, Safety, Severity
from ._checkpoint_values import NAMESPACE, is_allowed, refused
from ._construction import class_of
from ._variables import UNKNOWN, literal, loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

_STAGES = frozenset({"fit", "validate", "test", "predict"})
#: What only checkpoints of Lightning hold.
_KEYS = frozenset(
    {
        *("hyper_parameters", "datamodule_hyper_parameters", "callbacks", "hparams_name"),
        *("pytorch-lightning_version", "loops", "datamodule_hparams_name"),
    }
)
_DOUBT = "it lets a file run code when it is read: only for files that you trust"


@rule(
    "LF803",
    triggers=("load_from_checkpoint", "ckpt_path", "torch.load", "import load"),
    context=("load_from_checkpoint", "ckpt_path", ".ckpt", *sorted(_KEYS)),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls."""
    if minor(settings.target) < (2, 6):
        return
    for call in file.tree.calls:
        if any(k.arg in (None, "weights_only", "pickle_module") for k in call.keywords):
            continue
        message = _of_lightning(file, call) or _of_torch(file, call)
        if not message:
            continue
        edits = Arguments(file, call).change({"": [("weights_only", "False")]})
        yield file.finding(
            rule,
            call,
            message,
            fix=Fix("read whole objects", edits, Safety.UNSAFE),
            reason=_DOUBT,
            severity=Severity.WARNING,
        )


def _of_lightning(file: File, call: ast.Call) -> str:
    func = call.func
    if not isinstance(func, ast.Attribute):
        return ""
    cls = None
    if func.attr == "load_from_checkpoint":
        cls = _class(file, func.value)
    elif func.attr in _STAGES and any(
        k.arg == "ckpt_path" and literal(k.value) is not None for k in call.keywords
    ):
        model = next((k.value for k in call.keywords if k.arg == "model"), None)
        model = call.args[0] if call.args else model
        if model is not None and is_surely(infer(file, func.value), Role.TRAINER.value):
            cls = class_of(file, model)
    if cls is None:
        return ""
    found = next((s for owner in cls.mro for s in refused(owner) if s.kind != NAMESPACE), None)
    if found is None or is_allowed(cls.file):
        return ""
    return f"{cls.name} saves {found.name} as {found.kind}, so that its checkpoints are refused"


def _class(file: File, node: ast.expr) -> Class | None:
    meanings = file.meanings(node)
    made = meanings[0] if len(meanings) == 1 else None
    if isinstance(made, Defined) and isinstance(made.node, ast.ClassDef):
        return made.file.cls(made.node)
    return None


def _of_torch(file: File, call: ast.Call) -> str:
    if not call.args or file.canonical(call.func) != "torch.load":
        return ""
    path = literal(call.args[0])
    named = isinstance(path, str) and path.endswith(".ckpt")
    keys = {k for k in _read(file, call) if k in _KEYS}
    if not keys and not named:
        return ""
    if is_allowed(file):
        return ""
    what = f"{min(keys)} of it is read" if keys else "it is a .ckpt file"
    return f"a checkpoint of Lightning ({what}) may hold more than torch reads by default"


def _read(file: File, node: ast.expr) -> Iterator[str]:
    """The keys that are read of a dict, there and through the variable that it is put in."""
    parent = file.tree.parents[node]
    if isinstance(parent, ast.Subscript) and parent.value is node:
        key = literal(parent.slice)
        if isinstance(key, str):
            yield key
    elif isinstance(parent, ast.Attribute) and parent.attr == "get":
        above = file.tree.parents[parent]
        key = literal(above.args[0]) if isinstance(above, ast.Call) and above.args else UNKNOWN
        if isinstance(key, str):
            yield key
    elif isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        target = parent.targets[0]
        found = file.tree.scope_of(node).find(target.id) if isinstance(target, ast.Name) else None
        if found is not None and isinstance(target, ast.Name):
            for use in loads(file, found[0], target.id):
                above = file.tree.parents[use]
                if not isinstance(above, ast.Assign):
                    yield from _read(file, use)
