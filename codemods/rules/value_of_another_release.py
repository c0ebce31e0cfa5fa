"""Something is read, or left to a default, that meant another thing in older releases.

What it does
    Finds, and tells: a `global_step` with several optimizers that is compared, divided or given to
    a method of `self`, `max_steps` of a Trainer that fits such a module, `current_epoch + 1` in
    `on_train_end`, counters that a test was to read from its checkpoint, file names with `step=0`,
    `default/version_…` of a TensorBoardLogger, the name of a WandbLogger, `wandb.run` before there
    is one, a ModelCheckpoint that compares without `monitor`, methods of TensorBoard on the default
    logger where nothing else speaks of tensorboard, the loss of the progress bar, and methods of
    tqdm on the default bar.

Why
    Nothing raises, or it raises far from where the reason is: numbers are twice what they were,
    files lie elsewhere, the best checkpoint is the last one.

Example
    ```python
    class Gan(LightningModule):
        def training_step(self, batch, batch_idx):
            if self.global_step % 100 == 0:     # told: counts two steps for each batch
                self.sample()
    ```

Fix safety
    Told: what is meant cannot be seen. Each is told only where the code shows that it relies on the
    old meaning. Safe for a `global_step` in a training step that steps all optimizers, where the
    project pins a release below 1.6: there it counted batches. Unsafe in what the step calls and
    in the other steps, which saw one less within an epoch.

References
    https://github.com/Lightning-AI/pytorch-lightning/pull/11805
    https://github.com/Lightning-AI/pytorch-lightning/pull/8578
    https://github.com/Lightning-AI/pytorch-lightning/pull/15532
    https://github.com/Lightning-AI/pytorch-lightning/pull/16349
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..engine.rule import rule
from ..model import Safety, Severity
from ._asked import is_required
from ._behaviour_values import CHECKS, boards
from ._step_counts import counts, limits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..engine.file import File
    from ..engine.rule import Rule
    from ..engine.settings import Settings
    from ..model import Finding
    from ._behaviour_values import Told


_OUTSIDE = "what is called outside of the training step too saw one less there"


@rule(
    "LF914",
    triggers=(
        *("global_step", "max_steps", "current_epoch", "step=0", "default/version_"),
        *("ModelCheckpoint", ".experiment.add_", "progress_bar_metrics", "get_metrics"),
        *("progress_bar_callback", "WandbLogger"),
    ),
    context=("lightning",),
)
def find(rule: Rule, file: File, settings: Settings) -> Iterator[Finding]:
    """Findings at what is read."""
    for read, number, fix in counts(file, settings):
        message = "global_step counts the steps of all optimizers since 1.6, no batches"
        way_out = f"divide it by the {number} steps of a batch: global_step // {number}"
        why = None if fix and fix.safety is Safety.SAFE else _OUTSIDE if fix else way_out
        yield file.finding(rule, read, message, fix=fix, reason=why, severity=Severity.WARNING)
    for limit, number in limits(file, settings):
        message = "max_steps counts the steps of all optimizers since 1.6, no batches"
        way_out = f"multiply it by the {number} steps of a batch: {file.text(limit)} * {number}"
        yield file.finding(rule, limit, message, reason=way_out, severity=Severity.WARNING)
    for check in (*CHECKS, *_without_board(file, settings)):
        for node, message, way_out in check(file):
            yield file.finding(rule, node, message, reason=way_out, severity=Severity.WARNING)


def _without_board(file: File, settings: Settings) -> Iterator[Callable[[File], Iterator[Told]]]:
    """The check of what only TensorBoard has, where the project does not ask for that."""
    if b".experiment.add_" not in file.source.data:
        return
    names = ("tensorboard", "tensorboardx")
    if not is_required(file.project, file.path, settings.root, names):
        yield boards
