"""Hyperparameters are saved in a form that makes the checkpoint unreadable.

What it does
    Finds `self.save_hyperparameters()` that saves a namespace of `argparse` as one of the
    arguments, a configuration of OmegaConf, a path or a module, in projects that read checkpoints.

Why
    Lightning 2.6 reads checkpoints as torch does by default since 2.6, with `weights_only=True`:
    `UnpicklingError: Weights only load failed`. That goes for `load_from_checkpoint`, `ckpt_path=`
    and the Tuner, which reads a checkpoint of its own.

Example
    ```python
    class Net(LightningModule):
        def __init__(self, args):
            super().__init__()
            self.save_hyperparameters()
    ```
    becomes
    ```python
    add_safe_globals([Namespace])


    class Net(LightningModule):
        def __init__(self, args):
            super().__init__()
            self.save_hyperparameters()
    ```

Fix safety
    Unsafe: `add_safe_globals` came with torch 2.4. It lets older checkpoints be read as well, and
    `self.hparams` stays what it is. `vars(args)` would not do: the saved values could not be handed
    back to the argument. Told for everything else than a namespace.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/21072
    https://docs.pytorch.org/docs/stable/notes/serialization.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.classes import Role
from ..engine.imports import spell
from ..engine.rule import rule
from ..engine.statements import insert_before
from ..lightning.changes.row import minor
from ..model import Fix, Safety, Severity
from ._checkpoint_values import NAMESPACE, is_allowed, is_loaded, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.classes import Class
    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._checkpoint_values import Saved

_TRUSTED = "read trusted checkpoints with weights_only=False"
_WAYS_OUT = {
    "omegaconf.DictConfig": f"{_TRUSTED}, or save plain values",
    "omegaconf.ListConfig": f"{_TRUSTED}, or save plain values",
    "pathlib.Path": f"save the text of the path, or {_TRUSTED}",
    "torch.nn.Module": "leave it out by save_hyperparameters(ignore=[…]), and give it when loading",
}


@rule("LF802", triggers=("save_hyperparameters",))
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at calls."""
    if minor(settings.target) < (2, 6):
        return
    for definition in file.tree.classes:
        cls = file.cls(definition)
        if not cls.plays(Role.MODULE, Role.DATAMODULE):
            continue
        found = list(refused(cls))
        if found and is_loaded(file) and not is_allowed(file):
            yield from (_finding(rule, file, cls, saved) for saved in found)


def _finding(rule: Rule, file: File, cls: Class, saved: Saved) -> Finding:
    message = f"{saved.name} is saved as {saved.kind}, which is refused when the checkpoint is read"
    if saved.kind != NAMESPACE:
        way_out = _WAYS_OUT[saved.kind]
        return file.finding(rule, saved.call, message, reason=way_out, severity=Severity.WARNING)
    statement = next(s for s in file.tree.module.body if s.end_lineno >= cls.node.end_lineno)  # type: ignore[operator]
    allow = spell(file, statement, "torch.serialization.add_safe_globals")
    kind = spell(file, statement, NAMESPACE)
    edit = insert_before(file, statement, f"{allow.text}([{kind.text}])\n\n")
    fix = None
    if edit is not None:
        needs = (*allow.needs, *kind.needs)
        fix = Fix("let torch read namespaces", (edit,), Safety.UNSAFE, needs)
    return file.finding(
        rule,
        saved.call,
        message,
        fix=fix,
        reason="add_safe_globals([Namespace]) lets it be read, from torch 2.4 on",
        severity=Severity.WARNING,
    )
