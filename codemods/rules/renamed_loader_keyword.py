"""Loaders are passed to the Trainer by a keyword of an old release.

What it does
    Finds `fit`, `validate` and `test` of a Trainer called with `train_dataloader=`,
    `val_dataloader=`, `val_dataloaders=` (of `validate`) or `test_dataloaders=`, and writes
    today's keyword.

Why
    1.4 and 1.5 renamed them. 2.x raises `TypeError: got an unexpected keyword argument`.

Example
    ```python
    trainer.fit(model, train_dataloader=loader)
    trainer.test(model, test_dataloaders=loader)
    ```
    becomes
    ```python
    trainer.fit(model, train_dataloaders=loader)
    trainer.test(model, dataloaders=loader)
    ```

Fix safety
    Safe where the receiver is a Trainer for certain. Where today's keyword is there too, the call
    is told.

References
    lightning/pytorch/trainer/trainer.py (2.6.6), `Trainer.fit`, `Trainer.validate`, `Trainer.test`
    https://github.com/Lightning-AI/pytorch-lightning/pull/7431
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Edit, Fix, Span
from ._loading import is_trainer_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding

#: Old keyword to today's, by method.
_RENAMED = {
    "fit": {"train_dataloader": "train_dataloaders", "val_dataloader": "val_dataloaders"},
    "validate": {"val_dataloaders": "dataloaders", "val_dataloader": "dataloaders"},
    "test": {"test_dataloaders": "dataloaders", "test_dataloader": "dataloaders"},
}


@rule(
    "LF103",
    triggers=("train_dataloader", "val_dataloader", "test_dataloader"),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at the keywords."""
    del settings
    for call, func in file.tree.method_calls(*_RENAMED):
        renamed = _RENAMED[func.attr]
        old = [k for k in call.keywords if k.arg in renamed]
        if not old or not is_trainer_call(file, call):
            continue
        given = {k.arg for k in call.keywords}
        for keyword in old:
            assert keyword.arg is not None
            new = renamed[keyword.arg]
            start = file.span(keyword).start
            span = Span(start, start + len(keyword.arg.encode()))
            clash = new in given or sum(renamed[k.arg or ""] == new for k in old) > 1
            yield file.finding(
                rule,
                span,
                f"Trainer.{func.attr} has no argument {keyword.arg}; it is called {new}",
                fix=None if clash else Fix(f"call it {new}", (Edit(span, new),)),
                reason=f"{new} is given too: leave one of them away" if clash else None,
            )
